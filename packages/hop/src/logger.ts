// Where the library reports what it does: a logger handed in by the caller, silent by default.

/** Receives what hop has to say; the console fits. */
export interface Logger {
  debug(text: string): void;
  info(text: string): void;
  warn(text: string): void;
  error(text: string): void;
}

/** Says nothing. */
export const silentLogger: Logger = { debug() {}, info() {}, warn() {}, error() {} };
