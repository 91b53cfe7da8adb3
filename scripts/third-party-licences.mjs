// The licences of the packages that are inside the bundle, as they ask for: in every copy of it.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const LICENCE_FILE = /^(licen[cs]e|copying)([.-].*)?$/i;
const HEAD = 'plot2mqtt contains parts of these packages.\n';

/**
 * @param {import('esbuild').Metafile} metafile
 * @param {string} root directory of node_modules/
 * @returns {string} name, version and licence text of each package that gave something to the bundle
 */
export function thirdPartyLicences(metafile, root) {
  const folders = new Set(Object.keys(metafile.inputs).flatMap((file) => packageFolder(file) ?? []));
  return [HEAD, ...[...folders].sort().map((folder) => notice(join(root, folder)))].join('\n');
}

/** `node_modules/a/node_modules/@b/c` of a file inside that package. */
function packageFolder(file) {
  return /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(file)?.[0] ?? null;
}

function notice(folder) {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const text = licenceText(folder) ?? 'The package holds no text of its licence.';
  return `${'-'.repeat(80)}\n${name} ${version} (${license})\n\n${text.trim()}\n`;
}

function licenceText(folder) {
  const file = readdirSync(folder).find((entry) => LICENCE_FILE.test(entry));
  if (file !== undefined) return readFileSync(join(folder, file), 'utf8');
  const readme = ['README.md', 'readme.md']
    .map((name) => join(folder, name))
    .find((name) => existsSync(name));
  return readme && /^#+ *licen[cs]e[\s\S]*/im.exec(readFileSync(readme, 'utf8'))?.[0];
}
