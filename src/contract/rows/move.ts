import { MOVE_STATES, MOVE_WAITING_FOR } from '../moves.ts';
import { count, figure, flag, id, listOf, nullable, objectOf, oneOf, text, time } from './carriers.ts';
import { DIAGNOSTIC } from './entity.ts';
import type { Rows } from './row.ts';

/** A plot on its way. */
export const ACTIVE_MOVE = {
  /** The file as it was before. */
  plot: text,
  from: text,
  to: text,
  size: count,
  /** Percent of its bytes that are written. */
  progress: figure,
  bytes_per_s: nullable(count),
  eta: nullable(time),
} as const;

/** `B/move/<move>`: each key has a plain topic. */
export const MOVE_ROWS = {
  id: { is: id, topic: true, says: 'its id' },
  title: { is: text, topic: true, says: 'how it is shown' },
  state: {
    is: oneOf(MOVE_STATES),
    topic: true,
    says: '`blocked`: a file has failed three times and is left alone until somebody looks after it',
  },
  enabled: {
    is: flag,
    topic: true,
    says: 'false: it begins nothing more',
    entity: { platform: 'switch', name: 'Enabled', icon: 'mdi:robot' },
  },
  paused: {
    is: flag,
    topic: true,
    says: 'what is on its way stands still, and it begins nothing more',
    entity: { platform: 'switch', name: 'Paused', icon: 'mdi:pause-circle-outline' },
  },
  waiting_for: { is: oneOf(MOVE_WAITING_FOR), topic: true, says: 'what keeps its next file' },
  waiting_text: { is: text, topic: true, says: 'the same in a sentence, naming limit, room or disk' },
  queue: {
    is: count,
    topic: true,
    says: 'files that wait',
    entity: {
      ...{ platform: 'sensor', key: 'files_waiting', name: 'Files waiting', unit_of_measurement: 'files' },
      ...{ state_class: 'measurement', icon: 'mdi:tray-full' },
    },
  },
  queue_bytes: { is: count, topic: true, says: 'their bytes' },
  active: {
    is: listOf(objectOf(ACTIVE_MOVE)),
    topic: true,
    says: 'files on their way; on the topic their number',
  },
  bytes_per_s: {
    is: nullable(count),
    topic: true,
    says: 'how fast they are written, all together; renewed once a minute; null while none is',
    entity: {
      ...{ platform: 'sensor', key: 'speed', name: 'Speed', device_class: 'data_rate' },
      ...{ unit_of_measurement: 'MiB/s', state_class: 'measurement', suggested_display_precision: 0 },
      ...{ shows: 'mebibytes', icon: 'mdi:speedometer' },
    },
  },
  moved: {
    is: count,
    topic: true,
    says: 'files that have arrived, in all',
    entity: {
      ...{ platform: 'sensor', key: 'moved_files', name: 'Moved files', unit_of_measurement: 'files' },
      ...{ state_class: 'total_increasing', icon: 'mdi:truck-check-outline' },
    },
  },
  moved_bytes: { is: count, topic: true, says: 'their bytes' },
  failures: { is: count, topic: true, says: 'tries that have failed since the last file arrived' },
  last_error: {
    is: nullable(text),
    topic: true,
    says: 'why the last of these failed; null since a file has arrived',
    entity: {
      ...{ platform: 'sensor', name: 'Last error', shows: 'head' },
      ...DIAGNOSTIC,
      icon: 'mdi:message-alert-outline',
    },
  },
} as const satisfies Rows;
