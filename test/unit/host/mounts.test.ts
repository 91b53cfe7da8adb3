import { describe, expect, it } from 'vitest';
import { type FileSystem, fileSystemOf, mountOf, mountsOf, pointsAround } from '../../../src/host/mounts.ts';

const HOST = `
22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
30 22 0:25 / /run rw,nosuid shared:5 - tmpfs tmpfs rw
40 22 8:17 / /mnt/farm1 rw,noatime shared:9 - xfs /dev/sdb1 rw
41 22 8:17 /plots /srv/plots rw,noatime shared:9 - xfs /dev/sdb1 rw
42 22 8:33 / /mnt/a\\040disk rw - ext4 /dev/sdc1 rw
50 22 0:40 / /tank rw - zfs tank rw,xattr
51 50 0:41 / /tank/a rw - zfs tank/a rw,xattr
52 22 0:42 / /mnt/b rw master:3 propagate_from:1 - zfs tank/deep/b rw,xattr
53 22 0:43 / /other rw - zfs other/x rw,xattr
54 22 0:44 / /snap rw - zfs other/x@before rw
60 22 0:50 /@data /data rw - btrfs /dev/sdd1 rw,subvol=/@data
61 22 0:50 /@more /mnt/more rw - btrfs /dev/sdd1 rw,subvol=/@more
70 22 8:49 / /mnt/twice rw - ext4 /dev/sde1 rw
71 70 8:65 / /mnt/twice rw - ext4 /dev/sdf1 rw
`;

/** In a container volumes are directories of the host's disk, and so are single files. */
const CONTAINER = `
1 0 0:60 / / rw - overlay overlay rw
2 1 8:1 /var/lib/docker/containers/x/hosts /etc/hosts rw - ext4 /dev/sda1 rw
3 1 8:1 /srv/plots /plots rw - ext4 /dev/sda1 rw
4 1 8:1 /srv/temporary /temporary rw - ext4 /dev/sda1 rw
`;

/** A device number of stat(2), of the words of `mountinfo`. */
function deviceOf(words: string): string {
  const [major = 0n, minor = 0n] = words.split(':').map(BigInt);
  return String(((major & 0xfffn) << 8n) | (minor & 0xffn) | ((minor & ~0xffn) << 12n));
}

/** The file systems of directories that are looked at together; stat(2) says the device that their names say. */
function found(mountinfo: string, directories: string[], device?: string): FileSystem[] {
  const table = mountsOf(mountinfo);
  const points = table.map(({ point }) => point);
  const used = new Set(directories.map((directory) => mountOf(directory, points)));
  return directories.map((directory) => {
    const words = table.findLast(({ point }) => point === mountOf(directory, points))?.device ?? '0:0';
    return fileSystemOf(directory, device ?? deviceOf(words), table, used);
  });
}

function named(mountinfo: string, directories: string[]): string[] {
  return found(mountinfo, directories).map(({ point }) => point);
}

describe('the file system of a directory', () => {
  it.each<[string, string, string[], string[]]>([
    ['is that of its mount point', HOST, ['/mnt/farm1/plots', '/home/x'], ['/mnt/farm1', '/']],
    ['is not that of a name that begins alike', HOST, ['/mnt/farm10'], ['/']],
    ['may have a blank', HOST, ['/mnt/a disk/x'], ['/mnt/a disk']],
    ['of a bind mount is the whole', HOST, ['/srv/plots'], ['/mnt/farm1']],
    ['of datasets is their pool', HOST, ['/tank/a/x', '/mnt/b', '/tank'], ['/tank', '/tank', '/tank']],
    ['whose pool isn’t mounted is the shortest', HOST, ['/snap/x', '/other/x'], ['/snap', '/snap']],
    ['of subvolumes is one of them', HOST, ['/mnt/more/x', '/data'], ['/data', '/data']],
    ['of a lone subvolume is its own', HOST, ['/mnt/more/x'], ['/mnt/more']],
    ['is what was mounted last', HOST, ['/mnt/twice/x'], ['/mnt/twice']],
    ['of volumes is one of them', CONTAINER, ['/temporary/x', '/plots'], ['/plots', '/plots']],
  ])('%s', (_, mountinfo, directories, names) => {
    expect(named(mountinfo, directories)).toEqual(names);
  });

  it.each<[string, string[], number]>([
    ['datasets of one pool', ['/tank/a', '/mnt/b'], 1],
    ['other pools', ['/tank', '/other'], 2],
    ['subvolumes', ['/data', '/mnt/more'], 1],
    ['a bind mount', ['/mnt/farm1', '/srv/plots'], 1],
    ['two disks', ['/mnt/farm1', '/'], 2],
  ])('is told from others: %s', (_, directories, count) => {
    expect(new Set(found(HOST, directories).map(({ key }) => key)).size).toBe(count);
  });

  it('is where a link leads to, as its device says', () => {
    expect(found(HOST, ['/home/link'], deviceOf('8:17'))).toEqual([
      { key: deviceOf('8:17'), point: '/mnt/farm1' },
    ]);
  });

  it('of a device that no mount has, as of subvolumes of btrfs, is what its name says', () => {
    expect(found(HOST, ['/data/x'], deviceOf('0:99'))).toEqual([{ key: 'btrfs 0:50', point: '/data' }]);
  });

  it('is not known by a mount point where the system has no list of mounts', () => {
    expect(found('', ['/a'], '77')).toEqual([{ key: '77', point: '/a' }]);
  });
});

it.each([
  ['/temporary/x', ['/etc/hosts', '/plots', '/temporary']],
  ['/var', ['/']],
])('all mount points around %s', (path, points) => {
  expect(pointsAround(path, mountsOf(CONTAINER))).toEqual(points);
});

it('a number of a device with many digits is read as the C library does', () => {
  const table = mountsOf('1 0 259:70000 / /a rw - ext4 /dev/x rw\n2 0 259:4464 / /b rw - ext4 /dev/y rw');
  expect(fileSystemOf('/link', String(0x11110370n), table).point).toBe('/a');
});
