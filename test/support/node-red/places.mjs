import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where setup.mjs installs. */
export function kitDir() {
  const cache = process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache');
  return process.env.PLOT2MQTT_NODE_RED_DIR ?? join(cache, 'plot2mqtt-node-red');
}

/** The browser that takes the pictures. */
export function chromium() {
  return process.env.CHROMIUM ?? '/usr/bin/chromium';
}
