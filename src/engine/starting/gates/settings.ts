import type { SettableField } from '../../../contract/commands.ts';
import { heldBy } from '../../jobs/holds.ts';
import { OWN_PAUSE } from '../../model/hold.ts';
import type { JobState } from '../../model/job-state.ts';
import { runCount } from '../../model/state.ts';
import { limitsOf, plotsLeft, slotsLeft } from '../limits/limits.ts';
import { aboutToStart, counted, type Gate, openOr } from './gate.ts';

/** Says where a value is not the file's: the last writer wins, and nobody sees who that was (contract, section 2). */
function unlikeFile(job: JobState, field: SettableField): string {
  if (job.file === null || job.file[field] === job.definition[field]) return '';
  return `, set by a command; config.yaml says ${job.file[field]}`;
}

/** `enabled: false` cuts off all but starts by hand. */
export const enabled: Gate = {
  name: 'enabled',
  keeps: false,
  automaticOnly: true,
  looked: false,
  ask(_world, job) {
    const { enabled: on } = job.definition;
    const text = on ? 'the job is enabled' : 'the job is disabled: workers start by hand only';
    return openOr(!on, `${text}${unlikeFile(job, 'enabled')}`);
  },
};

/** Too many failures in a row; a start by hand lifts it. */
export const failing: Gate = {
  name: 'failing',
  keeps: false,
  automaticOnly: true,
  looked: false,
  ask(_world, job) {
    const { max_failures } = job.definition;
    const row = counted(job.failures, 'worker has failed', 'workers in a row have failed');
    if (job.blocked !== 'failing')
      return openOr(
        false,
        `${row}, ${max_failures === 0 ? 'max_failures sets no limit' : `max_failures is ${max_failures}`}`,
      );
    const last = job.blocked_text === null ? '' : `; the last: ${job.blocked_text}`;
    return openOr(true, `${row}: start one by hand, reset the job or enable it again${last}`);
  },
};

/** The job's own pause, and whatever else holds it. */
export const paused: Gate = {
  name: 'paused',
  keeps: true,
  automaticOnly: false,
  looked: false,
  ask({ state }, job) {
    const holders = heldBy(state, job).map(({ name, of, hold: { reason } }) => {
      if (name === OWN_PAUSE) return 'the job is paused';
      return `the ${of}'s hold '${name}' stands${reason === null ? '' : ` (${reason})`}`;
    });
    return openOr(holders.length > 0, holders.length === 0 ? 'nothing holds the job' : holders.join('; '));
  },
};

/** Workers of the job at the same time. */
export const maxWorkers: Gate = {
  name: 'max_workers',
  keeps: false,
  automaticOnly: false,
  looked: false,
  ask({ state }, job, coming) {
    const running = runCount(state, job.id);
    const { max_workers } = job.definition;
    const of = max_workers === 0 ? '' : `of ${max_workers} `;
    const limit = max_workers === 0 ? 'max_workers 0 is no limit' : `max_workers ${max_workers}`;
    return {
      room: slotsLeft(limitsOf(state, job, coming)),
      text: `${running} ${of}${running === 1 && of === '' ? 'worker runs' : 'workers run'}${aboutToStart(coming)} (${limit}${unlikeFile(job, 'max_workers')})`,
    };
  },
};

/** Plots of the job in all: those made, those of its workers, and what their runs will still begin. */
export const plotsToDo: Gate = {
  name: 'plots_to_do',
  keeps: false,
  automaticOnly: false,
  looked: false,
  ask({ state }, job, coming) {
    const limits = limitsOf(state, job, coming);
    const { making: plots = 0 } = limits;
    const { plots_to_do } = job.definition;
    const made =
      plots_to_do === 0
        ? counted(job.plots_done, 'plot is', 'plots are')
        : `${job.plots_done} of ${plots_to_do} plots are`;
    const making = plots === 0 ? '' : `, ${counted(plots, 'is', 'are')} being made`;
    const limit = plots_to_do === 0 ? 'plots_to_do 0 is no limit' : `plots_to_do ${plots_to_do}`;
    return {
      room: plotsLeft(limits),
      text: `${made} made${making} (${limit}${unlikeFile(job, 'plots_to_do')})`,
    };
  },
};
