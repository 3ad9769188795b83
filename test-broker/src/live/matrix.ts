// API x version x broker: which of our codecs a broker has answered to, byte for byte.
import { type AnyApi, ApiVersions, apis, errorByCode, KafkaError, type VersionRange } from '@hopwire/protocol';
import { Conversation } from '../harness/conversation.ts';
import { type Target, TargetError } from '../harness/target.ts';
import { type Fixture, prepare } from './fixture.ts';
import type { Probe, Visit } from './probe.ts';
import { probes } from './requests/index.ts';

/** What one broker made of one version of one API. */
export interface Cell {
  readonly api: AnyApi;
  readonly version: number;
  /** Read whole, and written again as the same bytes. */
  readonly isSameAgain: boolean;
  /** Names of the errors in the answer; they are answers too. */
  readonly errors: readonly string[];
  /** Why there is no answer to speak of. */
  readonly failure: string | null;
}

export interface Column {
  readonly broker: string;
  readonly advertised: ReadonlyMap<number, VersionRange>;
  readonly cells: readonly Cell[];
}

const NO_SOFTWARE = { clientSoftwareName: 'hopwire', clientSoftwareVersion: '0.1.0', clusterId: null, nodeId: -1 };

/** Visits every API that is advertised, in every version that both sides have. */
export async function columnOf(target: Target, broker: string): Promise<Column> {
  const fixture = await prepare(target.bootstrap());
  const advertised = await advertisedBy(target.bootstrap());
  const cells: Cell[] = [];
  for (const probe of probes) {
    for (const version of commonVersions(probe.api, advertised.get(probe.api.key))) {
      cells.push(await visit(target, probe, version, fixture));
    }
  }
  return { broker, advertised, cells };
}

async function advertisedBy(address: string): Promise<ReadonlyMap<number, VersionRange>> {
  await using conversation = Conversation.open(address);
  const { body } = await conversation.ask(ApiVersions, 3, NO_SOFTWARE);
  return new Map(body.apiKeys.map(({ apiKey, minVersion, maxVersion }) => [apiKey, [minVersion, maxVersion]]));
}

/** Unstable ones too, should a broker advertise them. */
export function commonVersions(api: AnyApi, theirs: VersionRange | undefined): number[] {
  if (!theirs) return [];
  const first = Math.max(api.versions[0], theirs[0]);
  const last = Math.min(api.versions[1], theirs[1]);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => first + i);
}

async function visit(target: Target, probe: Probe, version: number, fixture: Fixture): Promise<Cell> {
  await using conversation = Conversation.open(target.bootstrap(probe.listener));
  const visited: Visit = { ...fixture, version, conversation, fresh: (prefix) => fresh(probe.api, version, prefix) };
  try {
    const { isSameAgain, body } = await probe.visit(visited);
    return { api: probe.api, version, isSameAgain, errors: [...new Set(errorsIn(body))], failure: null };
  } catch (error) {
    if (!(error instanceof KafkaError || error instanceof TargetError)) throw error;
    return { api: probe.api, version, isSameAgain: false, errors: [], failure: error.message };
  }
}

let made = 0;
function fresh(api: AnyApi, version: number, prefix: string): string {
  return `${prefix}-${api.name}-${version}-${++made}`;
}

function* errorsIn(value: unknown): Iterable<string> {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return;
  for (const [name, field] of Object.entries(value)) {
    if (/errorCode$/i.test(name) && typeof field === 'number' && field !== 0) yield errorByCode(field).name;
    else yield* errorsIn(field);
  }
}

/** APIs of ours without a probe: there must be none. */
export function unvisited(): string[] {
  return apis.filter((api) => !probes.some((probe) => probe.api === api)).map(({ name }) => name);
}
