import { expect, test } from 'vitest';
import { fileSystemOf, type Mount, mayHang } from '../../../src/host/mounts.ts';

const mount = (point: string, device: string, type: string, source: string, root = '/'): Mount => ({
  ...{ point, device, root, type, source, readOnly: false },
});

/** As proc(5) lists them on a host with a pool of each kind, a directory mounted twice, and a share. */
const TABLE: Mount[] = [
  mount('/', '8:1', 'ext4', '/dev/sda1'),
  mount('/mnt/farm1', '8:17', 'xfs', '/dev/sdb1'),
  mount('/mnt/farm1/plots/elsewhere', '8:17', 'xfs', '/dev/sdb1'),
  mount('/tank', '0:50', 'zfs', 'tank'),
  mount('/tank/plots', '0:51', 'zfs', 'tank/plots'),
  mount('/mnt/zfs', '0:52', 'zfs', 'tank/more/plots'),
  mount('/other', '0:53', 'zfs', 'tank2'),
  mount('/mnt/pool', '0:40', 'btrfs', '/dev/sdc'),
  mount('/mnt/sub', '0:40', 'btrfs', '/dev/sdc'),
  mount('/mnt/nas', '0:60', 'nfs4', 'nas:/plots'),
  mount('/mnt/mergerfs', '0:61', 'fuse.mergerfs', 'a:b'),
];
/** A device as stat(2) gives it. */
const device = (major: number, minor: number) => String((major << 8) | minor);

test.each<[string, string, string, string]>([
  ['/home', device(8, 1), device(8, 1), '/'],
  ['/mnt/farm1/plots', device(8, 17), device(8, 17), '/mnt/farm1'],
  ['/mnt/farm1/plots/elsewhere', device(8, 17), device(8, 17), '/mnt/farm1'],
  // A link into it: its device says where it is.
  ['/link', device(8, 17), device(8, 17), '/mnt/farm1'],
  ['/tank/plots/k32', device(0, 51), 'zfs tank', '/tank'],
  ['/mnt/zfs', device(0, 52), 'zfs tank', '/tank'],
  ['/other', device(0, 53), 'zfs tank2', '/other'],
  ['/mnt/sub', device(0, 40), 'btrfs 0:40', '/mnt/sub'],
  // A subvolume has a device that is in no list.
  ['/mnt/pool/sub/plots', device(0, 45), 'btrfs 0:40', '/mnt/sub'],
])('%s', (path, stat, key, point) => {
  expect(fileSystemOf(path, stat, TABLE)).toEqual({ key, point });
});

/** The same in a container: volumes, and some files, are of one disk of the host's. */
const CONTAINER: Mount[] = [
  mount('/', '0:60', 'overlay', 'overlay'),
  mount('/etc/hosts', '8:1', 'ext4', '/dev/sda1', '/var/lib/docker/x/hosts'),
  mount('/volumes/plots', '8:1', 'ext4', '/dev/sda1', '/srv/plots'),
  mount('/volumes/temporary', '8:1', 'ext4', '/dev/sda1', '/srv/temporary'),
];
/** A part of a disk is mounted at a shorter name than all of it; a subvolume, and a dataset, too. */
const PARTS: Mount[] = [
  mount('/srv', '8:17', 'xfs', '/dev/sdb1', '/plots'),
  mount('/mnt/farm1', '8:17', 'xfs', '/dev/sdb1'),
  mount('/data', '0:40', 'btrfs', '/dev/sdc', '/@data'),
  mount('/mnt/pool', '0:40', 'btrfs', '/dev/sdc'),
  mount('/a', '0:51', 'zfs', 'tank/a'),
  mount('/mnt/tank', '0:50', 'zfs', 'tank'),
  mount('/s', '0:52', 'zfs', 'tank@yesterday'),
];

test.each<[string, Mount[], string, string, string]>([
  ['volumes', CONTAINER, '/volumes/temporary', device(8, 1), '/volumes/plots'],
  ['a part of a disk', PARTS, '/srv/plots', device(8, 17), '/mnt/farm1'],
  ['a subvolume', PARTS, '/data/plots', device(0, 40), '/mnt/pool'],
  ['a dataset', PARTS, '/a/plots', device(0, 51), '/mnt/tank'],
  ['by the name alone', PARTS, '/srv/plots', '', '/mnt/farm1'],
])('%s: the file system is that of the whole, where it is mounted', (_, table, path, stat, point) => {
  expect(fileSystemOf(path, stat, table).point).toBe(point);
});

test('a device with a large minor, and a system without a list of mounts', () => {
  const large = [mount('/big', '259:300', 'ext4', '/dev/nvme0n1p9')];
  // makedev(3): the minor's higher bits are above the major.
  const number = ((300n & ~0xffn) << 12n) | (259n << 8n) | (300n & 0xffn);
  expect(fileSystemOf('/big/plots', String(number), large).point).toBe('/big');
  expect(fileSystemOf('/a/b', '5', [])).toEqual({ key: '5', point: '/a/b' });
});

test('what a server or a program answers for may hang', () => {
  const hanging = ['/mnt/nas/plots', '/mnt/mergerfs', '/mnt/farm1', '/tank', '/'].map((path) =>
    mayHang(path, TABLE),
  );
  expect(hanging).toEqual([true, true, false, false, false]);
});
