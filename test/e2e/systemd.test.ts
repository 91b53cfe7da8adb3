import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Bus } from '../support/e2e/bus.ts';
import { freePort, type Mosquitto, startMosquitto } from '../support/mosquitto.ts';
import { type Box, bootBox, whyNoBox } from '../support/systemd/box.ts';

const dist = fileURLToPath(new URL('../../dist', import.meta.url));
const PROGRAM = '/opt/plot2mqtt/dist/main.js';
const NODE = '/opt/node';
const CONFIG = '/etc/plot2mqtt/config.yaml';
const UNIT = 'plot2mqtt.service';
const KEY = '0'.repeat(96);
/** Half a minute of plotting, so that all that happens to the daemon happens in mid-plot. */
const SPEEDS = { madmax: 150, chia: 1000 } as const;

const config = (broker: string) => `mqtt:\n${broker}
defaults: { farmer_key: "${KEY}", pool_key: "${KEY}", temp_dir: /srv/tmp, dest_dir: /srv/plots }
jobs:
${Object.entries(SPEEDS)
  .map(
    ([plotter, speed]) => `  ${plotter}:
    plotter: ${plotter}
    command: plot2mqtt simulate ${plotter} --speed ${speed}
    check_space: false
    plots_to_do: 2
    max_workers: 2
    starts: [{ on: "@startup" }]
`,
  )
  .join('')}`;

/** What a test can't wait for; what is proven stays as printed. */
const QUICK = `[Service]\nRestartSec=100ms\nWatchdogSec=5s\n`;

const missing = await whyNoBox();
if (missing !== null) console.warn(`\nNO PROOF OF THE SYSTEMD UNIT ON THIS MACHINE: ${missing}\n`);

describe.skipIf(missing !== null)('under a real systemd', () => {
  let box: Box;
  /** Of this machine, whose loopback the box shares: it hears all, whatever happens to the daemon. */
  let broker: Mosquitto;
  let bus: Bus;
  const daemon = () => box.run('systemctl', 'show', '--property=MainPID', '--value', UNIT);
  const journal = () => box.run('journalctl', '--no-pager', '--output=cat', '--unit', UNIT);

  /** Process id and time of start of each job's plotter, as the box counts. */
  async function plotters(): Promise<Record<string, string>> {
    const found: Record<string, string> = {};
    for (const job of Object.keys(SPEEDS)) {
      const pid = String(bus.object(`job/${job}/worker/1`).pid);
      const stat = await box.run('cat', `/proc/${pid}/stat`);
      found[job] = `${pid} ${stat.split(') ')[1]?.split(' ')[19]}`;
    }
    return found;
  }

  /** Waits for the daemon that comes after this one, and until it has told its state. */
  async function next(old: string, recovered: number): Promise<void> {
    await expect
      .poll(async () => (await daemon()) !== old && (await box.succeeds('systemctl', 'is-active', UNIT)), {
        timeout: 20_000,
      })
      .toBe(true);
    for (const job of Object.keys(SPEEDS)) await bus.event('worker_recovered', { job }, recovered);
  }

  beforeAll(async () => {
    box = await bootBox();
    broker = await startMosquitto();
    bus = await Bus.connect(broker.url);
    await box.write(CONFIG, config(`  broker: ${broker.url}`));
    await box.run('cp', '-L', process.execPath, NODE);
    await box.bring(dist, '/opt/plot2mqtt');
    await box.run('sh', '-euc', 'useradd --create-home plotter; install -d -o plotter /srv/tmp /srv/plots');
    const unit = await box.run(
      'setpriv',
      '--reuid=plotter',
      '--regid=plotter',
      '--clear-groups',
      '--',
      NODE,
      PROGRAM,
      'service',
      'print',
      '--config',
      CONFIG,
    );
    await box.write(`/etc/systemd/system/${UNIT}`, `${unit}\n`);
    await box.run('systemctl', 'daemon-reload');
  });
  afterAll(async () => {
    await bus?.end();
    await broker?.stop();
    await box?.close();
  });

  it('the printed unit names this account, program and configuration, and systemd has no complaint', async () => {
    const unit = await box.run('cat', `/etc/systemd/system/${UNIT}`);
    expect(unit).toContain('\nUser=plotter\n');
    expect(unit).toContain(`\nExecStart=${NODE} ${PROGRAM} run --config ${CONFIG}\n`);
    expect(await box.run('systemd-analyze', 'verify', `/etc/systemd/system/${UNIT}`)).toBe('');
    await box.write(`/etc/systemd/system/${UNIT}.d/quick.conf`, QUICK);
    await box.run('systemctl', 'daemon-reload');
  });

  it('starts as that account, keeps its state in /var/lib/plot2mqtt, and starts plotters that the kernel takes first', async () => {
    await box.run('systemctl', 'start', UNIT);
    for (const job of Object.keys(SPEEDS)) await bus.event('plotter_started', { job });
    for (const job of Object.keys(SPEEDS))
      await bus.until(`${job}'s process id`, () => bus.object(`job/${job}/worker/1`).pid ?? undefined);
    const state = await box.run(
      'stat',
      '--format=%U %a',
      '/var/lib/plot2mqtt',
      '/var/lib/plot2mqtt/state.json',
    );
    expect(state.split('\n')).toEqual(['plotter 700', 'plotter 600']);
    const main = await daemon();
    expect(await box.run('cat', `/proc/${main}/oom_score_adj`)).toBe('0');
    for (const plotter of Object.values(await plotters())) {
      const [pid = ''] = plotter.split(' ');
      // The wrapper of the plotter stays as it is; what it runs is raised.
      const child = await box.run('cat', `/proc/${pid}/task/${pid}/children`);
      expect(await box.run('cat', `/proc/${child.trim()}/oom_score_adj`)).toBe('500');
      const environment = await box.run('cat', `/proc/${child.trim()}/environ`);
      expect(environment).not.toMatch(/NOTIFY_SOCKET|WATCHDOG_/);
    }
  });

  const befalls: { what: string; happen: (main: string) => Promise<unknown> }[] = [
    { what: 'a restart', happen: () => box.run('systemctl', 'restart', UNIT) },
    {
      what: 'an upgrade (new program, new unit, daemon-reload, restart)',
      async happen() {
        await box.run(
          'sh',
          '-euc',
          `cd /opt/plot2mqtt; cp -r dist new; mv dist old; mv new dist
          sed -i 's/^Description=.*/Description=the new one/' /etc/systemd/system/${UNIT}
          systemctl daemon-reload; systemctl restart ${UNIT}; rm -r old`,
        );
      },
    },
    { what: 'a crash (SIGKILL)', happen: (main) => box.run('kill', '-KILL', main) },
    {
      what: 'a hang (SIGSTOP, ended by the watchdog)',
      async happen(main) {
        await box.run('kill', '-STOP', main);
        await expect.poll(journal, { timeout: 20_000 }).toContain('Watchdog timeout');
      },
    },
  ];
  it.each(befalls.map((each, index) => ({ ...each, recovered: index + 1 })))(
    '$what leaves the plotters running, and the new daemon finds them',
    async ({ happen, recovered }) => {
      const before = await plotters();
      const old = await daemon();
      await happen(old);
      await next(old, recovered);
      expect(await plotters()).toEqual(before);
      expect(bus.events({ type: 'plotter_started' })).toHaveLength(2);
    },
  );

  it('a reload reads the configuration again', async () => {
    const main = await daemon();
    await box.run('sed', '-i', 's/plots_to_do: 2/plots_to_do: 1/', CONFIG);
    await box.run('systemctl', 'reload', UNIT);
    for (const job of Object.keys(SPEEDS)) await bus.value(`job/${job}/plots_to_do`, '1');
    expect(await daemon()).toBe(main);
  });

  it('a stop leaves the plotters running; they finish without a daemon, and the next one counts their plots', async () => {
    const before = Object.values(await plotters());
    await box.run('systemctl', 'stop', UNIT);
    expect(await box.run('systemctl', 'show', '--property=Result', '--value', UNIT)).toBe('success');
    const living = () =>
      Promise.all(before.map((each) => box.succeeds('test', '-e', `/proc/${each.split(' ')[0]}`)));
    expect(await living()).toEqual([true, true]);
    expect(await journal()).toContain('remains running after unit stopped');
    await expect.poll(living, { timeout: 90_000, interval: 500 }).toEqual([false, false]);
    await box.run('systemctl', 'start', UNIT);
    for (const job of Object.keys(SPEEDS)) await bus.value(`job/${job}/plots_done`, '1');
    const made = await box.run('sh', '-c', 'ls /srv/plots; ls -A /srv/tmp');
    expect(made.split('\n')).toEqual([expect.stringMatching(/\.plot$/), expect.stringMatching(/\.plot$/)]);
    await box.run('systemctl', 'stop', UNIT);
  });

  it('is ready once its workers are found again, without waiting for an external broker', async () => {
    const nobody = `  broker: mqtt://127.0.0.1:${await freePort()}`;
    await box.write(CONFIG, config(nobody).replaceAll('plots_to_do: 2', 'plots_to_do: 4'));
    await box.run('systemctl', 'start', UNIT);
    // All that was written down is in the journal of the state by the time that systemd calls the unit started.
    const told = (type: string) =>
      box.run('sh', '-c', `cat /var/lib/plot2mqtt/journal* | grep -o '"type":"${type}"' | wc -l`);
    await expect.poll(() => told('plotter_started')).toBe('2');
    const old = await daemon();
    await box.run('kill', '-KILL', old);
    await expect
      .poll(async () => (await daemon()) !== old && (await box.succeeds('systemctl', 'is-active', UNIT)), {
        timeout: 20_000,
      })
      .toBe(true);
    expect(await told('worker_recovered')).toBe('2');
    expect(await told('plotter_started')).toBe('2');
    await box.run('systemctl', 'kill', '--signal=KILL', '--kill-who=all', UNIT);
  });

  it('a full disk at the start is waited for, longer than a start may take', async () => {
    await box.write(`/etc/systemd/system/${UNIT}.d/full.conf`, '[Service]\nTimeoutStartSec=3s\n');
    await box.run('systemctl', 'stop', UNIT);
    await box.succeeds('systemctl', 'reset-failed', UNIT);
    await box.run('systemctl', 'daemon-reload');
    await box.run('sh', '-euc', 'mount -t tmpfs -o size=64k none /var/lib/plot2mqtt');
    await box.succeeds('sh', '-c', 'head -c 1000000 /dev/zero >/var/lib/plot2mqtt/ballast');
    await box.run('systemctl', 'start', '--no-block', UNIT);
    const shows = (name: string) => box.run('systemctl', 'show', `--property=${name}`, '--value', UNIT);
    await expect.poll(() => shows('StatusText'), { timeout: 10_000 }).toMatch(/waits for data_dir .*ENOSPC/);
    const main = await daemon();
    await new Promise((resolve) => setTimeout(resolve, 6_000));
    expect([await daemon(), await shows('ActiveState')]).toEqual([main, 'activating']);
    await box.run('rm', '/var/lib/plot2mqtt/ballast');
    await box.run('mount', '-o', 'remount,size=16m', '/var/lib/plot2mqtt');
    await expect.poll(() => shows('ActiveState'), { timeout: 20_000 }).toBe('active');
    expect([await daemon(), await shows('StatusText')]).toEqual([main, '']);
    await box.run('systemctl', 'kill', '--signal=KILL', '--kill-who=all', UNIT);
    await box.run('sh', '-euc', `umount -l /var/lib/plot2mqtt; rm /etc/systemd/system/${UNIT}.d/full.conf`);
    await box.run('systemctl', 'daemon-reload');
  });

  it('an invalid configuration is not tried again', async () => {
    await box.write(CONFIG, 'jbos: {}\n');
    await box.succeeds('systemctl', 'restart', UNIT);
    await expect
      .poll(() => box.run('systemctl', 'show', '--property=ExecMainStatus,ActiveState', '--value', UNIT))
      .toBe('2\nfailed');
    expect(await journal()).toContain(`${CONFIG}:1:1`);
  });
});
