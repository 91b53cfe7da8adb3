import { describe, expect, it } from 'vitest';
import { serviceFacts, serviceUnit } from '../../../src/cli/service.ts';

const FACTS = {
  user: 'plotter',
  node: '/usr/bin/node',
  program: '/usr/lib/node_modules/plot2mqtt/dist/main.js',
  config: '/etc/plot2mqtt/config.yaml',
};
const settings = (unit: string) =>
  Object.fromEntries(
    unit
      .split('\n')
      .filter((line) => /^\w+=/.test(line))
      .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );

describe('the systemd unit', () => {
  it('keeps plotters alive and restarts what fails, but for an invalid configuration', () => {
    expect(settings(serviceUnit(FACTS))).toMatchObject({
      User: 'plotter',
      Type: 'notify',
      KillMode: 'process',
      Restart: 'on-failure',
      RestartPreventExitStatus: '2 3',
      OOMPolicy: 'continue',
      StateDirectory: 'plot2mqtt',
      WorkingDirectory: '/etc/plot2mqtt',
      ExecStart:
        '/usr/bin/node /usr/lib/node_modules/plot2mqtt/dist/main.js run --config /etc/plot2mqtt/config.yaml',
    });
  });

  it('has nothing that plotters, which inherit it, would die of', () => {
    const unit = serviceUnit(FACTS);
    const deadly = [
      'PrivateTmp',
      'ProtectHome',
      'PrivateDevices',
      'MemoryDenyWriteExecute',
      'SystemCallFilter',
    ];
    for (const name of [...deadly, 'MemoryMax', 'DynamicUser', 'NoNewPrivileges'])
      expect(Object.keys(settings(unit))).not.toContain(name);
  });

  it.each([
    { config: '/etc/my plots/config.yaml', word: '"/etc/my plots/config.yaml"', directory: '/etc/my plots' },
    { config: '/etc/100%/config.yaml', word: '/etc/100%%/config.yaml', directory: '/etc/100%%' },
    { config: '/etc/$x/config.yaml', word: '/etc/$$x/config.yaml', directory: '/etc/$x' },
    { config: '/etc/a"b/config.yaml', word: '"/etc/a\\"b/config.yaml"', directory: '/etc/a"b' },
  ])('writes $config as systemd reads it', ({ config, word, directory }) => {
    const { ExecStart, WorkingDirectory } = settings(serviceUnit({ ...FACTS, config }));
    expect(ExecStart?.endsWith(` --config ${word}`)).toBe(true);
    expect(WorkingDirectory).toBe(directory);
  });

  it('takes this account, this Node.js and an absolute configuration', () => {
    const facts = serviceFacts('config.yaml');
    expect(facts.node).toBe(process.execPath);
    expect(facts.config).toBe(`${process.cwd()}/config.yaml`);
    expect(facts.user).not.toBe('');
  });
});
