import { prettyFactory } from 'pino-pretty';

/**
 * A line of the log as people read it. In a file of its own: the package is CommonJS, whose names a bundle only finds
 * by a static import, and only terminals need it.
 */
export const forPeople: (line: string) => string = prettyFactory({
  colorize: true,
  translateTime: 'SYS:yyyy-mm-dd HH:MM:ss',
  ignore: 'pid,hostname',
});
