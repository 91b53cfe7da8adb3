import { describe, expect, it } from 'vitest';
import { deviceWords, fileSystemsOf } from '../../../src/host/file-systems.ts';
import { mountAbove, mountsOf } from '../../../src/host/mounts.ts';

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

function named(mountinfo: string, directories: string[]): (string | null)[] {
  const fileSystems = fileSystemsOf(directories, mountsOf(mountinfo));
  return directories.map((directory) => fileSystems.nameOf(directory));
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

  it('that nobody looks at has the name of its neighbours', () => {
    const fileSystems = fileSystemsOf(['/plots'], mountsOf(CONTAINER));
    expect(fileSystems.nameOf('/temporary')).toBe('/plots');
    expect(fileSystems.nameOf('/var')).toBe('/');
  });

  it('is not known where the system has no list of mounts', () => {
    expect(named('', ['/a'])).toEqual([null]);
  });
});

it('the last of several mounts on one mount point hides the others', () => {
  expect(mountAbove('/mnt/twice', mountsOf(HOST))?.device).toBe('8:65');
});

it.each([
  [0x811n, '8:17'],
  [0x19n, '0:25'],
  [0x11110370n, '259:70000'],
])('a device number in the words of mountinfo: %s is %s', (dev, words) => {
  expect(deviceWords(dev)).toBe(words);
});
