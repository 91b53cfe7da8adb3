import type { FarmStory } from './views.ts';

/** Seventeen disks of twenty are full; the last isn't mounted, and is where cold storage goes. */
export const CELLAR: FarmStory = {
  base: 'plot2mqtt',
  maxWorkers: 8,
  holds: { price: 'Expensive power' },
  jobs: [
    {
      ...{ id: 'cold', title: 'Cold storage', slots: 1, hours: 6.5, toDo: 60, before: 27 },
      blocked: {
        reason: 'missing_directory',
        text: "job 'cold': dest_dir /mnt/farm20/plots is not mounted",
      },
    },
    {
      ...{ id: 'fast', title: 'Fast plots', slots: 1, hours: 34 / 60, every: 35, ago: 6, before: 2338 },
      waiting: { reason: 'max_workers', text: '1 of 1 workers run (max_workers 1)' },
      ...{ tempDir: '/mnt/nvme1/tmp', destDir: '/mnt/nvme1/done' },
    },
    {
      ...{ id: 'nightly', title: 'Nightly plots', slots: 5, latest: 4, hours: 19 / 3, every: 110, ago: 31 },
      ...{ chained: true, toDo: 300, before: 170 },
      waiting: { reason: 'limit', text: "2 of 2 workers in limit 'rig' have not finished phase 1" },
      troubles: {
        2: { at: 0.35, minutes: 40 },
        4: { at: 0.5, error: 'the plotter ended with exit code 1: No space left on device' },
      },
      ...{ tempDir: '/mnt/nvme2/tmp', destDir: '/mnt/nvme2/done' },
    },
  ],
  moves: [{ id: 'farm', title: 'To the farm', atOnce: 2, minutes: 19, paused: [110, 14] }],
  disks: {
    ...{ full: 17, next: [41, 12], away: ['/mnt/farm20'] },
    nvmes: ['/mnt/nvme1', '/mnt/nvme2'],
  },
};
