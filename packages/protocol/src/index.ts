// Public names of @hopwire/protocol.
export type { AnyApi, Api, Codec, VersionRange } from './api.ts';
export { chooseVersion, isFlexible } from './api.ts';
export * from './apis/index.ts';
export * from './constants.ts';
export * from './error-codes.ts';
export * from './errors.ts';
export type { DumpOptions } from './frame/dump.ts';
export { explain } from './frame/explain.ts';
export type { Explained } from './frame/explained.ts';
export * from './frame/frame.ts';
export { FrameReader, FrameSizeError } from './frame/frame-reader.ts';
export * from './frame/headers.ts';
export * from './frame/message.ts';
export { type ConsumerAssignment, decodeAssignment, encodeAssignment } from './group/assignment.ts';
export { type ConsumerSubscription, decodeSubscription, encodeSubscription } from './group/subscription.ts';
export type { ConsumerTopicPartitions } from './group/topic-partitions.ts';
export { BatchBuilder, type SealOptions } from './records/batch-builder.ts';
export { BatchView } from './records/batch-view.ts';
export {
  type CompressionName,
  type CompressOptions,
  codecId,
  codecName,
  compress,
  compressionNames,
  type DecompressOptions,
  decompress,
  decompressInSteps,
} from './records/compression/index.ts';
export { buildEndMarker, type ControlRecord, type EndMarker, readControlRecord } from './records/control-record.ts';
export { CorruptBatchError } from './records/corrupt-batch-error.ts';
export { crc32 } from './records/crc32.ts';
export { crc32c } from './records/crc32c.ts';
export { fnv1a } from './records/fnv1a.ts';
export { MessageSetView } from './records/message-set.ts';
export {
  MessageSetBuilder,
  type MessageSetOptions,
  type MessageSetSealOptions,
} from './records/message-set-builder.ts';
export { murmur2 } from './records/murmur2.ts';
export { type ProducerState, patchAppendTime, patchBaseOffset, patchProducer } from './records/patch.ts';
export {
  type BatchFacts,
  type ReadRecord,
  type ReadRecords,
  type ReadRecordsOptions,
  readRecords,
} from './records/read-records.ts';
export * from './records/record.ts';
export { batchesOf, partialBytesOf } from './records/records.ts';
export { sequenceAfter } from './records/sequence.ts';
export { type PlainCredentials, plainToken, readPlainToken } from './sasl/plain.ts';
export { SaslError } from './sasl/sasl-error.ts';
export {
  credentialFromSalted,
  type DeriveKey,
  deriveKeySlowly,
  type ScramCredential,
  type ScramMechanism,
  scramCredential,
} from './sasl/scram.ts';
export { ScramClient, type ScramClientOptions } from './sasl/scram-client.ts';
export { type ScramLookup, ScramServer } from './sasl/scram-server.ts';
export type { Steps } from './steps.ts';
export { Reader } from './wire/reader.ts';
export { ZERO_UUID } from './wire/uuid.ts';
export { type TaggedField, Writer } from './wire/writer.ts';
