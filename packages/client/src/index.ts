// Public names of @hopwire/client.
export {
  Acks,
  type AnyApi,
  type Api,
  ApiVersions,
  type CompressionName,
  CoordinatorType,
  CreateTopics,
  credentialFromSalted,
  DeleteTopics,
  type DeriveKey,
  deriveKeySlowly,
  type ErrorCode,
  type ErrorName,
  Errors,
  errorByCode,
  errorCodes,
  Fetch,
  FindCoordinator,
  Heartbeat,
  InitProducerId,
  IsolationLevel,
  JoinGroup,
  LeaveGroup,
  ListOffsets,
  Metadata,
  OffsetCommit,
  OffsetFetch,
  Produce,
  SaslAuthenticate,
  SaslError,
  SaslHandshake,
  ScramClient,
  type ScramClientOptions,
  type ScramCredential,
  type ScramMechanism,
  ScramServer,
  SpecialTimestamp,
  SyncGroup,
  scramCredential,
  type VersionRange,
  ZERO_UUID,
} from '@hopwire/protocol';
export { Admin } from './admin/admin.ts';
export type { FoundOffset, OffsetQuery } from './admin/offsets.ts';
export type { Outcome } from './admin/result.ts';
export type { CreatedTopic, NewTopic, TopicDescription } from './admin/topics.ts';
export type { ConsumerBatch } from './consumer/batch.ts';
export { Consumer } from './consumer/consumer.ts';
export type { ConsumerRecord, Headers, RecordInJson, UndecodedRecord } from './consumer-record.ts';
export type { RequestTrace } from './diagnostics.ts';
export {
  AuthenticationError,
  BrokerError,
  ClosedError,
  ConnectionError,
  CorruptBatchError,
  DeliveryError,
  FencedError,
  FrameTooLargeError,
  isBrokerError,
  isKafkaError,
  isRetriable,
  KafkaError,
  LogTruncationError,
  OffsetOutOfRangeError,
  ProtocolError,
  TimeoutError,
  TopicRecreatedError,
  TransactionAbortedError,
  UndecodableError,
  UnsupportedFieldError,
  UnsupportedVersionError,
} from './errors.ts';
export type * from './events.ts';
export { createClient, Kafka, type RequestOptions } from './kafka.ts';
export type {
  AssignorName,
  ConsumerOptions,
  Deserializer,
  KafkaOptions,
  OpenSocket,
  Partitioner,
  ProducerOptions,
  Serializer,
  StartAt,
  TlsOptions,
  UndecodablePolicy,
} from './options.ts';
export type { RecordMetadata } from './producer/delivery.ts';
export { Producer } from './producer/producer.ts';
export type { ProducerMessage, ProducerRecord, TopicRecords } from './producer/record.ts';
export type { RecordHeaders } from './producer/record-headers.ts';
export type { Credential, SaslExchange, SaslMechanism } from './sasl/mechanism.ts';
export { type PlainOptions, plain } from './sasl/plain.ts';
export { type ScramOptions, scramSha256, scramSha512 } from './sasl/scram.ts';
export type { Bytes, PartitionInfo, PartitionStart, TopicPartition, TopicPartitionOffset, Waiting } from './types.ts';
export { version } from './version.ts';
