import type { Random } from '../support/random.ts';
import type { Recording } from './recordings.ts';

/** Something that befell a file, and the words for it. */
export interface Damage {
  file: string;
  what: string;
}

/** Stands for a directory of this name: nothing can be read there, as on a disk that fails. */
export const DIRECTORY = Buffer.from('a directory');

type Files = Map<string, Buffer>;
type Act = (bytes: Buffer, random: Random) => { bytes: Buffer | null; what: string };

const ACTS: readonly [Act, ...Act[]] = [
  flip,
  flip,
  flip,
  cut,
  zeros,
  appended,
  emptied,
  missing,
  lineGone,
  doubled,
];

/** Damages one or two of the files of a recording. */
export function damaged(recording: Recording, random: Random): { files: Files; damages: Damage[] } {
  const files = new Map(recording.files);
  const damages: Damage[] = [];
  const times = random.next() < 0.6 ? 1 : 2;
  for (let time = 0; time < times; time += 1) {
    // The state's own files are more interesting than a plotter's log.
    const all = [...files.keys()];
    const wantsOwn = random.next() < 0.65;
    const own = all.filter((each) => isOwn(each) === wantsOwn);
    const names = own.length > 0 ? own : all;
    const name = names[random.between(0, names.length - 1)];
    const bytes = name === undefined ? undefined : files.get(name);
    if (name === undefined || bytes === undefined) continue;
    if (isOwn(name) && random.next() < 0.02) {
      files.set(name, DIRECTORY);
      damages.push({ file: name, what: 'a directory in its place' });
    } else if (random.next() < 0.15) damages.push(exchange(files, recording.older, name, random));
    else {
      const { bytes: after, what } = random.pick(ACTS)(bytes, random);
      if (after === null) files.delete(name);
      else files.set(name, after);
      damages.push({ file: name, what });
    }
  }
  return { files, damages };
}

function isOwn(name: string): boolean {
  return /^(state|journal|instance|history)/.test(name);
}

/** An older version of the same file, or another one in its place. */
function exchange(files: Files, older: Files, name: string, random: Random): Damage {
  const names = [...files.keys()].filter(isOwn);
  const other = names[random.between(0, names.length - 1)];
  const before = older.get(name);
  if (before !== undefined && (random.next() < 0.6 || other === undefined)) {
    files.set(name, before);
    return { file: name, what: 'an older version' };
  }
  const [own, others] = [files.get(name), files.get(other ?? name)];
  if (own && others) files.set(name, others).set(other ?? name, own);
  return { file: name, what: `exchanged with ${other}` };
}

function flip(bytes: Buffer, random: Random) {
  const copy = Buffer.from(bytes);
  const times = random.pick([1, 1, 1, 2, 5]);
  for (let time = 0; time < times && copy.length > 0; time += 1) {
    const at = random.between(0, copy.length - 1);
    copy[at] = (copy[at] ?? 0) ^ (1 << random.between(0, 7));
  }
  return { bytes: copy, what: `${times} bits flipped` };
}

function cut(bytes: Buffer, random: Random) {
  const length = random.between(0, bytes.length);
  return { bytes: bytes.subarray(0, length), what: `cut at ${length} of ${bytes.length}` };
}

function zeros(bytes: Buffer, random: Random) {
  const copy = Buffer.from(bytes);
  const from = random.between(0, copy.length);
  const to = Math.min(copy.length, from + random.pick([1, 16, 512, 4096]));
  return { bytes: copy.fill(0, from, to), what: `zeros from ${from} to ${to}` };
}

function appended(bytes: Buffer, random: Random) {
  const more = random.pick([Buffer.alloc(512), Buffer.from('garbage\n'), Buffer.from('{"crc":"')]);
  return { bytes: Buffer.concat([bytes, more]), what: `${more.length} bytes appended` };
}

function emptied() {
  return { bytes: Buffer.alloc(0), what: 'emptied' };
}

function missing() {
  return { bytes: null, what: 'missing' };
}

function lineGone(bytes: Buffer, random: Random) {
  const lines = bytes.toString('latin1').split('\n');
  const at = random.between(0, Math.max(0, lines.length - 2));
  return { bytes: Buffer.from(lines.toSpliced(at, 1).join('\n'), 'latin1'), what: `line ${at + 1} gone` };
}

function doubled(bytes: Buffer, random: Random) {
  const lines = bytes.toString('latin1').split('\n');
  const at = random.between(0, Math.max(0, lines.length - 2));
  const twice = lines.toSpliced(at, 0, lines[at] ?? '');
  return { bytes: Buffer.from(twice.join('\n'), 'latin1'), what: `line ${at + 1} doubled` };
}
