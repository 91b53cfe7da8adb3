import { moments } from './dates.ts';
import type { SimulatorOptions } from './options.ts';
import type { SimulatorIo } from './output.ts';
import type { Random } from './random.ts';
import { bucketsFor, type Recording, type Section, steps } from './recording.ts';
import { createTimeline, type Timeline } from './timeline.ts';

/** What all parts of one simulated process share. */
export interface Session {
  run: Recording;
  options: SimulatorOptions;
  random: Random;
  io: SimulatorIo;
  /** Writes a line at once. @throws PlotterExit where the plotter dies of a reader that has gone */
  write(stream: 'stdout' | 'stderr', line: string): void;
}

/** What stands in the place of `{name}`, `{tmp}` and so on. */
export type Values = Record<string, string>;

/** The stage that was asked to fail has begun. */
export class StageFailure extends Error {
  readonly stage: string;

  constructor(stage: string) {
    super(`stage ${stage}`);
    this.stage = stage;
  }
}

export interface Hooks {
  /** Ends the replay before this line. */
  until?: (text: string) => boolean;
  /** Leaves this line out. */
  skip?: (text: string) => boolean;
  /** The values to write this line with, once for each. */
  each?: (text: string) => Values[];
  /** Called just before a line is written; what it waits for delays the rest. */
  before?: (text: string) => void | Promise<void>;
  /** Called when a stage begins. */
  stage?: (stage: string) => void | Promise<void>;
}

/** Replaces the placeholders of a recorded text. */
export function fill(text: string, values: Values): string {
  if (!text.includes('{')) return text;
  return text.replace(
    /\{(\w+)\}/g,
    (all, name: string) => values[name] ?? moments[name]?.(new Date()) ?? all,
  );
}

/** A schedule that begins now. */
export function startTimeline(session: Session): Timeline {
  const { speed, jitter } = session.options;
  return createTimeline(speed, () => 1 + jitter * (2 * session.random.next() - 1));
}

/** Whether a stage is the one that is to fail: `2` is the first moment of phase 2. */
function fails(failAt: string | undefined, stage: string): boolean {
  return failAt !== undefined && failAt !== '5' && (stage === failAt || stage.startsWith(`${failAt}.`));
}

/**
 * Replays a section of the run.
 * @throws StageFailure in the middle of the pause after the beginning of the stage that is to fail
 */
export async function play(
  session: Session,
  section: Section,
  values: Values,
  hooks: Hooks = {},
): Promise<void> {
  const { run, options } = session;
  const timeline = startTimeline(session);
  const wanted = Number(values.buckets ?? run.buckets);
  let failing: string | undefined;
  for (const step of steps(run, section)) {
    if (step.kind === 'stage') {
      await hooks.stage?.(step.stage);
      if (fails(options.failAt, step.stage)) failing = step.stage;
      continue;
    }
    await timeline.advance(failing === undefined ? step.pauseMs : step.pauseMs / 2);
    if (failing !== undefined) throw new StageFailure(failing);
    const { text, stream, bucket } = step;
    if (hooks.until?.(text)) return;
    if (hooks.skip?.(text)) continue;
    await hooks.before?.(text);
    if (bucket !== undefined) {
      for (const b of bucketsFor(bucket, run.buckets, wanted))
        session.write(stream, text.replace('{b}', `${b}`));
      continue;
    }
    for (const each of hooks.each?.(text) ?? [values]) session.write(stream, fill(text, each));
  }
}
