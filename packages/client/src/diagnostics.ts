// Tracing channels of node:diagnostics_channel. Without a subscriber nothing is built.
import type { TracingChannel } from 'node:diagnostics_channel';

/** What subscribers of `tracing:hopwire:request:start`, `:asyncEnd` and `:error` get. */
export interface RequestTrace {
  readonly api: string;
  readonly version: number;
  /** `host:port` */
  readonly broker: string;
  error?: Error;
}

type Requests = TracingChannel<RequestTrace, RequestTrace>;

let channels: Requests | undefined;

/** Made with the first request: an import need not load Node's module for it. */
function requestChannels(): Requests {
  channels ??= process.getBuiltinModule('node:diagnostics_channel').tracingChannel('hopwire:request');
  return channels;
}

/** A trace that has begun, or null when nobody listens. */
export function traceRequest(api: string, version: number, broker: string): RequestTrace | null {
  const requests = requestChannels();
  if (!requests.start.hasSubscribers && !requests.asyncEnd.hasSubscribers && !requests.error.hasSubscribers)
    return null;
  const trace = { api, version, broker };
  requests.start.publish(trace);
  return trace;
}

export function endTrace(trace: RequestTrace | null, error?: Error): void {
  if (!trace) return;
  const requests = requestChannels();
  if (error) {
    trace.error = error;
    requests.error.publish(trace);
  }
  requests.asyncEnd.publish(trace);
}
