// Compares what a decoder made with what a vector says, field by field. The vectors write a message as Kafka's
// definitions do; bytes, UUIDs and large integers have a notation of their own.

/** An API that took one thing per request before it took a list of them. */
interface Hoisting {
  /** Up to this version, the fields of the list's only element stand in the body itself. */
  readonly lastVersion: number;
  /** The lists, of request and response. */
  readonly lists: readonly string[];
  /** What those fields are called in the body, where they have other names there. */
  readonly names?: Readonly<Record<string, string>>;
}

const HOISTED: Readonly<Record<string, Hoisting>> = {
  FindCoordinator: { lastVersion: 3, lists: ['coordinatorKeys', 'coordinators'] },
  OffsetFetch: { lastVersion: 7, lists: ['groups'] },
  LeaveGroup: { lastVersion: 2, lists: ['members'] },
  AddPartitionsToTxn: {
    lastVersion: 3,
    lists: ['transactions', 'resultsByTransaction'],
    names: {
      transactionalId: 'v3AndBelowTransactionalId',
      producerId: 'v3AndBelowProducerId',
      producerEpoch: 'v3AndBelowProducerEpoch',
      topics: 'v3AndBelowTopics',
      topicResults: 'resultsByTopicV3AndBelow',
    },
  },
};

/** A body in the shape its version has on the wire, where that is not the shape in memory. */
export function hoisted(api: string, version: number, body: unknown): unknown {
  const hoisting = HOISTED[api];
  if (!hoisting || version > hoisting.lastVersion) return body;
  const fields = body as Record<string, unknown>;
  // An answer to LeaveGroup has no members before v3: nothing to hoist.
  const element = hoisting.lists.flatMap((list) => fields[list] ?? [])[0];
  return { ...fields, ...inBody(element, hoisting.names ?? {}) };
}

/** FindCoordinator's element is no struct but the key itself. */
function inBody(element: unknown, names: Readonly<Record<string, string>>): object {
  if (typeof element === 'string') return { key: element };
  return Object.fromEntries(Object.entries(element ?? {}).map(([name, value]) => [names[name] ?? name, value]));
}

/** Names that vectors of old suites use, in place of those of Kafka's definitions. */
const OTHER_NAMES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  TxnOffsetCommit: {
    group: 'groupId',
    topic: 'name',
    partition: 'partitionIndex',
    offset: 'committedOffset',
    metadata: 'committedMetadata',
  },
};

/**
 * Paths at which `ours` does not say what a vector says.
 *
 * @param api whose message it is; '' when it is none
 */
export function differences(theirs: unknown, ours: unknown, api: string): string[] {
  return [...differ('', ours, theirs, OTHER_NAMES[api] ?? {})];
}

function* differ(
  path: string,
  ours: unknown,
  theirs: unknown,
  names: Readonly<Record<string, string>>,
): Iterable<string> {
  if (Array.isArray(theirs)) {
    if (!Array.isArray(ours) || ours.length !== theirs.length) yield `${path}: another number of elements`;
    else for (const [i, item] of theirs.entries()) yield* differ(`${path}[${i}]`, ours[i], item, names);
  } else if (typeof theirs === 'object' && theirs !== null && !(ours instanceof Uint8Array)) {
    for (const [name, value] of Object.entries(theirs)) {
      const own = (ours as Record<string, unknown>)[names[name] ?? name];
      // Vectors keep tags they do not know; ours are skipped.
      if (name !== '_unknownTags') yield* differ(`${path}.${name}`, own, value, names);
    }
  } else if (!isAlike(ours, theirs)) {
    yield `${path}: ${String(ours)} instead of ${JSON.stringify(theirs)}`;
  }
}

function isAlike(ours: unknown, theirs: unknown): boolean {
  if (typeof ours === 'bigint') return String(ours) === String(theirs);
  if (ours instanceof Uint8Array) return bytesOf(theirs)?.equals(ours) ?? false;
  if (ours === theirs) return true;
  return typeof ours === 'string' && typeof theirs === 'string' && isSameUuid(ours, theirs);
}

/** Null: no notation of bytes. */
function bytesOf(notation: unknown): Buffer | null {
  const { utf8, hex } = (notation ?? {}) as { utf8?: string; hex?: string };
  if (utf8 !== undefined) return Buffer.from(utf8);
  return hex === undefined ? null : Buffer.from(hex, 'hex');
}

function isSameUuid(ours: string, theirs: string): boolean {
  return ours.length === 22 && Buffer.from(ours, 'base64url').toString('hex') === theirs.replaceAll('-', '');
}
