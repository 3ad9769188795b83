// What the client under test said of its connections and retries, in the soak's time: to look at when something was late.
import type { KafkaEvent } from '@hopwire/client';
import { now } from '../clock.ts';

const APIS: ReadonlySet<string> = new Set([
  ...['Metadata', 'InitProducerId', 'FindCoordinator'],
  ...['JoinGroup', 'SyncGroup', 'OffsetFetch', 'ListOffsets'],
]);

/** Prints an event, if it is of use when a partition comes back late. */
export function logEvent(event: KafkaEvent): void {
  const line = lineOf(event);
  if (line) console.log(`${(now() / 1000).toFixed(3)} ${line}`);
}

function lineOf(event: KafkaEvent): string | null {
  const why = 'error' in event && event.error ? `: ${event.error.message}` : '';
  switch (event.type) {
    case 'connection':
      return `${event.state} ${event.broker} ${event.reason?.message ?? ''}`;
    case 'request':
      return APIS.has(event.api) || why ? `${event.api} ${event.broker} ${event.durationMs.toFixed(0)} ms${why}` : null;
    case 'batch':
      return event.outcome === 'retrying' ? `retrying ${event.topic}[${event.partition}]${why}` : null;
    case 'rebalance':
      return `rebalance ${event.phase} ${event.groupId}${why}`;
    case 'reset':
      return `reset ${event.topic}[${event.partition}]${why}`;
    default:
      return null;
  }
}
