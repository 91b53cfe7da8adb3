import type { HoldRule } from '../model/farm-state.ts';
import type { Transaction } from '../transaction.ts';
import { type RuleNow, ruleAt } from './held-spans.ts';
import { holdNamed } from './holds.ts';
import { farmHoldsChanged } from './pause.ts';
import { newHold, releaseHold, setHold, write } from './set-hold.ts';

/** Hours are by the host's clock, which may be set, and the host may sleep: rules are looked at so often at least. */
const LOOK_AGAIN_MS = 10 * 60_000;

/** config.yaml was read: holds follow its entries, and stand or go by their rules. */
export function configureHolds(transaction: Transaction): void {
  const { settings, state } = transaction;
  for (const [name, hold] of Object.entries(state.farm.holds)) {
    const entry = settings.holds.get(name);
    const ruled = hold.set_by === 'time' && entry?.held === undefined;
    if ((hold.declared && !entry) || ruled) releaseHold(transaction, 'farm', name, 'config');
    else if (entry) follow(transaction, name, entry.jobs ?? null);
  }
  for (const name of Object.keys(state.farm.rules))
    if (settings.holds.get(name)?.held === undefined) keepRule(transaction, name, null);
  for (const name of settings.holds.keys()) lookAtRule(transaction, name);
}

/** A hold that stands holds the jobs that its entry names now. */
function follow(transaction: Transaction, name: string, jobs: string[] | null): void {
  const hold = holdNamed(transaction.state.farm.holds, name);
  if (!hold || (hold.declared && JSON.stringify(hold.jobs) === JSON.stringify(jobs))) return;
  write(transaction, 'farm', name, { ...hold, jobs, declared: true });
  farmHoldsChanged(transaction);
}

/**
 * Sets or releases a hold where its rule has come to that since it was looked at last; what a command has made of it
 * counts until then (contract, section 9).
 */
export function lookAtRule(transaction: Transaction, name: string): void {
  const { settings, state, now } = transaction;
  const { held: spans, kind, moves } = settings.holds.get(name) ?? {};
  if (!spans) return;
  // All that makes another hold of it.
  const rule = JSON.stringify([settings.time_zone, kind ?? null, moves ?? null, ...spans]);
  const present = ruleAt(spans, settings.time_zone, now);
  const known = Object.hasOwn(state.farm.rules, name) ? state.farm.rules[name] : undefined;
  if (known?.rule !== rule || known.next !== present.next) {
    keepRule(transaction, name, { rule, next: present.next });
    obey(transaction, name, present, known?.rule === rule);
  }
  const at = Math.min(present.next ?? Number.POSITIVE_INFINITY, now + LOOK_AGAIN_MS);
  transaction.ask({ type: 'wake', timer: { kind: 'hold_rule', name }, at });
}

/** `isTime`: it is time for that, not that the rule is another one. */
function obey(transaction: Transaction, name: string, { active, next }: RuleNow, isTime: boolean): void {
  if (active) {
    const hold = newHold(transaction, 'farm', name, {});
    return void setHold(transaction, 'farm', name, {
      ...hold,
      ...{ until: next, until_steady: null, set_by: 'time' },
    });
  }
  const byRule = holdNamed(transaction.state.farm.holds, name)?.set_by === 'time';
  if (isTime || byRule) releaseHold(transaction, 'farm', name, isTime ? 'time' : 'config');
}

function keepRule(transaction: Transaction, name: string, rule: HoldRule | null): void {
  const { farm } = transaction.state;
  const { [name]: _before, ...others } = farm.rules;
  const rules = rule === null ? others : { ...others, [name]: rule };
  transaction.change(['meta', { farm: { ...farm, rules } }]);
  if (rule === null) transaction.ask({ type: 'wake', timer: { kind: 'hold_rule', name }, at: null });
}
