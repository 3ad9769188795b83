// Vectors that are not treated like the others, and why.

export type Treatment =
  | 'left-over' // refused for the bytes after the body; the body before them is read
  | 'refused'
  | 'tolerated' // read, but not what would be written
  | 'reshaped'; // read and written again, but in memory not as the vector has it

/** Every vector that is not read, compared, written and cut like the others, and why. */
export const EXCEPTIONS: readonly (readonly [id: string, treatment: Treatment, reason: string])[] = [
  ['TestAdministrativeAPI.test_api_versions_response', 'left-over', 'the body of v1 under the name of v0'],
  ['TestAdministrativeAPI.test_describe_groups_response', 'left-over', 'four zeros after the body'],
  ['TestFetchAPI.test_gzip_decompression', 'left-over', 'four zeros after the body'],
  ['TestFetchAPIV1.test_gzip_decompression', 'left-over', 'four zeros after the body'],
  ['TestFetchAPIV1.test_snappy_decompression', 'left-over', 'four zeros after the body'],
  ['TestFetchAPIV2.test_gzip_decompression', 'left-over', 'four zeros after the body'],
  ['TestFetchAPIV2.test_snappy_decompression', 'left-over', 'four zeros after the body'],
  ['TestGroupMembershipAPI.test_join_group_response', 'left-over', 'four zeros after the body'],
  ['TestGroupMembershipAPI.test_sync_group_response', 'left-over', 'the capture was split at the wrong place'],
  ['TestListOffsetAPIV1.test_response', 'refused', 'an array length before the one offset of v1'],
  ['TestListOffsetAPIV1.test_partition_error', 'refused', 'an array length before the one offset of v1'],
  ['v1_response_missing_throttle_time.json', 'tolerated', 'some brokers end ApiVersions v1 after the list'],
  ['test_member_assignment_construction', 'tolerated', 'pykafka writes version 1 without user data'],
  ['memberMetadata.json', 'tolerated', 'kafkajs writes version 1 without owned partitions'],
  ['v1_memberMetadata.json', 'tolerated', 'kafkajs writes version 1 without owned partitions'],
  ['v1_assignerMetadata.json', 'tolerated', 'kafkajs writes version 1 without owned partitions'],
  ['v2_assignerMetadata.json', 'tolerated', 'kafkajs writes version 1 without owned partitions'],
  ['TestMetadataAPI.test_request', 'reshaped', 'v0 asks for all topics with an empty list, which is null here'],
  ['unknown_tagged_bytes', 'tolerated', 'unknown tags are skipped, and not kept for writing'],
  ['StreamsGroupDescribeResponse v1', 'refused', 'made before v1 was given assignor_name, which Kafka 4.4.0 has'],
];

export function exceptionOf({ id, kind }: { id: string; kind: string }): (typeof EXCEPTIONS)[number] | undefined {
  const isNamed = (end: string): boolean => ['/', '.', ':'].some((mark) => id.endsWith(mark + end));
  return EXCEPTIONS.find(([end]) => kind === end || id === end || isNamed(end));
}

export function treatmentOf(vector: { id: string; kind: string }): Treatment | undefined {
  return exceptionOf(vector)?.[1];
}
