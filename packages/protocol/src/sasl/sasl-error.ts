// The error of a SASL exchange that cannot go on.
import { KafkaError } from '../errors.ts';
import { asBuffer } from '../wire/as-buffer.ts';
import { textOf } from '../wire/utf8.ts';

/** A SASL message is malformed, not trustworthy, or says no. Never holds a secret. */
export class SaslError extends KafkaError {
  static override readonly name: string = 'SaslError';
  readonly mechanism: string;

  constructor(mechanism: string, reason: string, options: { cause?: unknown } = {}) {
    super('SASL', `${mechanism}: ${reason}`, options);
    this.mechanism = mechanism;
  }
}

/**
 * A SASL message as text.
 *
 * @throws {SaslError} when it is not UTF-8: read with replacements, other bytes would pass for the same name or password
 */
export function saslText(mechanism: string, message: Uint8Array): string {
  const text = textOf(asBuffer(message));
  if (text === null) throw new SaslError(mechanism, 'a message that is not UTF-8');
  return text;
}
