// Public names of @hopwire/hop.
export { Auth, type AuthOptions, type Mechanism, mechanisms } from './auth/credential.ts';
export { authFromCsv, type CsvCredential } from './auth/csv.ts';
export { selectMatchingAuth, type Wanted } from './auth/select.ts';
export {
  authsNamed,
  changeAuthFile,
  indexOfSame,
  loadAuth,
  loadAuthFileIfAny,
  readAuthFile,
  writeAuthFile,
} from './auth/store.ts';
export { configPath, type Environment } from './config/paths.ts';
export { Consumer, type OnUndecodable, type ReadOptions } from './consumer.ts';
export { deserialize } from './deserialize.ts';
export {
  AmbiguousCredentialError,
  AuthenticationError,
  AuthorizationError,
  ClosedError,
  ConfigError,
  ConnectError,
  CredentialError,
  DecodeError,
  DeliveryError,
  HopError,
  type HopErrorDetails,
  NoCredentialsError,
  NoMatchingCredentialError,
  ReservedHeaderError,
  TopicError,
  UnsafePermissionsError,
  UrlError,
  UsageError,
} from './errors.ts';
export {
  type JsonValue,
  type ParseOptions,
  parseJson,
  type WriteOptions as JsonWriteOptions,
  writeJson,
} from './formats/json/lossless.ts';
export type { HeadersInput, HeaderValue } from './headers.ts';
export { jsonLine } from './json-line.ts';
export { brokerAddress, type KafkaUrl, parseUrl } from './kafka-url.ts';
export type { Logger } from './logger.ts';
export type { MessageHeader, Metadata, RawRecord, Received, TimestampType } from './metadata.ts';
export { Blob, Blob as BlobMessage } from './models/blob.ts';
export { GCNCircular } from './models/gcn-circular.ts';
export { GCNTextNotice } from './models/gcn-text-notice.ts';
export { JSONBlob } from './models/json-blob.ts';
export { MessageModel, type ModelClass, type SerializedMessage } from './models/model.ts';
export { modelNamed, models } from './models/registry.ts';
export { VOEvent, type VOEventFields, type VOEventOptions } from './models/voevent.ts';
export { type PackedMessage, type PackOptions, pack } from './pack.ts';
export { type DeliveryResult, Producer, type WriteOptions } from './producer.ts';
export { StartPosition } from './start-position.ts';
export { type ConsumerConfig, listTopics, type ProducerConfig, Stream, type StreamOptions, stream } from './stream.ts';
export type { TopicPartitions } from './topics.ts';
