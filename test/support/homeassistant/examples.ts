import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished, test } from 'vitest';

const OURS = join(import.meta.dirname, '../../../homeassistant');

/** A test that needs files in Home Assistant's configuration: not in one that is lent to the tests. */
export const testWithFiles = test.skipIf(process.env.HOME_ASSISTANT_URL !== undefined);

/** The dashboard for one job by its path in Home Assistant. */
export const JOB_DASHBOARD = '/plot2mqtt-job/job';

/**
 * A folder as a user makes it from the project's homeassistant/: the dashboard, blueprints, the package, and what else
 * there is to be in configuration.yaml.
 */
export async function examplesFolder(packages: Record<string, object> = {}): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'examples-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  for (const name of ['dashboards', 'packages']) await mkdir(join(folder, name));
  await cp(join(OURS, 'dashboard-job.yaml'), join(folder, 'dashboards/dashboard-job.yaml'));
  await cp(join(OURS, 'blueprints'), join(folder, 'blueprints'), { recursive: true });
  await cp(join(OURS, 'packages'), join(folder, 'packages'), { recursive: true });
  const yaml = (title: string, name: string) => ({
    ...{ mode: 'yaml', title, filename: `dashboards/${name}.yaml`, show_in_sidebar: true },
  });
  const dashboards = {
    'plot2mqtt-job': yaml('Demo plots', 'dashboard-job'),
  };
  const all = { test_dashboards: { lovelace: { dashboards } }, ...packages };
  for (const [name, content] of Object.entries(all))
    await writeFile(join(folder, `packages/${name}.yaml`), JSON.stringify(content));
  return folder;
}
