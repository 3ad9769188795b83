// A logger that says nothing: most of what is logged here is meant to go wrong.
import type { Logger } from '@hopwire/client';

const nothing = (): void => undefined;

export const quiet: Logger = { debug: nothing, info: nothing, warn: nothing, error: nothing };
