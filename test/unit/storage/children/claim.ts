// Takes a directory when told to, says what came of it and keeps it until stdin ends; says when its claim is taken.
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { pino } from 'pino';
import { Control } from '../../../../src/daemon/data-dir/control.ts';
import { takeClaim } from '../../../../src/storage/claim/take-claim.ts';

const [dir = '.', socket, links] = process.argv.slice(2);
if (links === 'no links') {
  fs.linkSync = () => {
    throw Object.assign(new Error('no links here'), { code: 'EPERM' });
  };
  syncBuiltinESMExports();
}
const say = (text: string) => process.stdout.write(`${text}\n`);
const log = pino({ level: 'silent' });
const token = randomBytes(4).toString('hex');
const control = new Control({ dataDir: dir, config: '/config.yaml', token, log });
say(`ready ${process.pid}`);
process.stdin.once('data', async () => {
  try {
    if (socket === 'socket') await control.listen();
    await takeClaim(dir, {
      token,
      socket: control.address,
      log,
      onLost: ({ name }) => say(name),
      times: { beatMs: 200, answerMs: 1_000, watchMs: 2_000 },
    });
    if (socket === 'socket') await control.publish();
    say('won');
  } catch (error) {
    await control.close();
    say(`lost ${error instanceof Error ? `${error.name} ${error.message}` : error}`);
  }
});
