import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Outcome } from './copy-files.ts';
import { CARD, PACKAGE } from './shipped.ts';

/** How the package is named in configuration.yaml: with the other packages, or by itself. */
const HAS_PACKAGES = /^\s+packages\s*:/m;

/**
 * What is left to do in Home Assistant, a step each. What its own files say is done already isn't said.
 * @param card the hash of the card, by which browsers know a new one; `null` where it is not there
 */
export function leftToDo(
  directory: string,
  outcomes: ReadonlyMap<string, Outcome>,
  card: string | null,
): string[] {
  const steps: string[] = [];
  const outcome = (path: string) => outcomes.get(path) ?? 'same';
  const configuration = read(join(directory, 'configuration.yaml'));
  if (!HAS_PACKAGES.test(configuration))
    steps.push(
      'In configuration.yaml, below "homeassistant:" (which may be there already), have:\n  packages: !include_dir_named packages',
    );
  // A folder www is only seen at the start, and so is a package.
  if (isNew(outcome(CARD)) || isNew(outcome(PACKAGE)))
    steps.push('Restart Home Assistant: Developer tools, YAML, "Check configuration", then "Restart".');
  if ([...outcomes].some(([path, each]) => path.startsWith('blueprints/') && each === 'replaced'))
    steps.push('Developer tools, YAML, "Automations": automations take the new blueprints.');
  if (card !== null) steps.push(...stepsOfCard(directory, card));
  return steps;
}

function isNew(outcome: Outcome): boolean {
  return outcome === 'new' || outcome === 'replaced';
}

function stepsOfCard(directory: string, card: string): string[] {
  const url = `/local/plot2mqtt.js?v=${card.slice(0, 8)}`;
  const where = 'Settings, Dashboards, ⋮, "Resources"';
  const resources = read(join(directory, '.storage/lovelace_resources'));
  const present = /"\/local\/plot2mqtt\.js[^"]*"/.exec(resources)?.[0];
  const steps: string[] = [];
  if (present === undefined) steps.push(`${where}, "Add resource": ${url} as a JavaScript module.`);
  else if (present !== `"${url}"`)
    steps.push(
      `${where}: change ${present} to ${url}, so that browsers load the new card. Then load the page anew.`,
    );
  if (!hasDashboard(directory))
    steps.push('Settings, Dashboards, "Add dashboard", "Community dashboards": plot2mqtt.');
  return steps;
}

/** Whether there is a dashboard that the strategy makes. */
function hasDashboard(directory: string): boolean {
  const storage = join(directory, '.storage');
  try {
    const names = readdirSync(storage).filter((name) => name.startsWith('lovelace.'));
    return names.some((name) => read(join(storage, name)).includes('custom:plot2mqtt'));
  } catch {
    return false;
  }
}

/** The text of a file of Home Assistant's; empty where it is not there or not for this account: then all is said. */
function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
