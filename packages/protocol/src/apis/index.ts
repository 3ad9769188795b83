// All APIs, by key. What stands here is what client and test broker can speak, and what the contract tests cover.
import type { AnyApi } from '../api.ts';
import { ApiVersions } from './api-versions.ts';
import { CreateTopics } from './create-topics.ts';
import { DeleteTopics } from './delete-topics.ts';
import { Fetch } from './fetch.ts';
import { FindCoordinator } from './find-coordinator.ts';
import { Heartbeat } from './heartbeat.ts';
import { InitProducerId } from './init-producer-id.ts';
import { JoinGroup } from './join-group.ts';
import { LeaveGroup } from './leave-group.ts';
import { ListOffsets } from './list-offsets.ts';
import { Metadata } from './metadata.ts';
import { OffsetCommit } from './offset-commit.ts';
import { OffsetFetch } from './offset-fetch.ts';
import { Produce } from './produce.ts';
import { SaslAuthenticate } from './sasl-authenticate.ts';
import { SaslHandshake } from './sasl-handshake.ts';
import { SyncGroup } from './sync-group.ts';

export * from './api-versions.ts';
export * from './create-topics.ts';
export * from './delete-topics.ts';
export * from './fetch.ts';
export * from './find-coordinator.ts';
export * from './heartbeat.ts';
export * from './init-producer-id.ts';
export * from './join-group.ts';
export { type CurrentLeader, NO_LEADER, type NodeEndpoint } from './leader-hints.ts';
export * from './leave-group.ts';
export * from './list-offsets.ts';
export * from './metadata.ts';
export * from './offset-commit.ts';
export * from './offset-fetch.ts';
export * from './produce.ts';
export * from './sasl-authenticate.ts';
export * from './sasl-handshake.ts';
export * from './sync-group.ts';

/** Every API there is a codec for, ascending by key. */
export const apis: readonly AnyApi[] = [
  Produce,
  Fetch,
  ListOffsets,
  Metadata,
  OffsetCommit,
  OffsetFetch,
  FindCoordinator,
  JoinGroup,
  Heartbeat,
  LeaveGroup,
  SyncGroup,
  SaslHandshake,
  ApiVersions,
  CreateTopics,
  DeleteTopics,
  InitProducerId,
  SaslAuthenticate,
];

const byKey: ReadonlyMap<number, AnyApi> = new Map(apis.map((api) => [api.key, api]));

/** The API with this key; undefined when there is no codec for it. */
export function apiByKey(key: number): AnyApi | undefined {
  return byKey.get(key);
}
