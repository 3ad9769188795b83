// The error of a SASL exchange that cannot go on.
import { KafkaError } from '../errors.ts';

/** A SASL message is malformed, not trustworthy, or says no. Never holds a secret. */
export class SaslError extends KafkaError {
  readonly mechanism: string;

  constructor(mechanism: string, reason: string, options: { cause?: unknown } = {}) {
    super('SASL', `${mechanism}: ${reason}`, options);
    this.mechanism = mechanism;
  }
}
