// Says each 100 ms for how long this process's event loop was held up at most, in milliseconds, one line of the file
// $BENCH_EVENT_LOOP each. By itself (`node event-loop.mjs`) a program that does nothing else; with --import it watches another.
import { appendFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';

const RESOLUTION_MS = 1;
const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
delay.enable();
const isAlone = process.argv[1] === import.meta.filename;
const timer = setInterval(() => {
  if (delay.count > 0)
    appendFileSync(process.env.BENCH_EVENT_LOOP, `${Math.max(0, delay.max / 1e6 - RESOLUTION_MS)}\n`);
  delay.reset();
}, 100);
if (!isAlone) timer.unref();
