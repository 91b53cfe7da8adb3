import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import type { Environment } from '../../config/environment.ts';
import { type LoadedConfig, loadConfig } from '../../config/load.ts';
import { createMask } from '../../config/mask.ts';
import { formatProblem, maskProblem, type Problem, sortProblems, toProblem } from '../../config/problems.ts';
import { FIXED_WORDS } from '../../daemon/configuration/fixed-words.ts';
import { suffixesOf } from '../../daemon/configuration/settings.ts';
import { Places } from '../../daemon/effects/places.ts';
import { directoriesOf } from '../../daemon/moving/directories-of.ts';
import { plottersOf } from '../../engine/starting/places/resolve.ts';
import { builtInPlotters } from '../../plotters/catalogue.ts';
import { codeOf } from '../../util/errors.ts';
import { checkDestinations } from './check-destinations.ts';
import { checkDiskEntries } from './check-disk-entries.ts';
import { checkBroker, checkClock, openFilesLimit } from './check-host.ts';
import { checkHolds, zoneOfHolds } from './check-holds.ts';
import { type CheckContext, checkJob, type JobReport, type Machine, type Misfit } from './check-job.ts';
import { checkLimits } from './check-limits.ts';
import { checkMoves, lookAtMoves } from './check-moves.ts';
import { checkNames, checkThatStart, jobsBegunByHand, namesUnheard } from './check-names.ts';
import { checkReplotOfMove, type ReplotReport } from './check-replot.ts';
import { readKnownPlots } from './known-plots.ts';
import { checkReplotDirectories } from './check-replot-directories.ts';
import { isFollowOn } from './follow-on.ts';

export interface CheckOptions {
  /** The configuration; relative to the working directory. */
  file: string;
  env: Environment;
  /** Takes the report, line by line. */
  out: (line: string) => void;
  /** Every plot that replotting would remove now is listed. */
  replot?: boolean;
  /** Instead of what this machine has and says. */
  machine?: Partial<Machine>;
  now?: number;
}

/**
 * `plot2mqtt check`: validates the configuration and looks at what it names on this machine; prints each job's
 * command line, and each problem with its place. Secrets show as `***`.
 * @returns the exit code: 0, or 2 where anything is wrong
 */
export async function runCheck(options: CheckOptions): Promise<0 | 2> {
  const { file, env, out } = options;
  const builtIn = builtInPlotters();
  const loaded = await loadConfig(file, { env, builtIn: [...builtIn.keys()], fixedWords: FIXED_WORDS });
  const usable = loaded.ok ? loaded : loaded.rest;
  const told = loaded.ok ? loaded.warnings : loaded.problems;
  if (!usable) return report(told, out);

  const mask = createMask(usable.secrets);
  const { config, directory } = usable;
  const machine = { ...(await thisMachine(env)), ...options.machine };
  const plotters = plottersOf(config, builtIn);
  const knownPlots = await readKnownPlots(config.data_dir, suffixesOf({ plotters }));
  const context = {
    plotters,
    defaults: config.defaults,
    ...{ directory, machine, knownPlots },
    disks: config.disks,
    places: new Places({ disks: () => config.disks, matched: () => ({}), onMatched: () => {} }),
    listPlots: options.replot === true,
  };
  const jobs = await Promise.all(Object.entries(config.jobs).map(([id, job]) => checkJob(id, job, context)));
  if (loaded.ok) for (const job of jobs) printJob(job, mask, out);
  const moves = loaded.ok ? await replotsOfMoves(config, context) : [];
  for (const { lines } of moves) for (const line of lines) out(mask(line));
  if (loaded.ok) printUnheard(config.jobs, out);
  if (loaded.ok) printBegunByHand(config.jobs, out);
  const zone = loaded.ok ? zoneOfHolds(config) : null;
  if (zone !== null) out(`note: the hours of holds are by the time zone ${zone}`);

  const looked = loaded.ok ? await lookAtMoves(config, context) : [];
  const places = loaded.ok ? [] : (loaded.told ?? []);
  const files = await checkFiles(usable);
  const isBrokerKnown = files.length === 0 && !places.some(([section]) => section === 'mqtt');
  const misfits = [
    ...files,
    ...(await checkClock(usable.file, options.now ?? Date.now())),
    ...(isBrokerKnown ? await checkBroker(config.mqtt) : []),
    ...knownPlots.misfits,
    ...(await checkDiskEntries(config, context.places, context)),
    ...jobs.flatMap((job) => job.misfits),
    ...(loaded.ok
      ? [
          ...checkThatThereAreJobs(config),
          ...checkNames(config.jobs),
          ...checkThatStart(config.jobs),
          ...checkHolds(config),
          ...checkLimits(config, context),
          ...(await checkDestinations(config, looked, context)),
          ...checkMoves(looked, context),
          ...moves.flatMap((move) => move.misfits),
        ]
      : []),
  ].filter((misfit) => !isFollowOn(misfit.path, places, config.jobs));
  const problems = misfits.map((misfit) => maskProblem(toProblem(usable.file, usable, misfit), mask));
  if (problems.length + told.length > 0) return report(sortProblems([...problems, ...told]), out);
  out(`${mask(usable.file)} is valid.`);
  return 0;
}

/** Errors make the exit code 2, warnings alone don't. */
function report(problems: readonly Problem[], out: (line: string) => void): 0 | 2 {
  for (const problem of problems) out(formatProblem(problem));
  const warnings = problems.filter(({ warning }) => warning === true).length;
  const errors = problems.length - warnings;
  const counted = [
    ...(errors > 0 ? [count(errors, 'problem')] : []),
    ...(warnings > 0 ? [count(warnings, 'warning')] : []),
  ].join(', ');
  out(errors > 0 ? `${counted}.` : `${problems[0]?.file} is valid, with ${counted}.`);
  return errors > 0 ? 2 : 0;
}

function count(number: number, what: string): string {
  return number === 1 ? `1 ${what}` : `${number} ${what}s`;
}

async function thisMachine(env: Environment): Promise<Machine> {
  return {
    path: env.PATH ?? process.env.PATH ?? '',
    openFiles: await openFilesLimit(),
    systemDisk: await stat('/', { bigint: true }).then(({ dev }) => String(dev)),
  };
}

function printJob(job: JobReport, mask: (text: string) => string, out: (line: string) => void): void {
  const title = job.title === undefined ? '' : ` (${mask(job.title)})`;
  out(`job '${job.id}'${title}, plotter '${job.plotter}':`);
  out(`  ${job.commandLine === null ? 'no command line yet, see below' : job.commandLine(mask)}`);
  for (const line of job.notes) out(mask(`  ${line}`));
}

/** What moves would remove now, and what looks wrong with their rules. */
async function replotsOfMoves(
  { moves }: LoadedConfig['config'],
  context: Pick<CheckContext, 'knownPlots' | 'listPlots' | 'places'>,
): Promise<ReplotReport[]> {
  const each = Object.entries(moves).map(async ([id, move]): Promise<ReplotReport> => {
    const { directories: destinations } = await directoriesOf(move.to);
    const { lines, misfits } = await checkReplotOfMove(id, move, { ...context, destinations });
    const rule = { whose: `move '${id}'`, path: ['moves', id, 'replot'], dirs: move.replot?.dirs ?? [] };
    const idle = await checkReplotDirectories(rule, destinations, context.places);
    return {
      lines: lines.length === 0 ? [] : [`move '${id}':`, ...lines.map((line) => `  ${line}`)],
      misfits: [...misfits, ...idle],
    };
  });
  return Promise.all(each);
}

/** Others may listen to them, so they are noted and no more. */
function printUnheard(jobs: LoadedConfig['config']['jobs'], out: (line: string) => void): void {
  for (const [id, job] of Object.entries(jobs)) {
    const names = namesUnheard(job, jobs).map((name) => `'${name}'`);
    if (names.length > 0)
      out(`note: job '${id}' fires ${names.join(', ')}, on which no job of this file starts`);
  }
}

function printBegunByHand(jobs: LoadedConfig['config']['jobs'], out: (line: string) => void): void {
  for (const id of jobsBegunByHand(jobs))
    out(
      `note: job '${id}' begins with a start by hand; with { on: "@startup" } in its starts it begins by itself, with "keep_running: true" it never ends`,
    );
}

/** As `init` writes it where it finds no plotter. */
function checkThatThereAreJobs({ jobs }: LoadedConfig['config']): Misfit[] {
  if (Object.keys(jobs).length > 0) return [];
  const message = 'there is no job, so nothing is plotted, unless one is made over MQTT';
  return [{ path: ['jobs'], at: 'key', message, warning: true }];
}

/** Certificates and keys that can't be read. */
async function checkFiles({ config: { mqtt } }: LoadedConfig): Promise<Misfit[]> {
  const files: readonly (readonly [Misfit['path'], string | undefined])[] = [
    [['mqtt', 'ca'], mqtt.ca],
    [['mqtt', 'cert'], mqtt.cert],
    [['mqtt', 'key'], mqtt.key],
    [['mqtt', 'embedded', 'tls', 'cert'], mqtt.embedded.tls.cert],
    [['mqtt', 'embedded', 'tls', 'key'], mqtt.embedded.tls.key],
  ];
  const misfits = await Promise.all(files.map(([path, file]) => checkFile(path, file)));
  return misfits.flat();
}

async function checkFile(path: Misfit['path'], file: string | undefined): Promise<Misfit[]> {
  if (file === undefined) return [];
  try {
    await access(file, constants.R_OK);
    return [];
  } catch (error) {
    const message = codeOf(error) === 'ENOENT' ? `${file} does not exist` : `${file} can't be read`;
    return [{ path, at: 'value', message }];
  }
}
