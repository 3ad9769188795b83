/**
 * Fetch (key 1), v0-18. Reads records of partitions from their leader, or from a follower it named.
 *
 *   v1  throttle_time_ms in the response (KIP-13)
 *   v2  records of magic 1 (KIP-32)
 *   v3  max_bytes; the order of the partitions matters (KIP-74)
 *   v4  isolation_level, last_stable_offset, aborted_transactions; records of magic 2 (KIP-98)
 *   v5  log_start_offset (KIP-107)
 *   v6  may answer KAFKA_STORAGE_ERROR (KIP-112)
 *   v7  sessions: session_id, session_epoch, forgotten_topics_data, an error at the top (KIP-227)
 *   v8  throttling after the answer was sent (KIP-219)
 *   v9  current_leader_epoch (KIP-320)
 *   v10 records may be compressed with zstd (KIP-110)
 *   v11 rack_id and preferred_read_replica (KIP-392)
 *   v12 flexible; last_fetched_epoch, diverging_epoch, current_leader, snapshot_id (KIP-595)
 *   v13 topic_id in place of the name (KIP-516)
 *   v14 may answer OFFSET_MOVED_TO_TIERED_STORAGE (KIP-405)
 *   v15 replica_state in place of replica_id (KIP-903)
 *   v16 node_endpoints (KIP-951)
 *   v17 replica_directory_id (KIP-853)
 *   v18 high_watermark in the request (KIP-1166)
 */
import type { Api } from '../api.ts';
import { fetchRequest } from './fetch-request.ts';
import { fetchResponse } from './fetch-response.ts';
import type { FetchRequest, FetchResponse } from './fetch-shapes.ts';

export type * from './fetch-shapes.ts';

export const Fetch: Api<FetchRequest, FetchResponse> = {
  key: 1,
  name: 'Fetch',
  versions: [0, 18],
  flexibleFrom: 12,
  request: fetchRequest,
  response: fetchResponse,
};
