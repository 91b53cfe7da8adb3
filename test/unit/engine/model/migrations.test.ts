import { describe, expect, it } from 'vitest';
import { OWN_PAUSE } from '../../../../src/engine/model/hold.ts';
import { entryMigrations } from '../../../../src/engine/model/migrations.ts';

const migrated = (...c: unknown[]) => entryMigrations[1]?.({ c, e: [] });

describe('entries of version 1', () => {
  const cases: [string, unknown, unknown[]][] = [
    [
      'keys of a worker alone',
      ['worker', 'w', { leaf: 3, percent: 5 }],
      [['worker_keys', 'w', { leaf: 3, percent: 5 }]],
    ],
    [
      'keys that are its run’s now',
      ['worker', 'w', { suspended: true, suspended_at: 5, moved_at: 9 }],
      [
        ['run_keys', 'w', { suspended: true, suspended_at: 5 }],
        ['worker_keys', 'w', { moved_at: 9 }],
      ],
    ],
    [
      'how far its log was heard, and that the daemon was away',
      ['worker', 'w', { log_offset: 5, interrupted: true }],
      [['run_keys', 'w', { log_offset: 5, interrupted: true }]],
    ],
    [
      'the old plot that goes for its own',
      ['worker', 'w', { replot: { file: '/farm/a.plot', size: 5 } }],
      [['worker_keys', 'w', { replot: [{ file: '/farm/a.plot', size: 5 }] }]],
    ],
    ['that none goes', ['worker', 'w', { replot: null }], [['worker_keys', 'w', { replot: [] }]]],
    [
      'before which time one may go',
      ['worker', 'w', { spec: { replot_before: '2022-01-01T00:00:00Z', dest_dir: null } }],
      [
        ['run_keys', 'w', { spec: {} }],
        [
          'worker_keys',
          'w',
          {
            replot_rule: { before: '2022-01-01T00:00:00Z' },
            pace: { key: undefined, weights: undefined, expected_s: undefined },
            placement: [],
          },
        ],
      ],
    ],
    [
      'a plotter that was started',
      ['worker', 'w', { process: { kind: 'plotter', pid: 7, at: 1 } }],
      [
        ['run_keys', 'w', { process: { kind: 'plotter', pid: 7, at: 1 } }],
        ['worker_keys', 'w', { post: null }],
      ],
    ],
    [
      'a post-command that was started',
      ['worker', 'w', { process: { kind: 'post', pid: 7, at: 1 } }],
      [
        ['run_keys', 'w', { process: null }],
        ['worker_keys', 'w', { post: { pid: 7, at: 1, stopped_for: null } }],
      ],
    ],
    [
      'a worker’s end is its run’s',
      ['worker', 'w', null],
      [
        ['worker', 'w', null],
        ['run', 'w', null],
      ],
    ],
    [
      'a pause',
      ['job', 'j', { paused: true }],
      [
        [
          'job_keys',
          'j',
          {
            holds: {
              [OWN_PAUSE]: {
                ...{ kind: 'pause', reason: null, since: 0, until: null, until_steady: null },
                ...{ moves: false, jobs: null, set_by: 'command', declared: false },
              },
            },
          },
        ],
      ],
    ],
    ['a pause that is over', ['job', 'j', { paused: false }], [['job_keys', 'j', { holds: {} }]]],
    ['what it always was', ['meta', { acked: 3 }], [['meta', { acked: 3 }]]],
    ['what is no change', 17, [17]],
  ];
  it.each(cases)('%s', (_, before, after) => {
    expect(migrated(before)).toEqual({ c: after, e: [] });
  });

  it.each([
    ['/fast', 'as it is'],
    ['/fast/', 'with a slash at its end'],
  ])('the room in a temporary directory %s is kept, written %s', (path) => {
    const spec = { temp_dirs: ['/fast/plot2mqtt-w'], dest_dir: null, words: [] };
    const room = [{ role: 'temp', device: '7', path, bytes: 5 }];
    const entry = migrated(['worker', 'w', { id: 'w', job: 'j', slot: 1, spec, room }]);
    expect(entry).toMatchObject({
      c: [{}, ['worker', 'w', { placement: [{ role: 'temp', path: '/fast', filesystem: '7', bytes: 5 }] }]],
    });
  });

  it('a worker’s directories and claims are its placement, each with its room', () => {
    const spec = {
      temp_dirs: ['/fast/plot2mqtt-w'],
      dest_dir: '/farm',
      pace_key: 'k',
      weights: [1],
      expected_s: 2,
    };
    const room = [{ role: 'temp', device: '7', path: '/fast', bytes: 5 }];
    const entry = migrated([
      'worker',
      'w',
      { id: 'w', job: 'j', slot: 1, spec: { ...spec, words: [] }, room },
    ]);
    expect(entry).toMatchObject({
      c: [
        [
          'run',
          'w',
          { id: 'w', job: 'j', slot: 1, plots: 1, spec: { temp_dirs: spec.temp_dirs, words: [] } },
        ],
        [
          'worker',
          'w',
          {
            run: 'w',
            nth: 1,
            pace: { key: 'k', weights: [1], expected_s: 2 },
            placement: [
              { role: 'temp', path: '/fast', filesystem: '7', bytes: 5 },
              { role: 'destination', path: '/farm', filesystem: '', bytes: 0 },
            ],
          },
        ],
      ],
    });
  });
});
