// What a refusal says of each record of a batch.
import type { DeliveryError } from '../errors.ts';
import type { ProducerBatch } from './batch.ts';
import type { Answer } from './produce-request.ts';

export interface Refusal {
  /** Some records are refused, and the others could be written without them. */
  readonly isPart: boolean;
  /** Why the broker does not take this one; undefined: it does not say. */
  of(delta: number): Error | undefined;
  /** Why those are not written of which it says nothing. */
  readonly others: DeliveryError;
}

/** From Produce 8 on (KIP-467) brokers name the records that are the reason. */
export function refusalOf(batch: ProducerBatch, reason: Error, { recordErrors }: Answer): Refusal {
  const own = new Map(recordErrors.map((error) => [error.batchIndex, error.batchIndexErrorMessage]));
  const isPart = own.size > 0 && own.size < batch.count && [...own.keys()].every((at) => at >= 0 && at < batch.count);
  const beside = `its batch was refused because of ${own.size} other records: ${reason.message}`;
  return {
    isPart,
    of: (delta) => (own.has(delta) ? batch.error(own.get(delta) || reason.message, reason) : undefined),
    others: batch.error(own.size > 0 ? beside : reason.message, reason),
  };
}
