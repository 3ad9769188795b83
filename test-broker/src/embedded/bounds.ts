// How much a client can make the broker keep. The first two are Kafka's own.
// https://github.com/apache/kafka/blob/4.3.1/metadata/src/main/java/org/apache/kafka/controller/ReplicationControlManager.java

/** Partitions that one request may create. */
export const MOST_PARTITIONS_OF_A_REQUEST = 10_000;
/** Topics, partitions and settings that one CreateTopics may bring: the records of one batch of Kafka's controller. */
export const MOST_RECORDS_OF_A_REQUEST = 10_000;
/** Partitions of all topics together. Kafka has no such limit; they lie in memory here. */
export const MOST_PARTITIONS = 100_000;
/** Largest request; Kafka: socket.request.max.bytes, with its default. */
export const LARGEST_FRAME: number = 100 * 1024 * 1024;
/** Largest request before a login has succeeded, as in Kafka. */
export const LARGEST_FRAME_BEFORE_LOGIN: number = 512 * 1024;
/** Requests of all connections together that have arrived, in whole or in part, and are not answered yet (bytes). */
export const MOST_WAITING_BYTES: number = 512 * 1024 * 1024;
/** Requests of one connection that wait for their turn; no more are read until these are answered. */
export const MOST_WAITING_REQUESTS = 64;
/** Connections of one listener. Kafka: max.connections, where the default is no limit. */
export const MOST_CONNECTIONS = 10_000;
/** Nodes of one cluster: each listens on a port of its own. */
export const MOST_NODES = 100;
