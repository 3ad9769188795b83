// From the options of `hop wire` to what its bytes are.
import { type AnyApi, apis, type Explained } from '@hopwire/protocol';
import { UsageFailure } from '../failure.ts';

export interface PartOptions {
  /** Request frames, which say themselves what they are. */
  readonly frames?: boolean;
  readonly request?: string;
  readonly response?: string;
  readonly body?: boolean;
  readonly records?: boolean;
}

/**
 * @returns undefined: nothing was said, the bytes have to speak for themselves
 * @throws {UsageFailure} when the options contradict each other, or name no API and version
 */
export function explainedBy({ frames, request, response, body, records }: PartOptions): Explained | undefined {
  const given = [frames, request, response, records].filter((option) => option !== undefined);
  if (given.length > 1) throw new UsageFailure('only one of --frames, --request, --response and --records can be true');
  if (records) return { part: 'records' };
  if (response !== undefined) return { part: body ? 'response' : 'response frames', ...apiAndVersion(response) };
  if (request !== undefined && !body) {
    throw new UsageFailure('argument --request: only with --body; frames of requests say themselves what they are');
  }
  if (!body) return frames ? { part: 'request frames' } : undefined;
  if (request === undefined) {
    throw new UsageFailure('argument --body: say which with --request API:VERSION or --response API:VERSION');
  }
  return { part: 'request', ...apiAndVersion(request) };
}

function apiAndVersion(text: string): { readonly api: AnyApi; readonly version: number } {
  const [name = '', version = ''] = text.split(':');
  const api = apis.find((one) => one.name.toLowerCase() === name.toLowerCase() || String(one.key) === name);
  if (!api) throw new UsageFailure(`no API ${name}; there are ${apis.map((one) => one.name).join(', ')}`);
  const [first, last] = api.versions;
  if (version === '') throw new UsageFailure(`${name}: which version? ${api.name} has versions ${first} to ${last}`);
  const isVersion = /^\d{1,3}$/.test(version) && Number(version) >= first && Number(version) <= last;
  if (!isVersion) throw new UsageFailure(`${api.name}:${version}: ${api.name} has versions ${first} to ${last}`);
  return { api, version: Number(version) };
}
