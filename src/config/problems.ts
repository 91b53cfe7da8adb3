import { type Path, type Position, pathText } from './positions.ts';

/** What is wrong with the configuration, and where. */
export interface Problem extends Position {
  /** Absolute name of the file: config.yaml, or secrets.yaml beside it. */
  file: string;
  /** The offending key or value, such as `jobs.nightly.events[0].stage`; empty for the file itself. */
  path: string;
  message: string;
  /** It doesn't keep anything from working. */
  warning?: boolean | undefined;
}

/** A problem before its position is looked up. */
export interface Finding {
  path: Path;
  at: 'key' | 'value';
  message: string;
  warning?: boolean | undefined;
}

/** Whoever knows where things stand. */
interface Locator {
  locate(path: Path, at?: 'key' | 'value'): Position;
}

/** A finding with the line and column of what it is about, or of the nearest thing around that. */
export function toProblem(file: string, positions: Locator, finding: Finding): Problem {
  const { line, column } = positions.locate(finding.path, finding.at);
  const warning = finding.warning === true ? { warning: true } : {};
  return { file, line, column, path: pathText(finding.path), message: finding.message, ...warning };
}

/** A problem without secrets; the keys of its path are shown as they are. */
export function maskProblem(problem: Problem, mask: (text: string) => string): Problem {
  return { ...problem, file: mask(problem.file), message: mask(problem.message) };
}

/** One line, in the form that editors and terminals make a link of. */
export function formatProblem(problem: Problem): string {
  const path = problem.path === '' ? '' : `${problem.path}: `;
  const kind = problem.warning === true ? 'warning: ' : '';
  return `${problem.file}:${problem.line}:${problem.column}: ${kind}${path}${problem.message}`;
}

/** In the order of the text, each once. */
export function sortProblems(problems: readonly Problem[]): Problem[] {
  const seen = new Set<string>();
  return problems
    .filter((problem) => {
      const line = formatProblem(problem);
      if (seen.has(line)) return false;
      seen.add(line);
      return true;
    })
    .sort((a, b) => compare(a.file, b.file) || a.line - b.line || a.column - b.column);
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
