import { topics } from '../../contract/topics.ts';
import type { RemoteFire } from '../../engine/model/remote-fire.ts';
import type { MqttService } from '../../mqtt/service.ts';
import type { Logger } from '../../util/log.ts';

export interface RemoteFiresOptions {
  mqtt: Pick<MqttService, 'keep' | 'giveUp'>;
  /** The broker has it. */
  delivered(id: string): void;
  log: Logger;
}

/** Fires named events at other daemons on the same broker (contract, section 13). */
export class RemoteFires {
  readonly #options: RemoteFiresOptions;

  constructor(options: RemoteFiresOptions) {
    this.#options = options;
  }

  /** Sends it until the broker has it; the other daemon takes what comes twice once, by its id. `null`: given up. */
  fire(id: string, fire: RemoteFire | null): void {
    const { mqtt, delivered, log } = this.#options;
    if (fire === null) {
      mqtt.giveUp(id);
      return log.warn({ id }, 'A named event for another daemon is given up: too many wait for the broker');
    }
    const message = {
      topic: topics(fire.target).fire(fire.name),
      payload: JSON.stringify({ transaction: id }),
    };
    mqtt.keep(id, message, () => delivered(id));
  }
}
