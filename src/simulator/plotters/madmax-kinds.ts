import type { Flag } from '../flags.ts';

const MADMAX_FLAGS: Flag[] = [
  { name: 'k', flags: ['-k', '--size'], type: 'integer' },
  { name: 'port', flags: ['-x', '--port'], type: 'integer' },
  { name: 'id', flags: ['-i', '--id'], type: 'text' },
  { name: 'count', flags: ['-n', '--count'], type: 'integer' },
  { name: 'threads', flags: ['-r', '--threads'], type: 'integer' },
  { name: 'buckets', flags: ['-u', '--buckets'], type: 'integer' },
  { name: 'buckets3', flags: ['-v', '--buckets3'], type: 'integer' },
  { name: 'tmp', flags: ['-t', '--tmpdir'], type: 'text' },
  { name: 'tmp2', flags: ['-2', '--tmpdir2'], type: 'text' },
  { name: 'final', flags: ['-d', '--finaldir'], type: 'text' },
  { name: 'stage', flags: ['-s', '--stagedir'], type: 'text' },
  { name: 'wait', flags: ['-w', '--waitforcopy'], type: 'switch' },
  { name: 'pool', flags: ['-p', '--poolkey'], type: 'text' },
  { name: 'contract', flags: ['-c', '--contract'], type: 'text' },
  { name: 'farmer', flags: ['-f', '--farmerkey'], type: 'text' },
  { name: 'toggle', flags: ['-G', '--tmptoggle'], type: 'switch' },
  { name: 'direct', flags: ['-D', '--directout'], type: 'switch' },
  { name: 'unique', flags: ['-Z', '--unique'], type: 'switch' },
  { name: 'rmulti2', flags: ['-K', '--rmulti2'], type: 'integer' },
  { name: 'version', flags: ['--version'], type: 'switch' },
  { name: 'help', flags: ['--help'], type: 'switch' },
];

/** Which of the programs that take nearly the same arguments it is. */
export interface MadmaxKind {
  flags: Flag[];
  /** What it says of `--version`. */
  version: string;
  /** Compressed plots: the level where none is given. */
  level?: number;
  /** It works in memory, but for the plot, unless it is given further temporary directories. */
  inMemory?: true;
}

export const MADMAX: MadmaxKind = { flags: MADMAX_FLAGS, version: '5b5bd68' };

const COMPRESSED: Flag[] = [
  { name: 'level', flags: ['-C', '--level'], type: 'integer' },
  { name: 'dstport', flags: ['-z', '--dstport'], type: 'integer' },
];

export const GIGAHORSE: MadmaxKind = {
  flags: [...MADMAX_FLAGS, ...COMPRESSED],
  version: 'ce733e8',
  level: 1,
};

/** As its README has them: `-r` and `-S` mean other things here than elsewhere. */
export const GIGAHORSE_CUDA: MadmaxKind = {
  flags: [
    ...MADMAX_FLAGS.filter(
      ({ name }) =>
        !['k', 'threads', 'buckets', 'buckets3', 'stage', 'toggle', 'direct', 'rmulti2'].includes(name),
    ),
    ...COMPRESSED,
    { name: 'device', flags: ['-g', '--device'], type: 'integer' },
    { name: 'devices', flags: ['-r', '--ndevices'], type: 'integer' },
    { name: 'tmp3', flags: ['-3', '--tmpdir3'], type: 'text' },
    { name: 'directio', flags: ['-D', '--directio'], type: 'switch' },
    { name: 'streams', flags: ['-S', '--streams'], type: 'integer' },
    { name: 'chunk', flags: ['-B', '--chunksize'], type: 'integer' },
    { name: 'maxtmp', flags: ['-Q', '--maxtmp'], type: 'integer' },
    { name: 'copylimit', flags: ['-A', '--copylimit'], type: 'integer' },
    { name: 'maxcopy', flags: ['-W', '--maxcopy'], type: 'integer' },
    { name: 'memory', flags: ['-M', '--memory'], type: 'integer' },
  ],
  version: '29c814d',
  level: 1,
  inMemory: true,
};
