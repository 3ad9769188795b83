// The base of every error of hopwire, and the errors of the wire itself.
import type { VersionRange } from './version-range.ts';

/**
 * Base of all errors. Tell errors apart by `code`, not by `instanceof`: an ESM and a CommonJS copy in one process
 * then understand each other.
 *
 * Each class says its name in a static field: what a minifier makes of the class's own name is nobody's business.
 */
export abstract class KafkaError extends Error {
  /** Stable identifier, e.g. `PROTOCOL` or the name of a broker's error code. */
  readonly code: string;
  /** May the same call succeed later without anything being changed? */
  readonly retriable: boolean;

  constructor(code: string, message: string, options: { retriable?: boolean; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.code = code;
    this.retriable = options.retriable ?? false;
  }
}

/** Bytes are not what the version says they are. The connection they came from is unusable after it. */
export class ProtocolError extends KafkaError {
  static override readonly name: string = 'ProtocolError';

  constructor(message: string, options: { cause?: unknown } = {}) {
    super('PROTOCOL', message, options);
  }
}

/** Broker and client share no version of an API, or not the one that was asked for. */
export class UnsupportedVersionError extends KafkaError {
  static override readonly name: string = 'UnsupportedVersionError';
  readonly api: string;
  readonly ours: VersionRange;
  /** What the broker takes; null when it does not have the API at all. */
  readonly theirs: VersionRange | null;
  /** The version that was asked for; null: any would have done. */
  readonly asked: number | null;

  constructor(api: string, ours: VersionRange, theirs: VersionRange | null, asked: number | null = null) {
    const takes = theirs ? `takes v${theirs[0]}-${theirs[1]}` : 'does not have it';
    const name = asked === null ? api : `${api} v${asked}`;
    const remedy = asked !== null && theirs ? '; leave the version out for the best that both have' : '';
    super('UNSUPPORTED_VERSION', `${name}: we speak v${ours[0]}-${ours[1]}, the broker ${takes}${remedy}`);
    this.api = api;
    this.ours = ours;
    this.theirs = theirs;
    this.asked = asked;
  }
}

/** A value was given that this version of the API cannot carry. */
export class UnsupportedFieldError extends KafkaError {
  static override readonly name: string = 'UnsupportedFieldError';
  readonly api: string;
  readonly version: number;
  readonly field: string;

  constructor(api: string, version: number, field: string) {
    super('UNSUPPORTED_FIELD', `${api} v${version} cannot carry ${field}; use a newer version or leave it out`);
    this.api = api;
    this.version = version;
    this.field = field;
  }
}
