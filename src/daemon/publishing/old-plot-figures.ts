import { setImmediate } from 'node:timers/promises';
import { isInFuture } from '../../config/schema/replot.ts';
import type { Settings } from '../../engine/memory.ts';
import type { State } from '../../engine/model/state.ts';
import { namesInHand } from '../../engine/moving/names-in-hand.ts';
import { ruleOfMove } from '../../engine/moving/rule-of-move.ts';
import { replotRule } from '../../engine/moving/replot-rule.ts';
import { resolveJob } from '../../engine/starting/places/resolve.ts';
import { type PlotLook, PlotLooks } from '../../host/plot-looks.ts';
import { isOld, type OldPlotRule, type PlotKnowledge } from '../../host/plot-times.ts';
import { directoryChoices } from '../../plotters/command.ts';
import type { PlotHistory } from '../../storage/plot-records.ts';
import { suffixesOf } from '../configuration/settings.ts';
import { knownOfPlots } from '../effects/plots-known.ts';
import { replotDirectories } from '../effects/replot-directories.ts';

/** What rules of replotting would still remove. */
export interface OldPlotCount {
  old_plots: number;
  /** Bytes. */
  old_bytes: number;
}

export interface OldPlotFiguresOptions {
  state: State;
  settings(): Settings;
  records: PlotHistory;
}

/** What the rule of replotting of one job or move looks at. */
interface LookedAtRule {
  rule: OldPlotRule;
  destinations: string[];
  directories: string[];
}

/** Plots that are looked at before others have their turn. */
const PLOTS_AT_ONCE = 50;

const NONE: OldPlotCount = { old_plots: 0, old_bytes: 0 };

/** Counts the plots that the rules of all jobs and moves would still remove, each once, from time to time. */
export class OldPlotFigures {
  readonly #options: OldPlotFiguresOptions;
  readonly #looks = new PlotLooks();
  #farm: OldPlotCount | null = null;
  #byDestination: ReadonlyMap<string, OldPlotCount | null> = new Map();
  /** What that was counted from. */
  #looked: ReadonlyMap<string, PlotLook | null> = new Map();
  #basis = '';
  #looking: Promise<void> | null = null;

  constructor(options: OldPlotFiguresOptions) {
    this.#options = options;
  }

  /** All of them; `null` before the first look, and while the history of what was made here can't be read. */
  get farm(): OldPlotCount | null {
    return this.#farm;
  }

  /** Those that are counted for a directory of `B/host`; `null` where they aren't known. */
  of(directory: string): OldPlotCount | null {
    const known = this.#byDestination.get(directory);
    return this.#farm && (known === undefined ? NONE : known);
  }

  /** Looks at all directories of the rules, one look at a time. Never rejects. */
  look(): Promise<void> {
    this.#looking ??= this.#count()
      .catch(() => this.#forget())
      .finally(() => {
        this.#looking = null;
      });
    return this.#looking;
  }

  #forget(): void {
    this.#farm = null;
    this.#byDestination = new Map();
  }

  async #count(): Promise<void> {
    const { state, records, settings } = this.#options;
    const suffixes = suffixesOf(settings());
    const rules = await this.#rules();
    if (rules.length > 0 && (await records.refresh()) !== null) return this.#forget();
    const looks = new Map<string, PlotLook | null>();
    for (const { destinations, directories } of rules)
      for (const path of new Set([...destinations, ...directories]))
        if (!looks.has(path)) looks.set(path, await this.#looks.look(path, suffixes));
    this.#looks.keep(new Set(looks.keys()));
    const inHand = namesInHand(state, null);
    // Forty thousand plots take a while, and seldom does anything change.
    const basis = JSON.stringify([
      rules,
      suffixes,
      records.count,
      records.damaged,
      state.history.size,
      [...inHand],
    ]);
    const isSame = [...looks].every(([path, look]) => look !== null && this.#looked.get(path) === look);
    if (isSame && this.#farm !== null && basis === this.#basis) return;
    this.#looked = looks;
    this.#basis = basis;
    const count = new Count(knownOfPlots(state, records, suffixes), inHand);
    for (const { destinations } of rules)
      for (const path of destinations) count.destination(path, looks.get(path) ?? null);
    for (const each of rules)
      for (const path of each.directories) {
        const there = each.destinations.flatMap((to) => {
          const look = looks.get(to);
          return look ? [{ path: to, device: look.device }] : [];
        });
        await count.take(each, looks.get(path) ?? null, there);
      }
    this.#farm = count.all;
    this.#byDestination = count.byDestination;
  }

  async #rules(): Promise<LookedAtRule[]> {
    const { state, settings } = this.#options;
    const now = { now: Date.now(), settings: settings() };
    const rules: LookedAtRule[] = [];
    for (const job of [...state.jobs.values()]) {
      const { rule } = replotRule(now, job);
      const resolved = rule === null || job.leaving ? null : resolveJob(job.id, job.definition, now.settings);
      if (rule === null || !resolved?.ok) continue;
      const written = directoryChoices(resolved.definition, resolved.values)
        .filter(({ role }) => role === 'destination')
        .flatMap((choice) => choice.written);
      const [first] = written;
      if (first === undefined) continue;
      const destinations = await replotDirectories({ dirs: written }, first);
      const directories = await replotDirectories(rule, first);
      rules.push({ rule: { ...rule, before: new Date(rule.before) }, destinations, directories });
    }
    for (const entry of now.settings.moves.values()) {
      const rule = ruleOfMove(entry);
      const [first] = entry.to;
      if (rule === null || first === undefined || isInFuture(rule.before, now.now)) continue;
      const destinations = await replotDirectories({ dirs: entry.to }, first);
      const directories = await replotDirectories(rule, first);
      rules.push({ rule: { ...rule, before: new Date(rule.before) }, destinations, directories });
    }
    return rules;
  }
}

/** The counting: each file once, whichever rules mean it, for its own directory or for a destination. */
class Count {
  readonly all: OldPlotCount = { ...NONE };
  /** `null` where the directory is away. */
  readonly byDestination = new Map<string, OldPlotCount | null>();
  readonly #known: PlotKnowledge;
  readonly #inHand: ReadonlySet<string>;
  readonly #destinations = new Map<string, string>();
  readonly #counted = new Map<string, Set<string>>();

  constructor(known: PlotKnowledge, inHand: ReadonlySet<string>) {
    this.#known = known;
    this.#inHand = inHand;
  }

  destination(path: string, look: PlotLook | null): void {
    if (look === null) this.byDestination.set(path, null);
    else if (!this.#destinations.has(keyOf(look))) this.#destinations.set(keyOf(look), path);
  }

  /** Only what is on the file system of one of the rule's destinations may go. */
  async take(
    { rule }: LookedAtRule,
    look: PlotLook | null,
    there: readonly { path: string; device: string }[],
  ): Promise<void> {
    const destination = there.find(({ device }) => device === look?.device);
    if (look === null || destination === undefined) return;
    const key = keyOf(look);
    const counted = this.#counted.get(key) ?? new Set();
    this.#counted.set(key, counted);
    const path = this.#destinations.get(key) ?? destination.path;
    const own = this.byDestination.get(path) ?? { ...NONE };
    this.byDestination.set(path, own);
    for (const [index, plot] of look.plots.entries()) {
      if (index % PLOTS_AT_ONCE === 0) await setImmediate();
      if (counted.has(plot.name) || this.#inHand.has(plot.name) || !isOld(plot, rule, this.#known)) continue;
      counted.add(plot.name);
      for (const sum of [own, this.all]) {
        sum.old_plots += 1;
        sum.old_bytes += plot.size;
      }
    }
  }
}

function keyOf({ device, ino }: PlotLook): string {
  return `${device} ${ino}`;
}
