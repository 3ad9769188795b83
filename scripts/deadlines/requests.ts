// Bodies of requests that are sent as they are.
import type { ListOffsets, Metadata } from '@hopwire/client';
import type { Api } from '@hopwire/protocol';

type BodyOf<A> = A extends Api<infer Body, infer _> ? Body : never;

export const ALL_TOPICS: BodyOf<typeof Metadata> = {
  topics: null,
  allowAutoTopicCreation: false,
  includeClusterAuthorizedOperations: false,
  includeTopicAuthorizedOperations: false,
};

export const NO_OFFSETS: BodyOf<typeof ListOffsets> = { replicaId: -1, isolationLevel: 0, topics: [], timeoutMs: 0 };
