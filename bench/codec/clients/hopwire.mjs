// Ours, as built (`packages/protocol/dist`), through the public names only.
//
// Writing: each record once, into the batch's own buffer; CRC-32C in JavaScript.
// Reading: lazily; every length checked; the CRC checked, as the client does, unless a case says otherwise.
import {
  BatchBuilder,
  batchesOf,
  crc32c,
  decodeResponse,
  encodeRequest,
  Fetch,
  Metadata,
  murmur2,
  Reader,
  readRecords,
  Writer,
  ZERO_UUID,
} from '../../../packages/protocol/dist/index.js';

export const client = {
  prepare(records, { strings = false } = {}) {
    if (strings) return records;
    const bytes = (text) => (text === null ? null : Buffer.from(text));
    return records.map(({ timestamp, key, value, headers }) => ({
      timestamp,
      key: bytes(key),
      value: bytes(value),
      headers: headers.map(([name, header]) => [name, bytes(header)]),
    }));
  },

  // The capacity is what the batch before needed, as in the client's producer.
  encode(messages, compression = 'none') {
    const builder = new BatchBuilder({ capacity: client.capacity });
    for (let i = 0; i < messages.length; i++) {
      const message = messages[i];
      builder.append(message.timestamp, message.key, message.value, message.headers);
    }
    client.capacity = builder.sizeInBytes;
    return builder.seal({ compression });
  },
  capacity: 256,

  walk(bytes, { verify = true } = {}) {
    let count = 0;
    for (const batch of batchesOf(bytes)) {
      if (verify) batch.verify();
      for (const _ of batch.records()) count++;
    }
    return count;
  },

  touch(bytes, { verify = true } = {}) {
    let sum = 0;
    for (const batch of batchesOf(bytes)) {
      if (verify) batch.verify();
      for (const { offset, key, value } of batch.records()) {
        sum += Number(offset) + (key === null ? 0 : key.length) + value.length;
      }
    }
    return sum;
  },

  /** Plain data of every record: all fields decoded, facts of the batch included. */
  everything(bytes) {
    let sum = 0;
    for (const { offset, timestampMs, key, value, headers } of readRecords(bytes)) {
      sum += Number(offset) + timestampMs + key.length + value.length;
      for (const [name, header] of headers) sum += name.length + header.length;
    }
    return sum;
  },

  touchHeaders(bytes) {
    let sum = 0;
    for (const batch of batchesOf(bytes)) {
      batch.verify();
      for (const { headers } of batch.records()) for (const [name, value] of headers) sum += name.length + value.length;
    }
    return sum;
  },

  crc: { javascript: crc32c },
  murmur2,

  writeVarints(values) {
    const writer = new Writer(true, 64 * 1024);
    for (let i = 0; i < values.length; i++) writer.unsignedVarint(values[i]);
    return writer.toBuffer();
  },

  readVarints(bytes, count) {
    const reader = new Reader(bytes, true);
    let sum = 0;
    for (let i = 0; i < count; i++) sum += reader.unsignedVarint();
    return sum;
  },

  metadataRequest: (names, version) => ({
    topics: names.map((name) => ({ topicId: ZERO_UUID, name })),
    encode(topics) {
      const flags = { includeClusterAuthorizedOperations: false, includeTopicAuthorizedOperations: false };
      return encodeRequest(Metadata, version, { topics, allowAutoTopicCreation: true, ...flags });
    },
  }),

  metadataResponse: (bytes, version) => decodeResponse(Metadata, version, bytes).topics.length,

  fetchResponse: (bytes, version) => {
    const { responses } = decodeResponse(Fetch, version, bytes);
    let count = 0;
    for (const { partitions } of responses) for (const { records } of partitions) count += client.walk(records);
    return count;
  },
};
