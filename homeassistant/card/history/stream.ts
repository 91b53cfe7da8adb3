import type { HistoryMessage, HomeAssistant } from '../homeassistant.ts';
import { type Tracks, withMessage } from './tracks.ts';

const MS_PER_HOUR = 3_600_000;

/** Which entities' past is wanted: the attributes of some of them tell, too. */
export interface Wanted {
  withAttributes: readonly string[];
  statesOnly: readonly string[];
  hours: number;
}

/** Entities' past, and what comes, over Home Assistant's own connection. */
export class HistoryStream {
  tracks: Tracks = new Map();
  readonly #changed: () => void;
  #wanted = '';
  #ends: (() => void)[] = [];

  constructor(changed: () => void) {
    this.#changed = changed;
  }

  /** Follows these entities; the same ones again: goes on. */
  follow(hass: HomeAssistant, wanted: Wanted): void {
    const told = JSON.stringify(wanted);
    if (told === this.#wanted) return;
    this.stop();
    this.#wanted = told;
    this.#subscribe(hass, wanted.withAttributes, wanted.hours, false);
    this.#subscribe(hass, wanted.statesOnly, wanted.hours, true);
  }

  stop(): void {
    this.#wanted = '';
    for (const end of this.#ends.splice(0)) end();
  }

  /** A failure leaves the past empty: what is now is drawn all the same. */
  #subscribe(hass: HomeAssistant, entity_ids: readonly string[], hours: number, bare: boolean): void {
    if (entity_ids.length === 0) return;
    let over = false;
    const subscription = hass.connection.subscribeMessage<HistoryMessage>(
      (message) => {
        if (over) return;
        this.tracks = withMessage(this.tracks, message, Date.now() - hours * MS_PER_HOUR);
        this.#changed();
      },
      {
        ...{ type: 'history/stream', entity_ids },
        start_time: new Date(Date.now() - hours * MS_PER_HOUR).toISOString(),
        ...{ minimal_response: bare, no_attributes: bare, significant_changes_only: false },
      },
    );
    this.#ends.push(() => {
      over = true;
      subscription.then((end) => end()).catch(() => {});
    });
    subscription.catch((error: unknown) => console.warn('plot2mqtt: no history', error));
  }
}
