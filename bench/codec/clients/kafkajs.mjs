// kafkajs: the modules its Produce v3+ and Fetch v4+ use. Longs of its own while writing, decimal strings when read.
//
// Writing: one encoder a record, copied into the batch's; CRC-32C byte by byte.
// Reading: at once, every record an object; the CRC is not checked. Asynchronous in both directions.
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const Encoder = require('kafkajs/src/protocol/encoder.js');
const Decoder = require('kafkajs/src/protocol/decoder.js');
const Record = require('kafkajs/src/protocol/recordBatch/record/v0/index.js');
const { RecordBatch } = require('kafkajs/src/protocol/recordBatch/v0/index.js');
const decodeMessages = require('kafkajs/src/protocol/requests/fetch/v4/decodeMessages.js');
const fetchV11 = require('kafkajs/src/protocol/requests/fetch/v11/response.js');
const metadataV6 = require('kafkajs/src/protocol/requests/metadata/v6/response.js');
const metadataRequestV6 = require('kafkajs/src/protocol/requests/metadata/v6/request.js');
const crc32c = require('kafkajs/src/protocol/recordBatch/crc32C/index.js');
const murmur2 = require('kafkajs/src/producer/partitioners/default/murmur2.js');
const { Types } = require('kafkajs/src/protocol/message/compression/index.js');

const CODECS = { none: Types.None, gzip: Types.GZIP };

function needsPackage(compression) {
  if (!(compression in CODECS)) throw new Error('needs another package for each of the others');
}

/** Its decoder expects the size in front of the records. */
function sized(bytes, compression = 'none') {
  needsPackage(compression);
  const size = Buffer.alloc(4);
  size.writeInt32BE(bytes.length);
  return Buffer.concat([size, bytes]);
}

export const client = {
  prepare(records, { strings = false } = {}) {
    const bytes = (text) => (text === null || strings ? text : Buffer.from(text));
    return records.map(({ timestamp, key, value, headers }) => ({
      timestamp,
      key: bytes(key),
      value: bytes(value),
      headers: Object.fromEntries(headers.map(([name, header]) => [name, bytes(header)])),
    }));
  },

  // As `partitionsEncoder` of its Produce v3, which is not exported; timestamps are known to ascend here.
  async encode(messages, compression = 'none') {
    needsPackage(compression);
    const firstTimestamp = messages[0].timestamp;
    const records = messages.map((message, i) =>
      Record({ ...message, offsetDelta: i, timestampDelta: message.timestamp - firstTimestamp }),
    );
    const batch = await RecordBatch({
      compression: CODECS[compression],
      records,
      firstTimestamp,
      maxTimestamp: messages.at(-1).timestamp,
      lastOffsetDelta: records.length - 1,
    });
    return batch.buffer;
  },

  wire: sized,

  async walk(bytes) {
    let count = 0;
    for (const _ of await decodeMessages(new Decoder(bytes))) count++;
    return count;
  },

  async touch(bytes) {
    let sum = 0;
    for (const { offset, key, value } of await decodeMessages(new Decoder(bytes))) {
      sum += Number(offset) + (key === null ? 0 : key.length) + value.length;
    }
    return sum;
  },

  async everything(bytes) {
    let sum = 0;
    for (const { offset, timestamp, key, value, headers } of await decodeMessages(new Decoder(bytes))) {
      sum += Number(offset) + Number(timestamp) + key.length + value.length;
      for (const name in headers) sum += name.length + headers[name].length;
    }
    return sum;
  },

  async touchHeaders(bytes) {
    let sum = 0;
    for (const { headers } of await decodeMessages(new Decoder(bytes))) {
      for (const name in headers) sum += name.length + headers[name].length;
    }
    return sum;
  },

  crc: { javascript: crc32c },
  murmur2,

  writeVarints(values) {
    const encoder = new Encoder(64 * 1024);
    for (let i = 0; i < values.length; i++) encoder.writeUVarInt(values[i]);
    return encoder.buffer;
  },

  readVarints(bytes, count) {
    const decoder = new Decoder(bytes);
    let sum = 0;
    for (let i = 0; i < count; i++) sum += decoder.readUVarInt();
    return sum;
  },

  metadataRequest(names, version) {
    if (version !== 6) throw new Error('knows Metadata up to v6');
    const encode = async (topics) =>
      (await metadataRequestV6({ topics, allowAutoTopicCreation: true }).encode()).buffer;
    return { topics: names, encode };
  },

  metadataResponse: async (bytes, version) => {
    if (version !== 6) throw new Error('knows Metadata up to v6');
    return (await metadataV6.decode(bytes)).topicMetadata.length;
  },

  fetchResponse: async (bytes, version) => {
    if (version !== 11) throw new Error('knows Fetch up to v11');
    let count = 0;
    for (const { partitions } of (await fetchV11.decode(bytes)).responses) {
      for (const { messages } of partitions) for (const _ of messages) count++;
    }
    return count;
  },
};
