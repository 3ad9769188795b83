// A raw request that cannot be written is refused with the path of the field and what stands there.
import {
  type AnyApi,
  type Api,
  CreateTopics,
  encodeRequest,
  Heartbeat,
  JoinGroup,
  ListOffsets,
  Metadata,
  OffsetCommit,
  ZERO_UUID,
} from '@hopwire/protocol';
import { TestBroker } from '@hopwire/test-broker';
import { expect, it } from 'vitest';
import { createClient } from '../kafka.ts';
import { quiet } from '../testing/loop.ts';
import { wrongField } from './wrong-field.ts';

const requests: readonly [AnyApi, version: number, body: object][] = [
  [
    Metadata,
    12,
    {
      topics: [{ topicId: ZERO_UUID, name: 't' }],
      allowAutoTopicCreation: false,
      includeClusterAuthorizedOperations: false,
      includeTopicAuthorizedOperations: false,
    },
  ],
  [Heartbeat, 4, { groupId: 'g', generationId: 1, memberId: 'm', groupInstanceId: null }],
  [
    ListOffsets,
    7,
    {
      replicaId: -1,
      isolationLevel: 0,
      topics: [
        { name: 'a', partitions: [] },
        { name: 't', partitions: [{ partitionIndex: 0, currentLeaderEpoch: -1, timestamp: -1n, maxNumOffsets: 1 }] },
      ],
      timeoutMs: 0,
    },
  ],
  [
    CreateTopics,
    5,
    {
      topics: [
        {
          name: 'n',
          numPartitions: 1,
          replicationFactor: 1,
          assignments: [{ partitionIndex: 0, brokerIds: [1] }],
          configs: [{ name: 'retention.ms', value: '5' }],
        },
      ],
      timeoutMs: 5,
      validateOnly: false,
    },
  ],
  [
    JoinGroup,
    9,
    {
      groupId: 'g',
      sessionTimeoutMs: 1,
      rebalanceTimeoutMs: 1,
      memberId: '',
      groupInstanceId: null,
      protocolType: 'consumer',
      protocols: [{ name: 'range', metadata: Buffer.alloc(0) }],
      reason: null,
    },
  ],
  [
    OffsetCommit,
    8,
    {
      groupId: 'g',
      generationIdOrMemberEpoch: 1,
      memberId: 'm',
      groupInstanceId: null,
      retentionTimeMs: -1n,
      topics: [
        {
          name: 't',
          topicId: ZERO_UUID,
          partitions: [
            {
              partitionIndex: 0,
              committedOffset: 1n,
              committedLeaderEpoch: -1,
              commitTimestamp: -1n,
              committedMetadata: null,
            },
          ],
        },
      ],
    },
  ],
];

/** The paths of all that stands in a body, arrays and structs too. */
function pathsOf(value: unknown, path = ''): string[] {
  if (typeof value !== 'object' || value === null || Buffer.isBuffer(value)) return [path];
  const inside = Object.entries(value).flatMap(([name, field]) =>
    pathsOf(field, Array.isArray(value) ? `${path}[${name}]` : path === '' ? name : `${path}.${name}`),
  );
  return path === '' ? inside : [path, ...inside];
}

/** The body with another value at a path, and frozen, as careful callers have it. */
function withAt(body: object, path: string, value: unknown): object {
  const names = path.split(/[.[\]]+/).filter((name) => name !== '');
  const put = (at: unknown, depth: number): unknown => {
    const name = names[depth];
    if (name === undefined) return value;
    const copy: object = Array.isArray(at) ? [...at] : { ...(at as object) };
    Reflect.set(copy, name, put(Reflect.get(copy, name), depth + 1));
    return Object.freeze(copy);
  };
  return put(body, 0) as object;
}

function failureOf(api: AnyApi, version: number, body: object): unknown {
  const typed: Api<unknown, unknown> = api;
  try {
    encodeRequest(typed, version, body);
    return null;
  } catch (error) {
    return wrongField(typed, version, body, error);
  }
}

it.each(requests)('names whichever field of a request is wrong: %o v%d', (api, version, body) => {
  expect(failureOf(api, version, body)).toBeNull();
  let named = 0;
  for (const path of pathsOf(body)) {
    for (const wrong of [undefined, Symbol('s'), () => 1]) {
      const error = failureOf(api, version, withAt(body, path, wrong));
      if (error === null || !(error instanceof TypeError || error instanceof RangeError)) continue; // not of this version
      expect(error.message.startsWith(`request ${api.name} v${version}: ${path}`), `${path}: ${error.message}`).toBe(
        true,
      );
      named++;
    }
  }
  expect(named).toBeGreaterThan(pathsOf(body).length);
});

it.each([
  [{}, /^request Metadata v\d+: topics: an array is required, not undefined$/],
  [{ topics: 't' }, /: topics: an array is required, not the string "t"$/],
  [{ topics: ['t'] }, /: topics\[0\] cannot be 't'$/],
  [{ topics: [null] }, /: topics\[0\] cannot be null$/],
  [{ topics: [{ topicId: ZERO_UUID, name: 5 }] }, /: topics\[0\].name: a string is required, not the number 5$/],
  [{ topics: [{ name: 't' }] }, /: topics\[0\].topicId cannot be undefined$/],
  [null, /: its body must be an object with the fields of the API, not null$/],
  ['Metadata', /: its body must be an object .*, not 'Metadata'$/],
])('kafka.request rejects a body that cannot be sent: %o', async (body, message) => {
  await using broker = await TestBroker.start({ topics: { t: 1 } });
  await using kafka = createClient({ brokers: broker.bootstrap, logger: quiet });
  await expect(kafka.request(Metadata, body as never)).rejects.toThrow(message);
  const topics = await kafka.admin().listTopics();
  expect(topics.map(({ topic }) => topic)).toEqual(['t']);
});

it.each([
  [null, /^request takes one of the APIs, .*, not null$/],
  ['Metadata', /^request takes one of the APIs, .*, not 'Metadata'$/],
  [{ name: 'Metadata' }, /^request takes one of the APIs, .*, not an object$/],
])('kafka.request rejects what is no API: %o', async (api, message) => {
  await using kafka = createClient({ brokers: '127.0.0.1:1', logger: quiet });
  await expect(kafka.request(api as never, {} as never)).rejects.toThrow(message);
});

it.each([
  [{ version: '5' }, /^request Metadata: version must be a number, not a string$/],
  [{ version: 1.5 }, /^request Metadata: version must be a whole number/],
  [{ broker: '1' }, /^request Metadata: broker must be a number, not a string$/],
  [{ brokerId: 77 }, /^request Metadata: there is no option brokerId \(did you mean broker\?\)/],
])('kafka.request rejects options that cannot be meant: %o', async (options, message) => {
  await using kafka = createClient({ brokers: '127.0.0.1:1', logger: quiet });
  await expect(kafka.request(Metadata, {} as never, options as never)).rejects.toThrow(message);
});
