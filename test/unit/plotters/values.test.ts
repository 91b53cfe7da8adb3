import { describe, expect, it } from 'vitest';
import type { ArgumentValue } from '../../../src/contract/names.ts';
import { checkValue } from '../../../src/plotters/values.ts';
import { definitionOf } from './replay.ts';

const KEY = 'ab'.repeat(48);
const CONTRACT = 'xch1qqqsyqcyq5rqwzqfpg9scrgwpugpzysnzs23v9ccrydpk8qarc0srg6dkm';

function check(name: string, value: ArgumentValue) {
  const argument = definitionOf('madmax').arguments[name];
  if (argument === undefined) throw new Error(`no argument ${name}`);
  return checkValue(argument, value);
}

describe('checkValue', () => {
  it.each<[string, ArgumentValue, ArgumentValue]>([
    ['farmer_key', KEY, KEY],
    ['farmer_key', KEY.toUpperCase(), KEY.toUpperCase()],
    ['pool_contract', CONTRACT, CONTRACT],
    ['pool_contract', `t${CONTRACT}`, `t${CONTRACT}`],
    ['k', 34, 34],
    ['threads', '12', 12],
    ['alternate_tmp', 'false', false],
    ['temp_dir', '/a b/ü', '/a b/ü'],
    ['temp_dir', ['/a', '/b*', '/a'], ['/a', '/b*']],
    ['temp_dir', ['/a'], '/a'],
    ['temp_dir', '/mnt/*/a', ['/mnt/*/a']],
    ['extra', [], []],
  ])('%s takes %j', (name, value, result) => {
    expect(check(name, value)).toEqual({ value: result });
  });

  it.each<[string, ArgumentValue, RegExp]>([
    ['farmer_key', '', /must have 96 hexadecimal characters, not 0/],
    ['farmer_key', `0x${KEY}`, /^must be without the "0x" before it \(96 hexadecimal/],
    ['farmer_key', ` ${KEY}\n`, /^must be without blanks and line ends \(/],
    ['farmer_key', `${KEY.slice(0, 48)}\n  ${KEY.slice(48)}`, /^must be without blanks and line ends \(/],
    ['farmer_key', `\u200b${KEY}\u00a0`, /^must be without blanks and line ends \(/],
    ['farmer_key', `'${KEY}'`, /^must be without quotes of its own \(/],
    [
      'farmer_key',
      ` "0X${KEY}" `,
      /^must be without the "0X" before it, without quotes of its own, without blanks/,
    ],
    [
      'farmer_key',
      '0xab ',
      /^must be without the "0x" before it, without blanks and line ends, and must have 96 .*not 2/,
    ],
    [
      'farmer_key',
      `0x${KEY.slice(1)}g`,
      /^must be without the "0x" before it, and has characters that are not hex/,
    ],
    ['farmer_key', 1234, /must be in quotes, or it is read as a number, and without a "0x"/],
    ['farmer_key', true, /must be a text of hexadecimal/],
    ['pool_contract', 'xch1nosuch', /wrong form: "xch1nosuch" \(an address such as xch1/],
    ['pool_contract', `${CONTRACT}\n`, /^must be without blanks and line ends \(an address/],
    ['pool_contract', ` "${CONTRACT}"`, /^must be without quotes of its own, without blanks/],
    ['pool_contract', ' xch1nosuch', /^must be without blanks and line ends, and has a wrong form/],
    ['pool_contract', CONTRACT.replace('xch1', 'btc1'), /wrong form/],
    ['pool_contract', true, /must be a text/],
    ['k', 15, /must be at least 16, not 15/],
    ['k', 35, /must be at most 34, not 35/],
    ['threads', 1.5, /must be a whole number, not 1\.5/],
    ['threads', 'many', /must be a whole number, not "many"/],
    ['threads', Number.NaN, /must be a whole number/],
    ['threads', [], /must be a whole number/],
    ['alternate_tmp', 1, /must be true or false, not 1/],
    ['temp_dir', 'tmp', /must be an absolute directory, not "tmp"/],
    ['temp_dir', '~/tmp', /must be an absolute directory/],
    ['temp_dir', '', /must be an absolute directory, not ""/],
    ['temp_dir', 5, /must be a directory, not 5/],
    ['temp_dir', '/a\nb', /control character in its name: "\/a\\nb"/],
    ['temp_dir', '/a\u0000', /control character in its name: "\/a\\u0000"/],
    ['temp_dir', '/a\u0085b', /control character in its name: "\/a\\u0085b"/],
    ['temp_dir', [], /must be a directory, or a list of some, not an empty list/],
    ['temp_dir', ['/a', 'b'], /must be an absolute directory, not "b"/],
    ['temp_dir', Array.from({ length: 201 }, (_, index) => `/d${index}`), /at most 200 directories, not 201/],
    ['extra', '-K 2', /must be a list of words/],
    ['extra', ['a\0b'], /NUL/],
  ])('%s refuses %j', (name, value, wrong) => {
    expect(check(name, value)).toEqual({ wrong: expect.stringMatching(wrong) });
  });

  it('shows no more of a long value than helps', () => {
    const checked = check('temp_dir', 'x'.repeat(10_000));
    expect('wrong' in checked ? checked.wrong.length : 0).toBeLessThan(200);
  });
});
