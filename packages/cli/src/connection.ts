// From the options of a command to those of hop's streams.
import type { StreamOptions } from '@hopwire/hop';
import type { UrlOptions } from './command.ts';
import type { Io } from './io.ts';
import type { Logger } from './log.ts';

const MS = 1000;

export function connectionOptions(options: UrlOptions, io: Io, log: Logger): StreamOptions {
  return {
    auth: options.auth,
    env: io.env,
    logger: log,
    connectTimeout: options.connectTimeout * MS,
    ...(options.ca === undefined ? {} : { ca: options.ca }),
  };
}
