// Tracing channels of node:diagnostics_channel. Without a subscriber nothing is built.
import { type TracingChannel, tracingChannel } from 'node:diagnostics_channel';

/** What subscribers of `tracing:hopwire:request:start`, `:asyncEnd` and `:error` get. */
export interface RequestTrace {
  readonly api: string;
  readonly version: number;
  /** `host:port` */
  readonly broker: string;
  error?: Error;
}

const requests: TracingChannel<RequestTrace, RequestTrace> = tracingChannel('hopwire:request');

/** A trace that has begun, or null when nobody listens. */
export function traceRequest(api: string, version: number, broker: string): RequestTrace | null {
  if (!requests.start.hasSubscribers && !requests.asyncEnd.hasSubscribers && !requests.error.hasSubscribers)
    return null;
  const trace = { api, version, broker };
  requests.start.publish(trace);
  return trace;
}

export function endTrace(trace: RequestTrace | null, error?: Error): void {
  if (!trace) return;
  if (error) {
    trace.error = error;
    requests.error.publish(trace);
  }
  requests.asyncEnd.publish(trace);
}
