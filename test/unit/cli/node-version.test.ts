import { expect, test } from 'vitest';
import { nodeProblem } from '../../../src/util/node-version.ts';

test.each(['20.17.0', '20.20.2', '22.6.0', '23.0.0', '24.9.0'])('runs on Node.js %s', (version) => {
  expect(nodeProblem(version)).toBeNull();
});

test.each(['18.20.8', '20.12.0', '21.7.3', '22.5.1'])('says what it needs on Node.js %s', (version) => {
  expect(nodeProblem(version)).toBe(`plot2mqtt needs Node.js 20.17, 22.6 or newer; this is ${version}.`);
});
