import { describe, expect, it } from 'vitest';
import { HeldInputs } from '../../../../src/daemon/journalled-engine/held-inputs.ts';
import type { Input } from '../../../../src/engine/inputs.ts';
import type { Signal } from '../../../../src/plotters/signal.ts';

let offset = 0;
const AT = { now: 1, steady: 1 };

function log(run: string, ...signals: Signal[]): Input {
  offset += 10;
  return { type: 'log', run, offset, signals };
}

const inside = (stage: string, fraction: number): Signal => ({ type: 'inside', stage, fraction });
const enter = (stage: string): Signal => ({ type: 'enter', stage });
const error = (message: string): Signal => ({ type: 'error', message, waits: true });

/** All that is held, in order, which it is no more. */
function drained(held: HeldInputs): Input[] {
  const inputs: Input[] = [];
  for (let first = held.first(); first; first = held.first()) {
    inputs.push(first.input);
    held.drop(first);
  }
  return inputs;
}

function filled(...inputs: Input[]): HeldInputs {
  const held = new HeldInputs();
  for (const input of inputs) held.add(input, AT);
  return held;
}

describe('what happens while nothing can be written', () => {
  it('keeps apart what a log says of several plots of a run, and where they begin', () => {
    const of = (nth: number, ...signals: Signal[]): Input => {
      offset += 10;
      return { type: 'log', run: 'a', offset, nth, signals };
    };
    const held = filled(
      of(1, inside('1', 0.1)),
      of(2, { type: 'begin' }),
      of(2, inside('1', 0.1)),
      of(1, inside('1', 0.2)),
    );
    expect(drained(held)).toHaveLength(4);
  });

  it('keeps of progress inside a stage, and of one error after the other, the last of each run', () => {
    const held = filled(
      log('a', enter('1')),
      log('a', inside('1', 0.1)),
      log('b', inside('1', 0.5)),
      log('a', inside('1', 0.2)),
      log('a', inside('1', 0.3)),
      log('a', error('full')),
      log('a', error('full again')),
      log('a', inside('1', 0.4)),
    );
    const said = drained(held).map((input) => (input.type === 'log' ? [input.run, ...input.signals] : []));
    expect(said).toEqual([
      ['a', enter('1')],
      ['b', inside('1', 0.5)],
      ['a', inside('1', 0.3)],
      ['a', error('full again')],
      ['a', inside('1', 0.4)],
    ]);
  });

  it('keeps that an error was fatal, whatever error came after it', () => {
    const fatal = { type: 'error', message: 'bad', waits: false, fatal: true } as const;
    const given = { type: 'error', message: 'given up', waits: false } as const;
    const said = drained(filled(log('a', fatal), log('a', given), log('a', given)));
    expect(said.flatMap((input) => (input.type === 'log' ? input.signals : []))).toEqual([fatal, given]);
  });

  it('keeps that a plotter waited, whatever error came after it', () => {
    const given = { type: 'error', message: 'given up', waits: false } as const;
    const said = drained(filled(log('a', error('full')), log('a', given), log('a', error('full'))));
    expect(said.flatMap((input) => (input.type === 'log' ? input.signals : []))).toEqual([
      error('full'),
      given,
      error('full'),
    ]);
  });

  it('of acknowledgements the last', () => {
    const held = filled({ type: 'acked', seq: 1 }, { type: 'startup' }, { type: 'acked', seq: 2 });
    expect(drained(held)).toEqual([{ type: 'startup' }, { type: 'acked', seq: 2 }]);
  });

  it('does not grow for ever, whatever a log says, and forgets neither names nor stages', () => {
    const held = filled(log('a', { type: 'plot_name', name: 'plot' }), log('a', enter('1')));
    for (let round = 0; round < 50_000; round += 1) {
      held.add(log('a', round % 2 === 0 ? enter('2') : error(`${round}`)), AT);
      held.add(log('b', round % 2 === 0 ? error(`${round}`) : inside('1', round / 50_000)), AT);
    }
    expect(held.size).toBeLessThan(20_010);
    const signals = drained(held).flatMap((input) => (input.type === 'log' ? input.signals : []));
    for (const signal of [{ type: 'plot_name', name: 'plot' }, enter('1'), enter('2'), error('49999')])
      expect(signals).toContainEqual(signal);
  });

  it('leaves alone what is just being dealt with', () => {
    const held = filled(log('a', inside('1', 0.1)));
    const first = held.first();
    held.add(log('a', inside('1', 0.2)), AT);
    expect(held.size).toBe(2);
    if (first) held.drop(first);
    expect(drained(held)).toMatchObject([{ signals: [inside('1', 0.2)] }]);
  });

  it('knows a stop that was asked for before', () => {
    const command = { type: 'set', job: 'a', settings: { paused: true } } as const;
    const again: Input = { type: 'command', ticket: 2, command };
    const held = filled({ type: 'command', ticket: 1, command }, again);
    const [first, second] = [held.first(), held.find(again)];
    expect([first && held.isRepeated(first), second && held.isRepeated(second)]).toEqual([false, true]);
  });

  it('gives the reserve to stops and ends and what came before them, to nothing else', () => {
    const exited: Input = {
      type: 'exited',
      owner: 'a',
      kind: 'plotter',
      exit: { code: 0, lost: false, ended_at: 1 },
      plot: null,
      tail: [],
    };
    const held = filled(
      log('a', enter('1')),
      { type: 'probed', job: 'a', facts: null },
      exited,
      log('b', enter('1')),
    );
    const allowed: boolean[] = [];
    for (let first = held.first(); first; first = held.first()) {
      allowed.push(held.mayUseReserve(first));
      held.drop(first);
    }
    expect(allowed).toEqual([true, false, true, false]);
  });
});
