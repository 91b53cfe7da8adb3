# Writes states of the past into the database of a Home Assistant of a test, as its recorder does: what nobody can wait
# for. Arguments: the database. Input: {"<entity id>": [{"s": state, "a": attributes, "lu": seconds}, …]}, oldest first.
import json
import sqlite3
import sys
import time

past = json.load(sys.stdin)
database = sqlite3.connect(sys.argv[1], timeout=60)


def meta_of(entity):
    """Which the recorder makes, with the first state that it writes: some seconds after that state came."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        row = database.execute("SELECT metadata_id FROM states_meta WHERE entity_id = ?", (entity,)).fetchone()
        if row:
            return row[0]
        time.sleep(0.2)
    raise SystemExit(f"the recorder knows no {entity}")


metas = {entity: meta_of(entity) for entity in past}
with database:
    for entity, states in past.items():
        meta = metas[entity]
        # What it didn't know before anything came: with a past it did.
        unknown = "state IN ('unknown', 'unavailable')"
        database.execute(f"DELETE FROM states WHERE metadata_id = ? AND {unknown}", (meta,))
        # The logbook passes over states that come after none.
        before = None
        for state in states:
            attributes = database.execute(
                "INSERT INTO state_attributes (hash, shared_attrs) VALUES (?, ?)",
                (None, json.dumps(state.get("a", {}))),
            ).lastrowid
            before = database.execute(
                "INSERT INTO states (metadata_id, state, attributes_id, last_updated_ts, old_state_id, origin_idx)"
                " VALUES (?, ?, ?, ?, ?, 0)",
                (meta, state["s"], attributes, state["lu"], before),
            ).lastrowid
