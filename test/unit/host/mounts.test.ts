import { expect, test } from 'vitest';
import { fileSystemOf, type Mount, mayHang } from '../../../src/host/mounts.ts';

const mount = (point: string, device: string, type: string, source: string): Mount => ({
  ...{ point, device, type, source, readOnly: false },
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
