// Requests above a broker's `socket.request.max.bytes` (100 MiB by default): it hangs up instead of answering.
import type { ProducerBatch } from './batch.ts';

/** Kafka's default. */
const USUAL_LIMIT = 100 * 1024 * 1024;
/** So often in a row the connection must have been lost with a batch. Below the usual limit there may be other reasons. */
const HANG_UPS = { above: 2, below: 5 } as const;

/** Is it to be believed that its size is why the broker hangs up on it? */
export function isOversize(batch: ProducerBatch): boolean {
  if (!batch.isBulk || batch.count > 1) return false;
  return batch.hangUps >= (batch.sizeInBytes > USUAL_LIMIT ? HANG_UPS.above : HANG_UPS.below);
}

export function oversizeText(batch: ProducerBatch): string {
  const size = `a record of ${batch.sizeInBytes} bytes is too large`;
  const guess = "probably above the broker's socket.request.max.bytes (100 MiB if nobody has changed it)";
  return `${size}: the broker hung up on it ${batch.hangUps} times, ${guess}; send less in one record, or raise that limit`;
}
