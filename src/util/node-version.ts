/**
 * Why the program can't run on a Node.js of this version (package.json, "engines"), or null where it can: older ones
 * lack `crc32` of node:zlib and `duplexPair` of node:stream.
 */
export function nodeProblem(version: string): string | null {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const enough = major > 22 || (major === 22 && minor >= 6) || (major === 20 && minor >= 17);
  return enough ? null : `plot2mqtt needs Node.js 20.17, 22.6 or newer; this is ${version}.`;
}
