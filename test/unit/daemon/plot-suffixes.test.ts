import { expect, it } from 'vitest';
import { suffixesOf } from '../../../src/daemon/configuration/settings.ts';
import { builtInPlotters } from '../../../src/plotters/catalogue.ts';

it('files of built-in plotters end as those of no other program do', () => {
  const plotters = new Map(
    [...builtInPlotters()].map(([id, definition]) => {
      return [id, { id, definition, command: definition.command, arguments: {} }];
    }),
  );
  expect(suffixesOf({ plotters }).sort()).toEqual(['.plot', '.plot2']);
});
