# Writes states of the past into the database of a Home Assistant of a test, as its recorder does: what nobody can wait
# for. Arguments: the database. Input: {"<entity id>": [{"s": state, "a": attributes, "lu": seconds}, …]}, oldest first.
import json
import sqlite3
import sys

past = json.load(sys.stdin)
database = sqlite3.connect(sys.argv[1], timeout=60)
with database:
    for entity, states in past.items():
        database.execute("INSERT OR IGNORE INTO states_meta (entity_id) VALUES (?)", (entity,))
        (meta,) = database.execute("SELECT metadata_id FROM states_meta WHERE entity_id = ?", (entity,)).fetchone()
        for state in states:
            attributes = database.execute(
                "INSERT INTO state_attributes (hash, shared_attrs) VALUES (?, ?)",
                (None, json.dumps(state.get("a", {}))),
            ).lastrowid
            database.execute(
                "INSERT INTO states (metadata_id, state, attributes_id, last_updated_ts, origin_idx) VALUES (?, ?, ?, ?, 0)",
                (meta, state["s"], attributes, state["lu"]),
            )
