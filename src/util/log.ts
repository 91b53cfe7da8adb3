import type { Logger as PinoLogger } from 'pino';

/** The part of pino's logger that the rooms use; tests hand in one that collects. */
export type Logger = Pick<PinoLogger, 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'child'>;
