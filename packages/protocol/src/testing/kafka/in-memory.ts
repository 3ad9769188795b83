// What a decoder has to make of a message: one shape in memory for all versions of an API. The fields that a version
// lacks have their defaults, and the old forms of a few APIs take the new form.
import { type DefinedField, type Definition, nameInMemory, structOf } from './definition.ts';
import { type Fields, saidDefault, scalarOf, zeroOfScalar } from './layout.ts';

/** All fields that a struct has in any version. */
type Shape = ReadonlyMap<string, ShapeField>;

interface ShapeField {
  /** Of the struct, or of the elements; null: scalar. */
  readonly inside: Shape | null;
  readonly whenLacking: unknown;
}

/** How the fields of old versions became elements of a list. */
interface Gathered {
  readonly until: number;
  /** The list. */
  readonly into: string;
  /** Fields that memory does not have. */
  readonly gone: readonly string[];
  readonly gather: (old: Fields) => readonly unknown[];
}

const GATHERED: Readonly<Record<string, Gathered>> = {
  FindCoordinatorRequest: {
    until: 3,
    into: 'coordinatorKeys',
    gone: ['key'],
    gather: ({ key }) => [key],
  },
  FindCoordinatorResponse: {
    until: 3,
    into: 'coordinators',
    gone: ['errorCode', 'errorMessage', 'nodeId', 'host', 'port'],
    gather: (coordinator) => [coordinator],
  },
  LeaveGroupRequest: {
    until: 2,
    into: 'members',
    gone: ['memberId'],
    gather: (member) => [member],
  },
  OffsetFetchRequest: {
    until: 7,
    into: 'groups',
    gone: ['groupId', 'topics'],
    gather: (group) => [group],
  },
  OffsetFetchResponse: {
    until: 7,
    into: 'groups',
    gone: ['topics', 'errorCode'],
    gather: (group) => [group],
  },
  AddPartitionsToTxnRequest: {
    until: 3,
    into: 'transactions',
    gone: ['v3AndBelowTransactionalId', 'v3AndBelowProducerId', 'v3AndBelowProducerEpoch', 'v3AndBelowTopics'],
    gather: (old) => [
      {
        transactionalId: old.v3AndBelowTransactionalId,
        producerId: old.v3AndBelowProducerId,
        producerEpoch: old.v3AndBelowProducerEpoch,
        topics: old.v3AndBelowTopics,
      },
    ],
  },
  AddPartitionsToTxnResponse: {
    until: 3,
    into: 'resultsByTransaction',
    gone: ['resultsByTopicV3AndBelow'],
    gather: (old) => [{ topicResults: old.resultsByTopicV3AndBelow }],
  },
};

/** Fields that kept the name they had before a release renamed them: the same bytes, and a name that users know. */
const RENAMED: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  TxnOffsetCommitRequest: { generationIdOrMemberEpoch: 'generationId' },
  // These are named as other implementations name them.
  StreamsGroupHeartbeatRequest: {
    groupId: 'group',
    rebalanceTimeoutMs: 'rebalanceTimeoutMillis',
    ...internalTopic('stateChangelogTopics'),
    ...internalTopic('repartitionSourceTopics'),
  },
  StreamsGroupHeartbeatResponse: {
    heartbeatIntervalMs: 'heartbeatIntervalMillis',
    taskOffsetIntervalMs: 'taskOffsetIntervalMillis',
  },
  StreamsGroupDescribeRequest: { groupIds: 'groups' },
  StreamsGroupDescribeResponse: {
    'groups.groupId': 'group',
    'groups.groupState': 'state',
    'groups.groupEpoch': 'epoch',
    ...internalTopic('stateChangelogTopics'),
    ...internalTopic('repartitionSourceTopics'),
  },
};

function internalTopic(field: string): Readonly<Record<string, string>> {
  return { [`${field}.name`]: 'topic', [`${field}.partitions`]: 'numPartitions', [`${field}.topicConfigs`]: 'configs' };
}

/** Values that mean something else in an old version. */
const MEANT: Readonly<Record<string, (version: number, message: Fields) => Fields>> = {
  // Before null could be written, no topics were all topics.
  MetadataRequest: (version, message) => {
    const { topics } = message;
    return version === 0 && Array.isArray(topics) && topics.length === 0 ? { ...message, topics: null } : message;
  },
};

/** Name in memory of a field of the body; null when it has another form there in some versions. */
export function fieldInMemory(message: string, field: string): string | null {
  const gathered = GATHERED[message];
  if (gathered && [gathered.into, ...gathered.gone].includes(field)) return null;
  return RENAMED[message]?.[field] ?? field;
}

/**
 * @param definitions of the same message in several releases, the newest first; only those that are right for a version
 * @returns what a message, as `version` of it has it on the wire, is in memory
 */
export function inMemory(definitions: readonly Definition[]): (version: number, message: Fields) => Fields {
  const name = definitions[0]?.name ?? '';
  const gathered = GATHERED[name];
  const shape = new Map(shapeOf(definitions.map((d) => [d, d.fields ?? []])));
  for (const gone of gathered?.gone ?? []) shape.delete(gone);
  const meant = MEANT[name] ?? ((_, message) => message);
  return (version, message) => {
    const said = meant(version, message);
    return renamed(
      RENAMED[name] ?? {},
      completed(shape, gathered && version <= gathered.until ? regrouped(gathered, said) : said),
    );
  };
}

/** @param names by the field, after the name of the field whose struct it is in and a dot */
function renamed(names: Readonly<Record<string, string>>, struct: Fields, parent = ''): Fields {
  const inside = (field: string, value: unknown): unknown => {
    if (Array.isArray(value)) return value.map((item) => inside(field, item));
    if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value;
    return renamed(names, value as Fields, `${field}.`);
  };
  const entries = Object.entries(struct);
  return Object.fromEntries(entries.map(([field, value]) => [names[parent + field] ?? field, inside(field, value)]));
}

function regrouped({ into, gone, gather }: Gathered, message: Fields): Fields {
  const entries = Object.entries(message);
  const old = Object.fromEntries(entries.filter(([name]) => gone.includes(name)));
  return { ...Object.fromEntries(entries.filter(([name]) => !gone.includes(name))), [into]: gather(old) };
}

function shapeOf(sources: readonly (readonly [Definition, readonly DefinedField[]])[]): Shape {
  const found = new Map<string, (readonly [Definition, DefinedField])[]>();
  for (const [definition, fields] of sources) {
    for (const field of fields) {
      const name = nameInMemory(field);
      found.set(name, [...(found.get(name) ?? []), [definition, field]]);
    }
  }
  return new Map([...found].map(([name, fields]) => [name, shapeField(fields)]));
}

function shapeField(sources: readonly (readonly [Definition, DefinedField])[]): ShapeField {
  const structs = sources.flatMap(([definition, field]) => {
    const struct = structOf(definition, field);
    return struct ? [[definition, struct] as const] : [];
  });
  const inside = structs.length > 0 ? shapeOf(structs) : null;
  const newest = sources[0]?.[1];
  if (!newest) throw new TypeError('a field without a source');
  return { inside, whenLacking: whenLacking(newest, inside) };
}

function whenLacking(field: DefinedField, inside: Shape | null): unknown {
  if (field.default !== undefined) return saidDefault(field);
  if (field.nullableVersions !== undefined && field.nullableVersions !== 'none') return null;
  if (field.type.startsWith('[]')) return [];
  return inside ? completed(inside, {}) : zeroOfScalar(scalarOf(field));
}

function completed(shape: Shape, said: Fields): Fields {
  const unknown = Object.keys(said).filter((name) => !shape.has(name));
  if (unknown.length > 0) throw new TypeError(`not in the shape: ${unknown.join(', ')}`);
  return Object.fromEntries(
    [...shape].map(([name, field]) => [name, name in said ? within(field.inside, said[name]) : field.whenLacking]),
  );
}

function within(inside: Shape | null, value: unknown): unknown {
  if (!inside || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => completed(inside, item as Fields));
  return completed(inside, value as Fields);
}
