import type { Case } from '../lib/case.ts';
import { card } from './card.ts';
import { command } from './command.ts';
import { finished } from './finished.ts';
import { idle } from './idle.ts';
import { launch } from './launch.ts';
import { line } from './line.ts';
import { load, scaling } from './load.ts';
import { looks } from './looks.ts';
import { move } from './move.ts';
import { parse } from './parse.ts';
import { chain, farm } from './peers.ts';
import { online, onlineMany, version } from './startup.ts';

/** All cases, in the order of the table. */
export const CASES: readonly Case[] = [
  line,
  launch,
  command,
  load,
  scaling,
  onlineMany,
  online,
  version,
  idle,
  parse,
  finished,
  move,
  looks,
  chain,
  farm,
  card,
];
