// @platformatic/kafka: its `protocol/` and `apis/`. bigint for what has 64 bits; text must be made bytes beforehand.
//
// Writing: a list of small buffers, joined for the CRC and once more for the socket; CRC-32C in native code (an
// optional dependency that npm installs). Reading: at once, keys and values as views; the CRC is not checked.
import * as fetchModule11 from '../../node_modules/@platformatic/kafka/dist/apis/consumer/fetch-v11.js';
import * as fetchModule17 from '../../node_modules/@platformatic/kafka/dist/apis/consumer/fetch-v17.js';
import * as metadataV6 from '../../node_modules/@platformatic/kafka/dist/apis/metadata/metadata-v6.js';
import * as metadataV12 from '../../node_modules/@platformatic/kafka/dist/apis/metadata/metadata-v12.js';
import { crc32c, jsCRC32C } from '../../node_modules/@platformatic/kafka/dist/protocol/crc32c.js';
import { murmur2 } from '../../node_modules/@platformatic/kafka/dist/protocol/murmur2.js';
import { Reader } from '../../node_modules/@platformatic/kafka/dist/protocol/reader.js';
import {
  createRecordsBatch,
  readRecordsBatches,
} from '../../node_modules/@platformatic/kafka/dist/protocol/records.js';
import { Writer } from '../../node_modules/@platformatic/kafka/dist/protocol/writer.js';

const METADATA = { 6: metadataV6, 12: metadataV12 };
const FETCH = { 11: fetchModule11, 17: fetchModule17 };

const bytesOf = (text) => (text === null ? undefined : Buffer.from(text));

function messageOf({ timestamp, key, value, headers }) {
  return {
    timestamp: BigInt(timestamp),
    key: bytesOf(key),
    value: bytesOf(value),
    headers: new Map(headers.map(([name, header]) => [Buffer.from(name), Buffer.from(header)])),
  };
}

export const client = {
  prepare: (records, { strings = false } = {}) => (strings ? records : records.map(messageOf)),

  // `.buffer` joins the pieces, as its connection does before writing to the socket.
  encode: (messages, compression = 'none') => createRecordsBatch(messages, { compression }).buffer,

  /** Text goes through serializers first: part of its work when values are strings. */
  encodeStrings: (records) => createRecordsBatch(records.map(messageOf), {}).buffer,

  walk(bytes) {
    let count = 0;
    for (const { records } of readRecordsBatches(Reader.from(bytes))) for (const _ of records) count++;
    return count;
  },

  touch(bytes) {
    let sum = 0;
    for (const { firstOffset, records } of readRecordsBatches(Reader.from(bytes))) {
      for (const { offsetDelta, key, value } of records) {
        sum += Number(firstOffset + BigInt(offsetDelta)) + (key === null ? 0 : key.length) + value.length;
      }
    }
    return sum;
  },

  everything(bytes) {
    let sum = 0;
    for (const { firstOffset, firstTimestamp, records } of readRecordsBatches(Reader.from(bytes))) {
      for (const { offsetDelta, timestampDelta, key, value, headers } of records) {
        sum += Number(firstOffset + BigInt(offsetDelta)) + Number(firstTimestamp + timestampDelta);
        sum += key.length + value.length;
        for (const [name, header] of headers) sum += name.length + header.length;
      }
    }
    return sum;
  },

  touchHeaders(bytes) {
    let sum = 0;
    for (const { records } of readRecordsBatches(Reader.from(bytes))) {
      for (const { headers } of records) for (const [name, value] of headers) sum += name.length + value.length;
    }
    return sum;
  },

  crc: { native: crc32c, javascript: jsCRC32C },
  murmur2,

  writeVarints(values) {
    const writer = Writer.create();
    for (let i = 0; i < values.length; i++) writer.appendUnsignedVarInt(values[i]);
    return writer.buffer;
  },

  readVarints(bytes, count) {
    const reader = Reader.from(bytes);
    let sum = 0;
    for (let i = 0; i < count; i++) sum += reader.readUnsignedVarInt();
    return sum;
  },

  metadataRequest: (names, version) => ({
    topics: names,
    encode: (topics) => METADATA[version].createRequest(topics, true, false).buffer,
  }),

  metadataResponse: (bytes, version) =>
    METADATA[version].parseResponse(0, 3, version, Reader.from(bytes)).topics.length,

  fetchResponse: (bytes, version) => {
    let count = 0;
    for (const { partitions } of FETCH[version].parseResponse(0, 1, version, Reader.from(bytes)).responses) {
      for (const { records } of partitions) for (const batch of records) for (const _ of batch.records) count++;
    }
    return count;
  },
};
