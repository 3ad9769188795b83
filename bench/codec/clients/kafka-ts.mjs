// kafka-ts: the functions its Produce and Fetch use. Keys, values and headers are strings in both directions.
//
// Writing: one encoder a record, copied three times; CRC-32C byte by byte; it does not compress.
// Reading: at once, texts decoded, timestamps as bigint; the CRC is not checked. Reading compressed ones is asynchronous.
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const { createBatch } = require('kafka-ts/dist/api/produce/common.js');
const { decodeRecordBatch } = require('kafka-ts/dist/api/fetch/common.js');
const { FETCH_V11 } = require('kafka-ts/dist/api/fetch/v11.js');
const { FETCH_V17 } = require('kafka-ts/dist/api/fetch/v17.js');
const { METADATA_V6 } = require('kafka-ts/dist/api/metadata/v6.js');
const { METADATA_V12 } = require('kafka-ts/dist/api/metadata/v12.js');
const { Decoder } = require('kafka-ts/dist/utils/decoder.js');
const { Encoder } = require('kafka-ts/dist/utils/encoder.js');
const { murmur2 } = require('kafka-ts/dist/utils/murmur2.js');

const METADATA = { 6: METADATA_V6, 12: METADATA_V12 };
const FETCH = { 11: FETCH_V11, 17: FETCH_V17 };

/** Batches of a record set; compressed ones are filled in by promises. */
function decode(bytes) {
  const decompressions = [];
  const batches = decodeRecordBatch(new Decoder(bytes), bytes.length, decompressions);
  return decompressions.length === 0 ? batches : Promise.all(decompressions).then(() => batches);
}

function countIn(batches) {
  let count = 0;
  for (const { records } of batches) for (const _ of records) count++;
  return count;
}

function sumOf(batches) {
  let sum = 0;
  for (const { baseOffset, records } of batches) {
    for (const { offsetDelta, key, value } of records) {
      sum += Number(baseOffset + BigInt(offsetDelta)) + (key === null ? 0 : key.length) + value.length;
    }
  }
  return sum;
}

function everythingOf(batches) {
  let sum = 0;
  for (const { baseOffset, baseTimestamp, records } of batches) {
    for (const { offsetDelta, timestampDelta, key, value, headers } of records) {
      sum += Number(baseOffset + BigInt(offsetDelta)) + Number(baseTimestamp + timestampDelta);
      sum += key.length + value.length;
      for (const header of headers) sum += header.key.length + header.value.length;
    }
  }
  return sum;
}

function headersOf(batches) {
  let sum = 0;
  for (const { records } of batches) {
    for (const { headers } of records) for (const { key, value } of headers) sum += key.length + value.length;
  }
  return sum;
}

/** Waits only where there is something to wait for. */
function after(batches, use) {
  return batches instanceof Promise ? batches.then(use) : use(batches);
}

export const client = {
  prepare: (records) =>
    records.map(({ timestamp, key, value, headers }) => ({
      timestamp: BigInt(timestamp),
      key,
      value,
      headers: Object.fromEntries(headers),
    })),

  // The records are made as in its `ProducerBuffer.createRequest`; timestamps are known to ascend here.
  encode(messages, compression = 'none') {
    if (compression !== 'none') throw new Error('does not compress');
    const baseTimestamp = messages[0].timestamp;
    const batch = createBatch({
      baseOffset: 0n,
      partitionLeaderEpoch: -1,
      attributes: 0,
      lastOffsetDelta: messages.length - 1,
      baseTimestamp,
      maxTimestamp: messages.at(-1).timestamp,
      producerId: -1n,
      producerEpoch: -1,
      baseSequence: -1,
      records: messages.map((message, index) => ({
        attributes: 0,
        timestampDelta: message.timestamp - baseTimestamp,
        offsetDelta: index,
        key: message.key,
        value: message.value,
        headers: Object.entries(message.headers).map(([key, value]) => ({ key, value })),
      })),
    });
    return batch.value();
  },

  walk: (bytes) => after(decode(bytes), countIn),
  touch: (bytes) => after(decode(bytes), sumOf),
  everything: (bytes) => after(decode(bytes), everythingOf),
  touchHeaders: (bytes) => after(decode(bytes), headersOf),

  // Its CRC is not exported; it is the loop and table of kafkajs.
  crc: {},
  murmur2,

  writeVarints(values) {
    const encoder = new Encoder(64 * 1024);
    for (let i = 0; i < values.length; i++) encoder.writeUVarInt(values[i]);
    return encoder.value();
  },

  readVarints(bytes, count) {
    const decoder = new Decoder(bytes);
    let sum = 0;
    for (let i = 0; i < count; i++) sum += decoder.readUVarInt();
    return sum;
  },

  metadataRequest: (names, version) => ({
    topics: names.map((name) => ({ id: null, name })),
    encode(topics) {
      const encoder = new Encoder();
      METADATA[version].request(encoder, { topics, allowTopicAutoCreation: true });
      return encoder.value();
    },
  }),

  metadataResponse: (bytes, version) => METADATA[version].response(new Decoder(bytes)).topics.length,

  fetchResponse: async (bytes, version) => {
    const { responses } = await FETCH[version].response(new Decoder(bytes));
    let count = 0;
    for (const { partitions } of responses) for (const { records } of partitions) count += countIn(records);
    return count;
  },
};
