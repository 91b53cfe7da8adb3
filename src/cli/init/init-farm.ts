import { directoriesText, yamlText } from './init-yaml.ts';
import type { Findings } from './surroundings.ts';

/** What a configuration says of the disks that were found, in its order. */
export function farmTexts(found: Findings): string[] {
  return [diskRules(found), ...(found.twoKinds ? [moves(found)] : []), LIMITS];
}

function diskRules({ temp, destination }: Findings): string {
  const fast = temp.map(
    ({ match }) => `  - match: ${yamlText(match)}
    mounted: true # left out while its disk isn't there
    max_in_phase: { 1: 1 } # on each of these disks one plot at a time in phase 1
    # max_workers: 2 # plots at a time on each of them
    # apart: 30m # from one start to the next on each of them
`,
  );
  const large = destination
    .filter(({ match }) => temp.every((group) => group.match !== match))
    .map(
      ({ match }) => `  - match: ${yamlText(match)}
    mounted: true
    # keep_free: 10GB # so much of each is left alone
`,
    );
  return `# Rules for the disks, for each of them by itself: docs/farm.md\ndisks:\n${[...fast, ...large].join('')}`;
}

/** Of one kind alone a move would bring plots from one such disk to the next. */
function moves({ temp, destination }: Findings): string {
  const done = directoriesText(temp.map(({ match }) => ({ directory: `${match}/done` })));
  return `# A move takes plots that were finished on a fast disk to the large ones, one at a time onto each: docs/moves.md
# For it make the directories "done", and let dest_dir above be
#   dest_dir: ${done}
# moves:
#   farm:
#     from: ${done}
#     to: ${directoriesText(destination)}
#     # Where no disk has room, as many old plots go as the new one needs, none newer than that time.
#     # replot: { before: … }
`;
}

const LIMITS = `# A limit counts the workers of several jobs together: docs/gates.md
# limits:
#   all: { max_workers: 4 }
`;
