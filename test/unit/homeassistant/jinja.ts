/**
 * As much of Jinja as the templates use, rendered as Home Assistant does; what it doesn't know it refuses. The real
 * thing renders the same templates in the end-to-end tests.
 */

type Scope = Record<string, unknown>;
type Filter = (value: unknown, argument: string) => unknown;

const NOTHING = Symbol('undefined');

const FILTERS: Record<string, Filter> = {
  string: (value) => text(value),
  to_json: (value) => JSON.stringify(value),
  first: (value) => (Array.isArray(value) && value.length > 0 ? value[0] : NOTHING),
  round: (value, digits) => Math.round(Number(value) * 10 ** Number(digits)) / 10 ** Number(digits),
  map: (value, argument) => {
    const key = /^attribute='(\w+)'$/.exec(argument)?.[1] ?? fail(argument);
    return items(value).map((item) => member(item, key));
  },
  list: items,
  join: (value, argument) => items(value).map(text).join(argument.slice(1, -1)),
  count: (value) => items(value).length,
  int: (value, argument) =>
    argument === 'none' && !['number', 'string'].includes(typeof value) ? null : Math.trunc(Number(value)),
  selectattr: (value, argument) => {
    const [, key = '', wanted = ''] = /^'(\w+)', 'eq', (".*")$/.exec(argument) ?? fail(argument);
    return items(value).filter((item) => member(item, key) === JSON.parse(wanted));
  },
};

function fail(what: string): never {
  throw new Error(`not understood: ${what}`);
}

function items(value: unknown): unknown[] {
  return Array.isArray(value) ? value : fail('a list was expected');
}

function member(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null) return fail(`.${key} of ${String(value)}`);
  return Object.hasOwn(value, key) ? Object.entries(value).find(([name]) => name === key)?.[1] : NOTHING;
}

/** As Python prints it. What is undefined is an error here, and a warning there. */
function text(value: unknown): string {
  if (value === NOTHING) return fail('an undefined value');
  if (value === null) return 'None';
  if (value === true) return 'True';
  if (value === false) return 'False';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function truthy(value: unknown): boolean {
  return value !== NOTHING && Boolean(Array.isArray(value) ? value.length : value);
}

/** Splits at a separator outside of quotes and brackets. */
function split(expression: string, separator: string): string[] {
  const parts = [''];
  let depth = 0;
  let quote = '';
  for (let index = 0; index < expression.length; index += 1) {
    const letter = expression[index] ?? '';
    if (quote !== '') {
      if (letter === '\\') {
        parts.push((parts.pop() ?? '') + letter + (expression[index + 1] ?? ''));
        index += 1;
        continue;
      }
      if (letter === quote) quote = '';
    } else if (letter === '"' || letter === "'") quote = letter;
    else if ('([{'.includes(letter)) depth += 1;
    else if (')]}'.includes(letter)) depth -= 1;
    if (quote === '' && depth === 0 && expression.startsWith(separator, index)) {
      parts.push('');
      index += separator.length - 1;
    } else parts.push((parts.pop() ?? '') + letter);
  }
  return parts.map((part) => part.trim());
}

function evaluate(expression: string, scope: Scope): unknown {
  const [then = '', condition, ...more] = split(expression, ' if ');
  if (condition !== undefined && more.length === 0) {
    const [test = '', otherwise = ''] = split(condition, ' else ');
    return evaluate(isTrue(test, scope) ? then : otherwise, scope);
  }
  const either = split(expression, ' or ');
  if (either.length > 1) return either.some((each) => truthy(evaluate(each, scope)));
  const [, name, inList] = /^('[^']*') in (\(.+\))$/.exec(expression) ?? [];
  if (name !== undefined && inList !== undefined)
    return items(evaluate(inList, scope)).includes(evaluate(name, scope));
  const [, left, comparison, right] = /^([\w.| ]+) (==|!=|>) (\S+)$/.exec(expression) ?? [];
  if (left !== undefined && right !== undefined) {
    const [one, other] = [evaluate(left, scope), evaluate(right, scope)];
    if (comparison === '>') return Number(one) > Number(other);
    return (one === other) === (comparison === '==');
  }
  const [first = '', ...filters] = split(expression, '|');
  return filters.reduce<unknown>(
    (value, filter) => {
      const [, name = '', argument = ''] = /^(\w+)(?:\((.*)\))?$/.exec(filter) ?? fail(filter);
      return (FILTERS[name] ?? fail(name))(value, argument);
    },
    operand(first, scope),
  );
}

function isTrue(test: string, scope: Scope): boolean {
  const [, subject, kind] = /^(.+) is (\w+)$/.exec(test) ?? [];
  if (subject !== undefined && kind === 'number') return typeof evaluate(subject, scope) === 'number';
  const [, needle, list] = /^(.+) in \[(.*)\]$/.exec(test) ?? [];
  if (needle !== undefined && list !== undefined)
    return JSON.parse(`[${list}]`).includes(evaluate(needle, scope));
  return truthy(evaluate(test, scope));
}

function operand(expression: string, scope: Scope): unknown {
  if (expression === 'none') return null;
  if (expression === 'false') return false;
  if (expression === '[]') return [];
  const [, quoted] = /^'([^']*)'$/.exec(expression) ?? [];
  if (quoted !== undefined) return quoted;
  if (/^\d+$/.test(expression)) return Number(expression);
  if (expression === '{}') return {};
  if (expression === 'false') return false;
  const [, dividend, divisor] = /^([\w.]+) \/ (\d+)$/.exec(expression) ?? [];
  if (dividend !== undefined) return Number(evaluate(dividend, scope)) / Number(divisor);
  const [, pairs] = /^\{(.+)\}$/s.exec(expression) ?? [];
  if (pairs !== undefined)
    return Object.fromEntries(
      split(pairs, ', ').map((pair) => {
        const [, key = '', value = ''] = /^'(\w+)': (.+)$/s.exec(pair) ?? fail(pair);
        return [key, evaluate(value, scope)];
      }),
    );
  const [whole = '', appended] = split(expression, ' + ');
  if (appended === '[none]') return [...items(evaluate(whole, scope)), null];
  const [, inner, from, to] = /^\((.*)\)(?:\[(-?\d*):(\d*)\])?$/s.exec(expression) ?? [];
  if (inner !== undefined) {
    const found = evaluate(inner, scope);
    if (from === undefined) return found;
    const part = [Number(from), to === '' ? undefined : Number(to)] as const;
    return Array.isArray(found) ? found.slice(...part) : [...text(found)].slice(...part).join('');
  }
  if (!/^\w+(\.\w+)*$/.test(expression)) return fail(expression);
  const [name = '', ...keys] = expression.split('.');
  const start = Object.hasOwn(scope, name) ? scope[name] : fail(`${name} is undefined`);
  return keys.reduce((value, each) => member(value, each), start);
}

/** Renders a template for a message, as entities do. */
export function render(template: string, value: string): string {
  const scope: Scope = { value };
  try {
    scope.value_json = JSON.parse(value);
  } catch {
    // No JSON: `value_json` is undefined.
  }
  return fill(template, scope);
}

/** In one pass: what comes out of a value is no template. */
function fill(template: string, scope: Scope): string {
  return template.replace(
    /\{% for (\w+) in (.*?) %\}(.*?)\{% endfor %\}|\{% set (\w+) = (.*?) %\}|\{\{ (.*?) \}\}/gs,
    (_all, ...[each, list, body, name, assigned, printed]: string[]) => {
      if (each !== undefined)
        return items(evaluate(list ?? '', scope))
          .map((item, index) => fill(body ?? '', { ...scope, [each]: item, loop: { first: index === 0 } }))
          .join('');
      if (name === undefined) return text(evaluate(printed ?? '', scope));
      scope[name] = evaluate(assigned ?? '', scope);
      return '';
    },
  );
}
