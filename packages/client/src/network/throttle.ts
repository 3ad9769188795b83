// When a client has to pause (KIP-219): from these versions on the broker answers at once and mutes its side. Below
// them it held the answer back itself, and the field is news only.

const PAUSES_FROM: ReadonlyMap<number, number> = new Map([
  [0, 6], // Produce
  [1, 8], // Fetch
  [2, 3], // ListOffsets
  [3, 6], // Metadata
  [8, 4], // OffsetCommit
  [9, 4], // OffsetFetch
  [10, 2], // FindCoordinator
  [11, 3], // JoinGroup
  [12, 2], // Heartbeat
  [13, 2], // LeaveGroup
  [14, 2], // SyncGroup
  [15, 2], // DescribeGroups
  [16, 2], // ListGroups
  [18, 2], // ApiVersions
  [19, 3], // CreateTopics
  [20, 2], // DeleteTopics
  [21, 1], // DeleteRecords
  [22, 1], // InitProducerId
  [32, 2], // DescribeConfigs
]);

/** Milliseconds for which nothing may be sent on the connection; 0: none. */
export function pauseDemanded(apiKey: number, version: number, response: unknown): number {
  if (version < (PAUSES_FROM.get(apiKey) ?? 0)) return 0;
  if (typeof response !== 'object' || response === null || !('throttleTimeMs' in response)) return 0;
  return typeof response.throttleTimeMs === 'number' ? response.throttleTimeMs : 0;
}
