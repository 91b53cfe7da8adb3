import { stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { runCheck } from '../../../../src/cli/check/check.ts';
import { check } from '../support.ts';

const KEY = 'ab'.repeat(48);
const KEYS = `farmer_key: "${KEY}", pool_key: "${KEY}"`;
/** The last line of a job, without which nothing starts it: that is warned of. */
const STARTS = '    starts: [{ on: "@startup" }]\n';

describe('plot2mqtt check', () => {
  it('prints the command line of each job', async () => {
    const text =
      `defaults: { ${KEYS} }\njobs:\n` +
      '  a:\n    title: First\n    plotter: madmax\n    command: cd x && ./chia_plot "$@" | tee log\n' +
      '    check_space: false\n    arguments: { temp_dir: tmp, dest_dir: farm, threads: 3, extra: ["-x", "a b", "it\'s"] }\n' +
      STARTS;
    const { code, lines } = await check(text);
    expect(code).toBe(0);
    expect(lines[0]).toBe("job 'a' (First), plotter 'madmax':");
    expect(lines[1]).toMatch(/^ {2}cd x && \.\/chia_plot .*-t DIR\/tmp\/ .*\| tee log$/);
    expect(lines[1]).toContain(`-r 3`);
    expect(lines[1]).toContain(`-x 'a b' 'it'\\''s' | tee log`);
    expect(lines.at(-1)).toBe('FILE is valid.');
  });

  it('says by which time zone holds stand, and warns of patterns that no job is called like', async () => {
    const jobs =
      `defaults: { ${KEYS}, temp_dir: tmp, dest_dir: farm }\njobs:\n  cpu1:\n    plotter: madmax\n` +
      `    check_space: false\n    command: x/chia_plot\n${STARTS}`;
    const holds = 'holds:\n  price: { jobs: ["cpu?", "gpu*"], held: "07:00-22:00" }\n';
    const { code, lines } = await check(`${jobs}${holds}time_zone: Asia/Tokyo\n`);
    expect(code).toBe(0);
    expect(lines).toContain('note: the hours of holds are by the time zone Asia/Tokyo');
    expect(lines.filter((line) => line.includes('no job of this file'))).toEqual([
      expect.stringMatching(/^FILE:9:27: warning: .*'gpu\*'/),
    ]);
    const { lines: ofSystem } = await check(`${jobs}${holds}`);
    expect(ofSystem).toContainEqual(expect.stringMatching(/^note: the hours of holds .*, the system's/));
    const { lines: without } = await check(`${jobs}holds: { price: {} }\n`);
    expect(without.join()).not.toMatch(/hold/);
  });

  it('says which required arguments are missing', async () => {
    const { code, lines } = await check(
      `jobs:\n  nightly:\n    plotter: madmax\n    arguments:\n      temp_dir: tmp\n${STARTS}`,
    );
    expect(code).toBe(2);
    const remedy = 'set it in the job, in plotters.madmax.arguments or in defaults';
    const place = "jobs.nightly.arguments.X: job 'nightly': plotter 'madmax'";
    const said = lines.filter((line) => line.startsWith('FILE'));
    expect(said.sort()).toEqual([
      `FILE:4:5: ${place.replace('X', 'dest_dir')}: argument 'dest_dir' is missing; ${remedy}`,
      `FILE:4:5: ${place.replace('X', 'farmer_key')}: argument 'farmer_key' is missing; ${remedy}`,
      `FILE:4:5: ${place.replace('X', 'pool_key')}: one of the arguments 'pool_key' or 'pool_contract' is missing; ${remedy}`,
    ]);
    expect(lines.at(-1)).toBe('3 problems.');
  });

  it('names directories that are missing or are none, and where they are written', async () => {
    const text =
      `defaults:\n  dest_dir: nowhere\n  farmer_key: "${KEY}"\n  pool_key: "${KEY}"\n` +
      `jobs:\n  a:\n    plotter: madmax\n    arguments: { temp_dir: config.yaml }\n${STARTS}`;
    const { code, lines } = await check(text);
    expect(code).toBe(2);
    expect(lines.slice(2)).toEqual([
      "FILE:2:13: defaults.dest_dir: job 'a': plotter 'madmax': dest_dir DIR/nowhere does not exist (is its disk mounted?); directories are never made, make it with 'mkdir -p'",
      "FILE:8:28: jobs.a.arguments.temp_dir: job 'a': plotter 'madmax': temp_dir FILE is no directory",
      '2 problems.',
    ]);
  });

  it('finds unknown arguments, CPUs that the host lacks, and certificates that are not there', async () => {
    const text =
      `mqtt: { broker: "mqtts://h:8883", ca: ca.pem }\njobs:\n  a:\n    plotter: madmax\n    cpus: [8000]\n` +
      `    arguments: { ${KEYS}, temp_dir: tmp, dest_dir: farm, thraeds: 3 }\n${STARTS}`;
    const { code, lines } = await check(text);
    expect(code).toBe(2);
    expect(lines.slice(2)).toEqual([
      'FILE:1:39: mqtt.ca: DIR/ca.pem does not exist',
      expect.stringMatching(
        /^FILE:5:11: jobs\.a\.cpus: job 'a': cpus: CPU 8000 is not available on this host/,
      ),
      expect.stringMatching(
        /^FILE:6:\d+: jobs\.a\.arguments\.thraeds: job 'a': plotter 'madmax': unknown argument 'thraeds'; did you mean 'threads'\?$/,
      ),
      '3 problems.',
    ]);
  });

  it('shows no secret, neither in a command line nor in a problem', async () => {
    const text =
      'jobs:\n  a: &a\n    plotter: madmax\n    title: !secret word\n    command: echo $$ && !\n' +
      '    arguments: { farmer_key: !secret key, pool_key: !secret key, temp_dir: tmp, dest_dir: farm, threads: !secret n }\n' +
      '  b: { plotter: madmax, arguments: { farmer_key: !secret word, threads: !secret word } }\n';
    const { code, lines } = await check(text, { secrets: `key: "${KEY}"\nword: hunter22\nn: 7` });
    expect(code).toBe(2);
    expect(lines[0]).toBe("job 'a' (***), plotter 'madmax':");
    expect(lines[1]).toContain('-f ***');
    expect(lines[1]).toContain('-r ***');
    expect(lines.join('\n')).not.toMatch(new RegExp(`${KEY}|hunter22`));
  });

  it('says in one message what is wrong with a key as people paste it', async () => {
    const withKey = (key: string) =>
      check(
        `jobs: { a: { plotter: madmax, arguments: { temp_dir: tmp, dest_dir: farm, pool_key: "${KEY}", farmer_key: ${key} }, starts: [{ on: "@startup" }] } }`,
      );
    for (const [key, message] of [
      [`0x${KEY}`, `must be in quotes, or it is read as a number, and without a "0x" before it (`],
      [`"0x${KEY}"`, `must be without the "0x" before it (`],
      [`" ${KEY}\\n"`, `must be without blanks and line ends (`],
    ]) {
      const { code, lines } = await withKey(key ?? '');
      expect(code).toBe(2);
      expect(lines.slice(2)).toEqual([
        expect.stringContaining(`argument 'farmer_key' ${message}`),
        '1 problem.',
      ]);
    }
  });

  it('tells all mistakes at once', async () => {
    const text = `log_level: loud
mqtt: { version: 3, password: x }
defaults: { ${KEYS}, dest_dir: farm }
jobs:
  a:
    plotter: madmax
    max_wokers: 2
    arguments: { threads: 0, thraeds: 3, temp_dir: nowhere }
    pre_command: nosuchprogram
    post_command: mv "%plot%" /farm
    events: [{ fire: next, on: stage_started }]
  b: { plotter: madmx }
  c: { plotter: madmax, cpus: [8000], command: chia_plot | cat, arguments: { temp_dir: tmp } }
`;
    const { code, lines } = await check(text);
    expect(code).toBe(2);
    const place = (line: string) => /^FILE:\d+:\d+: ([^ ]+):/.exec(line)?.[1] ?? line;
    expect(lines.map(place)).toEqual([
      ...['log_level', 'mqtt.version', 'mqtt.password', 'jobs.a.max_wokers'],
      ...['jobs.a.arguments.threads', 'jobs.a.arguments.thraeds', 'jobs.a.arguments.temp_dir'],
      ...['jobs.a.pre_command', 'jobs.a.post_command', 'jobs.a.events[0].stage', 'jobs.b.plotter'],
      ...['jobs.c.cpus', 'jobs.c.command', '13 problems.'],
    ]);
  });

  it('tells of nothing that only comes of a mistake', async () => {
    const text = `defaults: { farmer_key: [1], pool_key: "${KEY}", dest_dir: farm, temp_dir: tmp }
mqtt: { username: 5, password: x }
plotters: { mine: { title: Mine, command: mine, arguments: {}, stages: [] } }
jobs:
  a: { plotter: madmax }
  b: { plotter: mine }
  c: { command: x }
`;
    const { lines } = await check(text);
    expect(lines.map((line) => line.split(' ')[1])).toEqual([
      ...['defaults.farmer_key[0]:', 'mqtt.username:', 'plotters.mine.patterns:', 'plotters.mine.stages:'],
      ...['jobs.c.plotter:', 'problems.'],
    ]);
  });

  it('names a flag that is given already, and a number among words, at their places', async () => {
    const text =
      `defaults: { ${KEYS}, temp_dir: tmp, dest_dir: farm }\njobs:\n` +
      `  a:\n    plotter: madmax\n    check_space: false\n    arguments:\n      extra: ["-n", "-1"]\n${STARTS}`;
    const fixed = await check(text);
    expect(fixed.code).toBe(2);
    expect(fixed.lines.slice(2)).toEqual([
      "FILE:7:15: jobs.a.arguments.extra[0]: job 'a': plotter 'madmax': argument 'extra' repeats the flag -n: it is what plots_per_run sets",
      '1 problem.',
    ]);
    const number = await check(text.replace('["-n", "-1"]', '["-K", 2]'));
    expect(number.lines).toEqual([
      'FILE:7:21: jobs.a.arguments.extra[1]: expected text: put it in quotes',
      '1 problem.',
    ]);
  });

  it('warns of an empty password, which leaves the file valid', async () => {
    const { code, lines } = await check('mqtt:\n  username: a\n  password: #foo\n');
    expect(code).toBe(0);
    expect(lines).toEqual([
      expect.stringContaining('there is no job'),
      expect.stringMatching(/^FILE:3:3: warning: mqtt\.password: nothing stands here but a comment/),
      'FILE is valid, with 2 warnings.',
    ]);
  });

  it('warns of names that no job fires, and notes those on which none starts', async () => {
    const text =
      `defaults: { ${KEYS}, temp_dir: tmp, dest_dir: farm }\njobs:\n` +
      '  a:\n    plotter: madmax\n    check_space: false\n    events: [{ fire: nexxt, on: worker_end }]\n' +
      '    starts: [{ on: next }, { on: "@startup" }]\n';
    const { code, lines } = await check(text);
    expect(code).toBe(0);
    expect(lines.slice(2)).toEqual([
      "note: job 'a' fires 'nexxt', on which no job of this file starts",
      "FILE:7:20: warning: jobs.a.starts[0].on: job 'a': no job fires 'next', only somebody over MQTT could; did you mean 'nexxt'?",
      'FILE is valid, with 1 warning.',
    ]);
    const elsewhere = await check(text.replace('nexxt', 'next, at: rig2'));
    expect(elsewhere.lines.slice(2)).toEqual([
      expect.stringContaining("no job fires 'next', only somebody over MQTT could"),
      'FILE is valid, with 1 warning.',
    ]);
    const right = await check(text.replace('nexxt', 'next'));
    expect(right.lines.slice(2)).toEqual(['FILE is valid.']);
  });

  it('warns of a job that nothing starts, but for one that keeps running or is started by hand only', async () => {
    const text = (more: string) =>
      `defaults: { ${KEYS}, temp_dir: tmp, dest_dir: farm }\njobs:\n` +
      `  a:\n    plotter: madmax\n    check_space: false\n${more}`;
    const { code, lines } = await check(text(''));
    expect(code).toBe(0);
    expect(lines.slice(2)).toEqual([
      `FILE:3:3: warning: jobs.a: job 'a': nothing starts its workers but a start by hand: give it "starts", or "keep_running: true"`,
      'FILE is valid, with 1 warning.',
    ]);
    for (const more of ['    keep_running: true\n', '    enabled: false\n', STARTS])
      expect((await check(text(more))).lines.at(-1)).toBe('FILE is valid.');
  });

  it.each([
    ['stall_timeout: never', 'expected auto or a duration such as 30s, 5m, 2h or 1d'],
    ['stall_timeout: 5 minutes', 'expected auto or a duration such as 30s, 5m, 2h or 1d'],
    ['stall_timeout: -1', 'expected auto or at least 0'],
    ['stall_timeout: true', 'expected auto or a number or text'],
    ['on_stall: kill', 'expected one of report, dismiss'],
  ])('says what is wrong with %s', async (line, message) => {
    const text =
      `defaults: { ${KEYS}, temp_dir: tmp, dest_dir: farm }\njobs:\n` +
      `  a:\n    plotter: madmax\n    check_space: false\n    ${line}\n`;
    const [key = ''] = line.split(':');
    const { code, lines } = await check(text);
    expect(code).toBe(2);
    expect(lines[0]).toBe(`FILE:6:${key.length + 7}: jobs.a.${key}: ${message}`);
  });

  it('refuses a job that would keep running without any limit', async () => {
    const text =
      `defaults: { ${KEYS}, temp_dir: tmp, dest_dir: farm }\njobs:\n` +
      '  a:\n    plotter: madmax\n    keep_running: true\n    max_workers: 0\n    check_space: false\n';
    expect((await check(text)).lines).toEqual([
      'FILE:5:19: jobs.a.keep_running: needs an entry of limits or disks that holds for the job while max_workers is 0, which is no limit',
      '1 problem.',
    ]);
    const other = await check(`${text}limits: { rig: { jobs: [b], apart: 1m } }\n`);
    expect(other.code).toBe(2);
    const limited = await check(`${text}limits: { rig: { jobs: ["?"], apart: 1m } }\n`);
    expect(limited.lines.slice(2)).toEqual(['FILE is valid.']);
  });

  describe('of limits of disks', () => {
    const DISKS = `defaults: { ${KEYS}, temp_dir: tmp, dest_dir: farm }\njobs:\n  a: { plotter: madmax, check_space: false, keep_running: true, max_workers: 0 }\ndisks:\n`;
    const said = async (...entries: string[]) => {
      const { code, lines } = await check(DISKS + entries.map((entry) => `  - ${entry}\n`).join(''));
      return { code, lines: lines.filter((line) => line.startsWith('FILE:')) };
    };

    it.each([
      '{ match: tmp, max_workers: 1 }',
      '{ match: "*", apart: 90s }',
      '{ match: farm, max_workers: 2 }',
    ])('lets a job keep running without max_workers where there is %s', async (entry) =>
      expect(await said(entry)).toEqual({ code: 0, lines: [] }),
    );

    it.each([
      ['{ match: other, max_workers: 1 }'],
      ['{ match: tmp, max_in_phase: {} }'],
      ['{ match: tmp, keep_free: 1GB }'],
    ])('but not where there is only %s', async (entry) => {
      const { code, lines } = await said(entry);
      expect(code).toBe(2);
      // Another check warns of directories that there are not.
      expect(lines.filter((line) => !line.includes(' warning: '))).toEqual([
        expect.stringMatching(/keep_running: needs an entry of limits or disks/),
      ]);
    });

    it.each([
      [
        '{ match: tmp, max_workers: 0 }',
        /^FILE:5:32: warning: disks\[0\]\.max_workers: .*max_workers 0 lets none.*, for moves too, say closed: true$/,
      ],
      [
        '{ match: "t*", max_in_phase: { 7: 1 } }',
        /^FILE:5:39: warning: disks\[0\]\.max_in_phase\.7: .*no plotter of its jobs has a phase 7/,
      ],
    ])('warns of %s', async (entry, line) => {
      expect(await said(entry)).toEqual({ code: 0, lines: [expect.stringMatching(line)] });
    });

    it.each([
      [
        '{ match: bin, max_workers: 1 }',
        /^FILE:5:14: warning: disks\[0\]\.match: no job and no move of this file has a directory in DIR\/bin/,
      ],
      [
        '{ match: "f*", max_in_phase: { 1: 1 } }',
        /^FILE:5:34: warning: disks\[0\]\.max_in_phase: no job .* temporary directory in DIR\/f\*/,
      ],
      [
        '{ match: farm, max_moves: 2 }',
        /^FILE:5:31: warning: disks\[0\]\.max_moves: no move of this file brings plots to DIR\/farm/,
      ],
      [
        '{ match: farm, keep_free: 1000000GB }',
        /^FILE:5:31: warning: disks\[0\]\.keep_free: keep_free is all that DIR\/farm has, .*: no plot ever has room/,
      ],
    ])('warns of %s, which holds for nothing, or lets nothing through', async (entry, line) => {
      expect(await said(entry, '{ match: tmp, apart: 1s }')).toEqual({
        code: 0,
        lines: [expect.stringMatching(line)],
      });
    });
  });

  it('notes jobs whose chains somebody must begin, and what begins them', async () => {
    const fires = (name: string) => `events: [{ fire: ${name}, on: worker_end }]`;
    const text = (a: string, b: string) =>
      `defaults: { ${KEYS}, temp_dir: tmp, dest_dir: farm }\njobs:\n` +
      [a, b].map((more, at) => `  ${'ab'[at]}: { plotter: madmax, check_space: false, ${more} }\n`).join('');
    const notes = async (a: string, b: string) =>
      (await check(text(a, b))).lines.filter((line) => line.includes('by hand'));
    const b = `${fires('y')}, starts: [{ on: x }]`;
    expect(await notes(`${fires('x')}, starts: [{ on: y }]`, b)).toEqual([
      expect.stringMatching(/^note: job 'a' begins with a start by hand/),
      expect.stringMatching(/^note: job 'b' begins with a start by hand/),
    ]);
    for (const begun of [
      `${fires('x')}, starts: [{ on: y }, { on: "@startup" }]`,
      `${fires('x')}, starts: [{ on: y }, { on: cheap-power }]`,
      `${fires('x')}, keep_running: true`,
    ])
      expect(await notes(begun, b)).toEqual([]);
    const silent = `${fires('x')}, keep_running: true, emit_events: false`;
    expect(await notes(silent, b)).toEqual([expect.stringMatching(/^note: job 'b'/)]);
  });

  describe('of limits over jobs', () => {
    const LIMITED = `defaults: { ${KEYS}, temp_dir: tmp, dest_dir: farm }\njobs:\n  a: { plotter: madmax, check_space: false, keep_running: true }\nlimits:\n`;
    const said = async (entry: string) => {
      const { code, lines } = await check(`${LIMITED}  rig: ${entry}\n`);
      return { code, lines: lines.filter((line) => line.startsWith('FILE:')) };
    };

    it.each(['{ max_workers: 1 }', '{ jobs: [a, "*"], max_in_phase: { 1: 2 } }', '{ apart: 90s }'])(
      'takes %s',
      async (entry) => expect(await said(entry)).toEqual({ code: 0, lines: [] }),
    );

    it.each([
      [
        '{ jobs: [aa], max_workers: 1 }',
        "5:17: warning: limits.rig.jobs[0]: limit 'rig': no job of this file matches 'aa', only one made over MQTT could; did you mean 'a'?",
      ],
      [
        '{ jobs: [a], apart: 0 }',
        "5:8: warning: limits.rig: limit 'rig': limits nothing: give it max_workers, max_in_phase or apart",
      ],
      [
        '{ max_workers: 0 }',
        "5:23: warning: limits.rig.max_workers: limit 'rig': max_workers 0 lets none of its workers start; without a limit leave it out",
      ],
      [
        '{ max_in_phase: { 1: 0 } }',
        "5:29: warning: limits.rig.max_in_phase.1: limit 'rig': 0 in phase 1 lets none of its workers start; without a limit leave it out",
      ],
      [
        '{ max_in_phase: { 7: 1 } }',
        "5:29: warning: limits.rig.max_in_phase.7: limit 'rig': no plotter of its jobs has a phase 7: workers count until their plotter ends",
      ],
    ])('warns of %s', async (entry, line) => {
      expect(await said(entry)).toEqual({ code: 0, lines: [`FILE:${line}`] });
    });

    it.each([
      ['{ max_workers: -1 }', '5:23: limits.rig.max_workers: '],
      ['{ jobs: [], max_workers: 1 }', '5:16: limits.rig.jobs: '],
      ['{ jobs: ["A*"], max_workers: 1 }', '5:17: limits.rig.jobs[0]: '],
      ['{ max_in_phase: { "1.2": 1 } }', '5:26: limits.rig.max_in_phase'],
      ['{ apart: soon }', '5:17: limits.rig.apart: '],
      [
        '{ max_worker: 1 }',
        "5:10: limits.rig.max_worker: unknown key 'max_worker'; did you mean 'max_workers'?",
      ],
    ])('refuses %s', async (entry, start) => {
      const { code, lines } = await said(entry);
      expect(code).toBe(2);
      expect(lines).toEqual([expect.stringContaining(`FILE:${start}`)]);
    });
  });

  it('tells what is wrong with the file itself', async () => {
    const { code, lines } = await check('jobs: { a: { plotter: madmx } }');
    expect(code).toBe(2);
    expect(lines).toEqual([
      "FILE:1:23: jobs.a.plotter: job 'a' asks for an unknown plotter; known are bladebit-cuda, bladebit-disk, bladebit-ram, chia, chia-v2, gigahorse, gigahorse-cuda, madmax, pos2; did you mean 'madmax'?",
      '1 problem.',
    ]);
  });

  it("finds nothing wrong with the repository's config.yaml", async () => {
    const lines: string[] = [];
    const file = fileURLToPath(new URL('../../../../config.yaml', import.meta.url));
    expect(await runCheck({ file, env: {}, out: (line) => lines.push(line) })).toBe(0);
    expect(lines[1]).toContain('plot2mqtt simulate madmax --speed 200 ');
  });
});

describe('what goes wrong on real hosts', () => {
  const job = (more: string) =>
    `defaults: { ${KEYS}, temp_dir: tmp, dest_dir: farm }\njobs:\n  a:\n    plotter: madmax\n${more}${more.includes('starts:') ? '' : STARTS}`;
  const said = async (text: string, written: Parameters<typeof check>[1] = {}) => {
    const { code, lines } = await check(text, written);
    return { code, lines: lines.slice(2).map((line) => line.replace(/^FILE:\d+:\d+: /, '')) };
  };
  const SMALL = '    check_space: false\n';

  it.each([
    [
      'command: nowhere/chia_plot',
      "command can't start: DIR/nowhere/chia_plot does not exist; mend the command",
    ],
    ['command: ./config.yaml', "command can't start: FILE can't be run by this account; mend the command"],
    ['command: cd nowhere && chia_plot', "command can't start: DIR/nowhere does not exist; mend the command"],
    [
      'command: cd x && . ./activate && chia_plot',
      "command can't start: DIR/x/activate does not exist; mend the command",
    ],
    [
      'post_command: mvv %plot% /farm',
      "post_command can't start: there is no program 'mvv' in the PATH; mend the command",
    ],
  ])('%s', async (line, message) => {
    const { code, lines } = await said(job(`${SMALL}    ${line}\n`));
    expect(code).toBe(2);
    expect(lines[0]).toBe(`jobs.a.${line.split(':')[0]}: job 'a': ${message}`);
  });

  it.each([
    'cd x && ./chia_plot',
    'nice -n 5 chia_plot',
    'A=b exec chia_plot',
    '"$HOME/any thing"',
    'cd "$X" && y',
    'if true; then chia_plot "$@"; fi',
    'chia_plot "$@" # fast',
    '# the fast one\nchia_plot',
    'chia_plot -t a#b',
  ])('has nothing against: %s', async (command) => {
    const { code, lines } = await said(job(`${SMALL}    command: ${JSON.stringify(command)}\n`));
    expect(lines).toEqual(['FILE is valid.']);
    expect(code).toBe(0);
  });

  it.each([
    [
      'command: ./chia_plot 2>&1 | tee x.log',
      /^jobs\.a\.command: job 'a': command: its arguments would go to the last command of/,
    ],
    ['command: chia_plot $@', /^jobs\.a\.command: job 'a': command: its \$@ or \$\* needs quotes of its own/],
    [
      'command: "chia_plot # fast"',
      /^jobs\.a\.command: job 'a': command: its arguments come at its end, which is a comment/,
    ],
    [
      "post_command: mv '%plot%' /farm",
      /^jobs\.a\.post_command: job 'a': post_command has quotes around %plot%/,
    ],
  ])('a command into which its words would not go as they should: %s', async (line, problem) => {
    const { code, lines } = await said(job(`${SMALL}    ${line}\n`));
    expect(code).toBe(2);
    expect(lines[0]).toMatch(problem);
  });

  it('a command of a plotter, at its place', async () => {
    const text = job(SMALL);
    const { lines } = await said(`plotters: { madmax: { command: chia_plot | cat } }\n${text}`);
    expect(lines[0]).toMatch(
      /^plotters\.madmax\.command: job 'a': the command of plotter 'madmax': its arguments would go/,
    );
  });

  it('a plotter that is not there, and a command that the shell cannot read', async () => {
    const { code, lines } = await said(job(`${SMALL}    pre_command: if x\n`), {
      env: { PATH: '/usr/bin:/bin' },
    });
    expect(code).toBe(2);
    expect(lines).toEqual([
      "jobs.a.plotter: job 'a': the command of plotter 'madmax' can't start: there is no program 'chia_plot' in the PATH; install the plotter, or say where it is: plotters.madmax.command",
      expect.stringMatching(
        /^jobs\.a\.pre_command: job 'a': pre_command can't start: the shell can't read it: .*; mend/,
      ),
      '2 problems.',
    ]);
  });

  it('directories on the disk of the system, and no room: warnings, with which it is valid', async () => {
    const systemDisk = String((await stat(tmpdir(), { bigint: true })).dev);
    const { code, lines } = await said(job('    arguments: { k: 34 }\n'), { machine: { systemDisk } });
    expect(code).toBe(0);
    expect(lines).toEqual([
      expect.stringMatching(
        /^warning: defaults\.temp_dir: temp_dir DIR\/tmp is on the disk of the system, .*take a disk of its own$/,
      ),
      expect.stringMatching(
        /^warning: defaults\.temp_dir: job 'a': .* no room in temp_dir DIR\/tmp and dest_dir DIR\/farm: it takes 1632\.0 GB for a plot, [\d.]+ GB are free; the job waits/,
      ),
      expect.stringMatching(/^warning: defaults\.dest_dir: dest_dir DIR\/farm is on the disk of the system/),
      'FILE is valid, with 3 warnings.',
    ]);
  });

  it('a disk on which there never is room beside what is kept free', async () => {
    const { code, lines } = await said(`${job('')}disks: [{ match: tmp, keep_free: 900000GB }]\n`);
    expect(code).toBe(0);
    expect(lines[0]).toMatch(
      /GB are free, of which 900000\.0 GB stay so \(keep_free\); the job waits .* which this disk never has: take another disk$/,
    );
  });

  it('a stage that the plotter does not have: a warning where it is named', async () => {
    const { code, lines } = await said(
      job(`${SMALL}    events:
      - { fire: good, on: stage_started, stage: "1.3" }
      - { fire: never, on: stage_finished, stage: "9" }
    starts: [{ on: good }, { on: never }, { on: "@startup" }]
`),
    );
    expect(code).toBe(0);
    expect(lines).toEqual([
      expect.stringMatching(
        /^warning: jobs\.a\.events\[1\]\.stage: .* has no stage "9", so 'never' never fires/,
      ),
      'FILE is valid, with 1 warning.',
    ]);
  });

  it.each([
    { buckets: 512, threads: 8, limit: 1024, wanted: null },
    { buckets: 1024, threads: 8, limit: 1024, wanted: 1072 },
    { buckets: 12, threads: 1, limit: 4129, wanted: 4130 },
    { buckets: 12, threads: 1, limit: 4130, wanted: null },
  ])(
    'open files for $buckets buckets and $threads threads, limit $limit',
    async ({ buckets, threads, limit, wanted }) => {
      const text = job(`${SMALL}    arguments: { buckets: ${buckets}, threads: ${threads} }\n`);
      const { code, lines } = await said(text, { machine: { openFiles: limit } });
      expect(code).toBe(wanted === null ? 0 : 2);
      if (wanted !== null)
        expect(lines[0]).toContain(
          `opens ${wanted} files with these arguments, this account may open ${limit}`,
        );
    },
  );

  it('a clock that was never set', async () => {
    const { code, lines } = await said(job(SMALL), { now: 60_000 });
    expect(code).toBe(0);
    expect(lines[0]).toMatch(
      /^warning: the clock of this machine says 1970-01-01T00:01:00\.000Z.*timedatectl/,
    );
  });
});

describe('several directories', () => {
  const config = (temp: string, more = '') =>
    `defaults: { ${KEYS}, temp_dir: ${temp}, dest_dir: farm }\njobs:\n  a:\n    plotter: madmax\n    check_space: false\n    starts: [{ on: "@startup" }]\n${more}`;
  const withDirectories = (text: string) => check(text, { directories: ['d/a1', 'd/a2', 'd/a10', 'e'] });

  it('what patterns match is printed, and the command line has the one that would be taken', async () => {
    const { code, lines } = await withDirectories(config('["d/a*", e]', '    choose: in_order\n'));
    expect(lines).toEqual([
      "job 'a', plotter 'madmax':",
      expect.stringContaining('-t DIR/d/a1/ -d DIR/farm/'),
      '  temp_dir DIR/d/a*: DIR/d/a1, DIR/d/a2, DIR/d/a10',
      '  temp_dir DIR/e',
      'FILE is valid.',
    ]);
    expect(code).toBe(0);
  });

  it('what can’t be used beside others is a warning at its place, what matches nothing too', async () => {
    const { code, lines } = await withDirectories(config('[e, gone, "none*"]'));
    expect(lines.slice(1)).toEqual([
      expect.stringContaining('-t DIR/e/'),
      '  temp_dir DIR/e',
      '  temp_dir DIR/gone (missing)',
      '  temp_dir DIR/none*: matches none',
      expect.stringMatching(
        /^FILE:1:\d+: warning: defaults\.temp_dir\[1\]: job 'a'.* temp_dir DIR\/gone does not exist/,
      ),
      expect.stringMatching(
        /^FILE:1:\d+: warning: defaults\.temp_dir\[2\]: .*DIR\/none\* matches no directory now$/,
      ),
      'FILE is valid, with 2 warnings.',
    ]);
    expect(code).toBe(0);
  });

  it('a disk that isn’t mounted is a warning, and a closed one is noted', async () => {
    const disks =
      'disks:\n  - { match: d/a1, mounted: true }\n  - { match: d/a2, closed: true }\n  - { match: "nvme*" }\n';
    const { code, lines } = await withDirectories(config('"d/a*"', disks));
    expect(lines).toContain('  temp_dir DIR/d/a*: DIR/d/a1 (not mounted), DIR/d/a2 (closed), DIR/d/a10');
    expect(lines.join('\n')).toMatch(
      /warning: defaults\.temp_dir: .*DIR\/d\/a1 is not mounted: the daemon leaves it out/,
    );
    expect(lines.join('\n')).toContain('-t DIR/d/a10/');
    expect(lines.at(-2)).toMatch(
      /^FILE:\d+:\d+: warning: disks\[2\]\.match: DIR\/nvme\* matches no directory now$/,
    );
    expect(code).toBe(0);
  });

  it('a list of which all disks are closed is a warning', async () => {
    const { code, lines } = await withDirectories(config('"d/a*"', 'disks: [{ match: d, closed: true }]\n'));
    expect(code).toBe(0);
    expect(lines.join('\n')).toMatch(
      /warning: defaults\.temp_dir: job 'a'.* temp_dir has no directory that isn't closed .*DIR\/d\/a\*; the job waits/,
    );
  });

  it('none that can be used is wrong where a list names plain directories only', async () => {
    const { code, lines } = await withDirectories(config('[gone, away]'));
    expect(lines.filter((line) => line.includes('does not exist'))).toHaveLength(2);
    expect(code).toBe(2);
    const patterns = await withDirectories(config('"none*"'));
    expect(patterns.code).toBe(0);
    expect(patterns.lines.join('\n')).toMatch(
      /temp_dir has no directory that can be used: DIR\/none\*; the job waits/,
    );
  });
});
