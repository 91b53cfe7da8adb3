#!/usr/bin/env node
// Installs a real Node-RED, the dashboard nodes and what drives a browser into a cache folder, for the tests with
// real programs:
//
//   node test/support/node-red/setup.mjs
//
// PLOT2MQTT_NODE_RED_DIR is another place than ~/.cache/plot2mqtt-node-red. The browser is the system's own
// Chromium (CHROMIUM is another one). What is there already is kept.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { chromium, kitDir } from './places.mjs';

const NODE = `node-linux-${process.arch}@24`; // Node-RED 5 refuses Node below 22.9: it gets its own, a plain binary
const PACKAGES = ['node-red@5', '@flowfuse/node-red-dashboard@1', 'playwright-core@1'];

if (!existsSync(chromium()))
  throw new Error(`No Chromium at ${chromium()}: install the package "chromium", or say CHROMIUM=….`);
const folder = kitDir();
const stamp = join(folder, 'installed');
const wanted = [NODE, ...PACKAGES].join(' ');
if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== wanted) {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{"private": true}\n');
  const install = (packages, path) =>
    execFileSync('npm', ['install', '--silent', '--no-audit', '--no-fund', '--prefix', folder, ...packages], {
      stdio: 'inherit',
      env: { ...process.env, PATH: path },
    });
  // The Node first and alone, so that npm runs the others' scripts on it.
  install([NODE], process.env.PATH);
  install(PACKAGES, `${join(folder, 'node_modules/.bin')}${delimiter}${process.env.PATH}`);
  writeFileSync(stamp, wanted);
}
console.log(`Node-RED is in ${folder}.`);
