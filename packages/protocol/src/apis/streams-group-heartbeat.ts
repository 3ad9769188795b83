/**
 * StreamsGroupHeartbeat (key 88), v0-1. Joins, stays in and leaves a group of a streams application whose tasks the
 * coordinator assigns (KIP-1071); to be sent to the coordinator.
 *
 *   v0  flexible
 *   v1  topology_description_required (KIP-1331); acceptable_recovery_lag as int64 in place of an int32;
 *       the status "client tags are missing"
 *
 * In a request null and -1 mean: as in the heartbeat before.
 */
import type { Api } from '../api.ts';
import { streamsGroupHeartbeatRequest } from './streams-group-heartbeat-request.ts';
import { streamsGroupHeartbeatResponse } from './streams-group-heartbeat-response.ts';
import type { StreamsGroupHeartbeatRequest, StreamsGroupHeartbeatResponse } from './streams-group-heartbeat-shapes.ts';

export type * from './streams-group-heartbeat-shapes.ts';

export const StreamsGroupHeartbeat: Api<StreamsGroupHeartbeatRequest, StreamsGroupHeartbeatResponse> = {
  key: 88,
  name: 'StreamsGroupHeartbeat',
  versions: [0, 1],
  flexibleFrom: 0,
  request: streamsGroupHeartbeatRequest,
  response: streamsGroupHeartbeatResponse,
};
