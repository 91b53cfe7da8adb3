import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  type Scalar,
  type YAMLMap,
} from 'yaml';
import { type Path, type Position, Positions } from './positions.ts';
import type { Finding } from './problems.ts';
import { syntaxMessage, UNKNOWN_ALIAS } from './syntax-messages.ts';

/** Reads one scalar; whatever it returns stands in the tree, `undefined` for nothing. */
export type ReadScalar = (scalar: Scalar, path: Path) => unknown;

export interface Tree {
  /** Plain values; objects have no prototype and a key without a value is there as `undefined`. */
  value: unknown;
  positions: Positions;
  findings: Finding[];
}

export interface ParsedYaml {
  text: string;
  document: Document.Parsed;
  lines: LineCounter;
}

export interface SyntaxProblem extends Position {
  message: string;
}

/** More nodes than any configuration has: aliases of aliases would make millions from a few lines. */
const MAX_NODES = 100_000;
const MAX_DEPTH = 100;

/** Parses a YAML text that may have `!secret` tags; what is wrong with it is told without quoting it. */
export function parseYaml(text: string): ParsedYaml & { problems: SyntaxProblem[] } {
  const lines = new LineCounter();
  const secretTag = { tag: '!secret', resolve: (name: string) => name };
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, customTags: [secretTag] });
  const positions = new Positions(lines);
  const problems = [...document.errors, ...document.warnings].map((error) => ({
    ...positions.at(error.pos[0]),
    message: syntaxMessage(error),
  }));
  return { document, lines, text, problems: problems.filter(isFirstOfLine) };
}

/** One mistake makes the parser stumble over every word that follows in its line, and twice over the first. */
function isFirstOfLine(problem: SyntaxProblem, index: number, all: readonly SyntaxProblem[]): boolean {
  const isLike = ({ line, column, message }: SyntaxProblem) =>
    line === problem.line && (column === problem.column || message === problem.message);
  return all.findIndex(isLike) === index;
}

/** The document as plain values, with the position of each. */
export function buildTree({ document, lines, text }: ParsedYaml, readScalar: ReadScalar): Tree {
  const positions = new Positions(lines);
  const findings: Finding[] = [];
  let nodes = 0;

  function build(node: Node | null, path: Path, at: number | undefined): unknown {
    nodes += 1;
    const offset = at ?? node?.range?.[0];
    if (offset !== undefined) positions.addValue(path, offset);
    if (nodes > MAX_NODES || path.length > MAX_DEPTH) {
      if (nodes <= MAX_NODES + 1)
        findings.push({
          path: path.slice(0, 3),
          at: 'value',
          message: 'nested too deeply, or too many aliases',
        });
      nodes = MAX_NODES + 1;
      return undefined;
    }
    // What an alias stands for is found where the alias is.
    if (isAlias(node)) {
      const target = node.resolve(document);
      if (target === undefined) findings.push({ path, at: 'value', message: UNKNOWN_ALIAS });
      return build(target ?? null, path, offset);
    }
    if (isMap(node)) return buildMap(node, path, at);
    if (isSeq(node))
      return node.items.map((item, index) => build(asNode(item), [...path, index], at) ?? null);
    return isScalar(node) ? readScalar(node, path) : undefined;
  }

  function buildMap(map: YAMLMap, path: Path, at: number | undefined): Record<string, unknown> {
    const object: Record<string, unknown> = Object.create(null);
    const [merges, pairs] = partition(map);
    // Of several sources the first one counts, and the map's own keys before all.
    for (const source of merges.reverse()) Object.assign(object, merged(source, path, at));
    const own = new Set<string>();
    for (const pair of pairs) {
      const keyNode = asNode(pair.key);
      const plain = isScalar(keyNode) && keyNode.tag !== '!secret';
      const key = plain ? (keyNode.source ?? String(keyNode.value)) : undefined;
      if (key === undefined || key === '__proto__') {
        findings.push({ path, at: 'key', message: 'a key here is no plain name' });
        continue;
      }
      const keyPath = [...path, key];
      // The parser takes 10 and "10" for two.
      if (own.has(key)) findings.push({ path: keyPath, at: 'key', message: `'${key}' stands here twice` });
      own.add(key);
      const keyOffset = at ?? keyNode?.range?.[0];
      if (keyOffset !== undefined) positions.addKey(keyPath, keyOffset);
      const valueNode = asNode(pair.value);
      const empty =
        valueNode === null ||
        (isScalar(valueNode) && valueNode.value === null && valueNode.tag !== '!secret');
      if (empty && isCutByComment(text, keyNode?.range?.[1]))
        findings.push({ path: keyPath, at: 'key', message: CUT_BY_COMMENT, warning: true });
      object[key] = empty ? undefined : build(valueNode, keyPath, at);
    }
    return object;
  }

  /** What `<<` takes over of one source; it is found where the source is named. */
  function merged(source: Node | null, path: Path, at: number | undefined): Record<string, unknown> {
    nodes += 1;
    const map = isAlias(source) ? source.resolve(document) : source;
    if (isMap(map) && nodes <= MAX_NODES) return buildMap(map, path, at ?? source?.range?.[0]);
    findings.push({ path, at: 'value', message: '"<<" takes over the keys of an alias such as *name' });
    return {};
  }

  const value = build(document.contents, [], undefined);
  return { value, positions, findings };
}

const CUT_BY_COMMENT = 'nothing stands here but a comment: put text that begins with "#" in quotes';

const COMMENT_AT_ONCE = /[ \t]*:[ \t]+#[^\s#]/y;

/** Whether nothing follows a key that ends here but a comment. Comments have a blank behind `#`: it was meant as a value. */
function isCutByComment(text: string, endOfKey: number | undefined): boolean {
  COMMENT_AT_ONCE.lastIndex = endOfKey ?? text.length;
  return COMMENT_AT_ONCE.test(text);
}

/** The sources of a map's merge keys (`<<: *name`, `<<: [*one, *two]`), and its own pairs. */
function partition(map: YAMLMap): [merges: (Node | null)[], pairs: YAMLMap['items']] {
  const isMerge = ({ key }: { key: unknown }) => isScalar(key) && key.value === '<<' && key.type === 'PLAIN';
  const sources = map.items.filter(isMerge).flatMap(({ value }) => (isSeq(value) ? value.items : [value]));
  return [sources.map(asNode), map.items.filter((pair) => !isMerge(pair))];
}

function asNode(node: unknown): Node | null {
  return isAlias(node) || isMap(node) || isSeq(node) || isScalar(node) ? node : null;
}
