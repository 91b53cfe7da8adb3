import { type Gate, openOr } from './gate.ts';

/** Rules of `disks`: what the last look at the directories of a job was held back by, where each was. */
export const disk: Gate = {
  name: 'disk',
  keeps: true,
  automaticOnly: false,
  looked: true,
  ask(_world, { held_by_disks: text }) {
    return openOr(text !== null, text ?? 'no rule of disks is known to hold it back: each start looks');
  },
};
