import type { FileSystemFigures } from '../../contract/views.ts';
import type { Settings } from '../../engine/memory.ts';
import type { JobState } from '../../engine/model/job-state.ts';
import { runsOf, type State } from '../../engine/model/state.ts';
import type { World } from '../../engine/starting/gates/gate.ts';
import { slotsOf } from '../../engine/views/views.ts';
import { definitionOfRun, planOf } from '../../engine/working/stages.ts';
import type { DeviceReader } from '../../homeassistant/devices.ts';
import { shownHolds } from '../../homeassistant/entities/bridge.ts';
import type { ShownFileSystem } from '../../homeassistant/entities/file-systems.ts';

/** What Home Assistant's devices show, now. */
export function deviceReader(
  engine: Pick<World, 'state' | 'memory'> & { readonly settings: Settings },
  { fileSystems, mask }: { fileSystems: () => readonly FileSystemFigures[]; mask: (text: string) => string },
): DeviceReader {
  const { state, memory } = engine;
  return {
    moveIds: () => state.moves.keys(),
    moveTitle: (id) => (state.moves.has(id) ? (memory.settings.moves.get(id)?.title ?? id) : undefined),
    jobIds: () => state.jobs.keys(),
    job: (id) => {
      const job = state.jobs.get(id);
      if (!job) return undefined;
      const { title = id, max_workers } = job.definition;
      return {
        ...{ title, slots: slotsOf(state, job), metered: engine.settings.energy !== undefined },
        ...{ limited: max_workers > 0, phases: phasesOf(state, job, engine.settings) },
      };
    },
    bridge: () => ({
      holds: shownHolds(engine.settings.holds),
      fileSystems: shownFileSystems(fileSystems(), mask),
    }),
    mask,
  };
}

/** Titles of the phases of a job's plotter, and of those that its present workers were started with. */
function phasesOf(state: State, job: JobState, { plotters }: Settings): string[] {
  const own = plotters.get(job.definition.plotter)?.definition;
  const running = runsOf(state, job.id).map((run) => definitionOfRun(state, run));
  const titles = [...(own ? [own] : []), ...running].flatMap((definition) => {
    const plan = planOf(definition);
    return plan.leaves.map(({ phase }) => plan.title(phase));
  });
  return [...new Set(titles)];
}

/**
 * File systems as they are shown: of several that look the same when what is secret is hidden, each is known by its
 * place among them.
 */
export function shownFileSystems(
  fileSystems: readonly { path: string }[],
  mask: (text: string) => string,
): ShownFileSystem[] {
  const times = new Map<string, number>();
  return fileSystems.map(({ path }) => {
    const shown = mask(path);
    const nth = times.get(shown) ?? 0;
    times.set(shown, nth + 1);
    return { path, shown, nth };
  });
}
