import { messageOf } from '../../util/errors.ts';
import {
  type ArgumentDefinition,
  type LogPattern,
  phaseOf,
  type StageDefinition,
  TEMPLATE_GROUP,
} from './plotter-parts.ts';

/** Where a check says what is wrong. */
export interface Checker {
  addIssue(issue: { code: 'custom'; path: (string | number)[]; message: string }): void;
}
interface Parts {
  arguments: Record<string, ArgumentDefinition>;
  stages: StageDefinition[];
  patterns: LogPattern[];
}

/** Regular expressions compile, and switches have their word. */
export function checkArguments(definition: Pick<Parts, 'arguments'>, check: Checker): void {
  for (const [name, argument] of Object.entries(definition.arguments)) {
    for (const key of ['pattern', 'remote'] as const) {
      const source = argument[key];
      const problem = source === undefined ? null : regexProblem(source);
      if (problem !== null)
        check.addIssue({ code: 'custom', path: ['arguments', name, key], message: problem });
    }
    if (argument.type === 'boolean' && argument.flag === undefined)
      check.addIssue({
        code: 'custom',
        path: ['arguments', name, 'flag'],
        message: 'a boolean needs a flag',
      });
  }
}

/** Stages come in order, each step after its phase, no id comes twice, and weights are where time is spent. */
export function checkStages({ stages }: Pick<Parts, 'stages'>, check: Checker): void {
  const withSteps = new Set(stages.filter(({ id }) => id.includes('.')).map(({ id }) => phaseOf(id)));
  const weighted = stages.some(({ weight }) => weight !== undefined);
  const seen = new Set<string>();
  for (const [index, { id, weight }] of stages.entries()) {
    const issue = (key: string, message: string) =>
      check.addIssue({ code: 'custom', path: ['stages', index, key], message });
    const phase = phaseOf(id);
    if (seen.has(id)) issue('id', `stage "${id}" comes twice`);
    else if (phase !== id && !seen.has(phase)) issue('id', `step "${id}" comes before its phase "${phase}"`);
    if (withSteps.has(id) && weight !== undefined)
      issue('weight', `stage "${id}" has steps, which have the weights`);
    if (!withSteps.has(id) && weighted && weight === undefined)
      issue('weight', `stage "${id}" has no weight, but others have`);
    seen.add(id);
  }
}

/** Every `match` compiles; templates name groups and stages that exist; a pattern has the groups it tells of. */
export function checkPatterns(
  { patterns, stages }: Pick<Parts, 'patterns' | 'stages'>,
  check: Checker,
): void {
  const ids = new Set(stages.map(({ id }) => id));
  const set = new Set(patterns.flatMap((pattern) => Object.keys(pattern.set)));
  for (const [index, pattern] of patterns.entries()) {
    const issue = (key: string, message: string | null) => {
      if (message !== null) check.addIssue({ code: 'custom', path: ['patterns', index, key], message });
    };
    const problem = regexProblem(pattern.match);
    if (problem !== null) {
      issue('match', problem);
      continue;
    }
    const groups = new Set(Object.keys(new RegExp(`${pattern.match}|`).exec('')?.groups ?? {}));
    const stageTemplates = [pattern.enter, pattern.leave, pattern.inside?.stage].filter(
      (text) => text !== undefined,
    );
    for (const template of [...stageTemplates, ...Object.values(pattern.set)])
      for (const [, name = ''] of template.matchAll(TEMPLATE_GROUP))
        if (!groups.has(name) && !set.has(name)) issue('match', `no named group "${name}" for "${template}"`);
    for (const template of stageTemplates)
      if (!template.includes('{') && !ids.has(template)) issue('match', `there is no stage "${template}"`);
    if (pattern.during !== undefined && !ids.has(pattern.during))
      issue('during', `there is no stage "${pattern.during}"`);
    for (const name of Object.keys(pattern.when))
      if (!set.has(name)) issue('when', `no pattern sets "${name}"`);
    const told = { plot_name: 'name', plot_id: 'id', plot_size: 'size', final_file: 'file' } as const;
    for (const key of ['plot_name', 'plot_id', 'plot_size', 'final_file'] as const)
      if (pattern[key] && !groups.has(told[key])) issue(key, `the pattern has no group "${told[key]}"`);
    issue('inside', insideProblem(pattern, groups));
    if (pattern.error?.waits && pattern.error.fatal)
      issue('error', '"waits" and "fatal" exclude each other: what fails a plot waits for nothing');
  }
}

/** A percentage of the whole plot is of no stage, and is a number. */
function insideProblem({ inside }: LogPattern, groups: ReadonlySet<string>): string | null {
  if (!inside?.whole) return null;
  if (inside.stage !== undefined) return '"whole" and "stage" exclude each other';
  return groups.has('percent') || groups.has('done')
    ? null
    : 'a part of the whole plot is told by the groups "percent", or "done" and "of"';
}

/** What is wrong with a regular expression; `null`: nothing. */
export function regexProblem(source: string): string | null {
  try {
    new RegExp(source);
    return null;
  } catch (error) {
    return messageOf(error);
  }
}
