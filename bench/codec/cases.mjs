// What is measured. A case makes, for one client, the work of one call; each call returns a number that shows what it
// did, and all clients have to return the same one (unless their bytes rightly differ: `bytesDiffer`).
import { BatchView } from '../../packages/protocol/dist/index.js';
import { batchOf, fetchBytes, metadataBytes, numbers, recordsOf, topicNames } from './data.mjs';

const BATCH = 1000;
const SIZES = [10, 100, 1000, 10_000, 100_000];
const CODECS = ['gzip', 'snappy', 'lz4', 'zstd'];

/** A batch that was encoded must hold the records it was made of. */
function checkBatch(bytes, records) {
  const view = BatchView.at(bytes);
  view.verify();
  let i = 0;
  for (const { key, value, headers, timestampMs } of view.records()) {
    const expected = records[i++];
    const same =
      timestampMs === expected.timestamp &&
      (key === null ? null : key.toString()) === expected.key &&
      value.toString() === expected.value &&
      JSON.stringify(headers.map(([name, text]) => [name, text.toString()])) === JSON.stringify(expected.headers);
    if (!same) throw new Error(`record ${i - 1} came out different`);
  }
  if (i !== records.length) throw new Error(`${i} records where ${records.length} were encoded`);
}

function encoding(title, shape, { compression = 'none', strings = false } = {}) {
  const make = async (client) => {
    const records = recordsOf(shape);
    const messages = client.prepare(records, { strings });
    const encode = (strings && client.encodeStrings) || client.encode;
    checkBatch(await encode(messages, compression), records);
    // Which of both it is was decided before the clock runs: nobody waits who need not.
    if (encode(messages, compression) instanceof Promise) {
      return async () => (await encode(messages, compression)).length;
    }
    return () => encode(messages, compression).length;
  };
  return { title, unit: 'records', amount: shape.count, bytesDiffer: compression !== 'none', make };
}

function decoding(title, shape, how, { compression = 'none', verify = true } = {}) {
  const make = (client) => {
    const batch = batchOf(recordsOf(shape), compression);
    const bytes = client.wire ? client.wire(batch, compression) : batch;
    return verify ? () => client[how](bytes) : () => client[how](bytes, { verify: false });
  };
  return { title, unit: 'records', amount: shape.count, make };
}

const small = { count: BATCH, valueSize: 100 };
const large = { count: BATCH, valueSize: 1024 };
const keyed = { count: BATCH, valueSize: 100, keys: true };
const full = { ...keyed, headers: true };
const single = { count: 1, valueSize: 100, keys: true, headers: true };

const batches = [
  { id: 'encode-100', ...encoding('encode 1,000 × 100 B', small) },
  { id: 'encode-1k', ...encoding('encode 1,000 × 1 KiB', large) },
  { id: 'encode-keyed', ...encoding('encode 1,000 × 100 B with keys', keyed) },
  { id: 'encode-text', ...encoding('encode 1,000 × 100 B with keys, from strings', keyed, { strings: true }) },
  { id: 'encode-single', ...encoding('encode one record: key, 100 B, two headers', single) },
  { id: 'walk-100', ...decoding('decode 1,000 × 100 B, walk the records', small, 'walk') },
  {
    id: 'walk-100-unverified',
    ...decoding('the same, hopwire too without checking the CRC', small, 'walk', { verify: false }),
  },
  { id: 'touch-100', ...decoding('decode 1,000 × 100 B, use offset, key, value', keyed, 'touch') },
  { id: 'walk-1k', ...decoding('decode 1,000 × 1 KiB, walk the records', large, 'walk') },
  {
    id: 'walk-1k-unverified',
    ...decoding('the same, hopwire too without checking the CRC', large, 'walk', { verify: false }),
  },
  { id: 'touch-1k', ...decoding('decode 1,000 × 1 KiB, use offset, key, value', { ...large, keys: true }, 'touch') },
  { id: 'everything', ...decoding('decode 1,000 × 100 B with two headers, use all there is', full, 'everything') },
  { id: 'touch-single', ...decoding('decode one record, use its two headers', single, 'touchHeaders') },
];

const compressed = CODECS.flatMap((compression) => [
  { id: `encode-${compression}`, ...encoding(`${compression}: encode 1,000 × 100 B`, small, { compression }) },
  {
    id: `decode-${compression}`,
    ...decoding(`${compression}: decode 1,000 × 100 B, walk the records`, small, 'walk', { compression }),
  },
]);

// Where a call takes up to a second, few rounds have to do.
const roundsFor = (count) => (count >= 10_000 ? 5 : 11);

const sizes = SIZES.flatMap((count) => [
  { id: `flat-encode-${count}`, count, rounds: roundsFor(count), ...encoding('encode', { count, valueSize: 100 }) },
  {
    id: `flat-walk-${count}`,
    count,
    rounds: roundsFor(count),
    ...decoding('decode, walk', { count, valueSize: 100 }, 'walk'),
  },
  {
    id: `flat-touch-${count}`,
    count,
    rounds: roundsFor(count),
    ...decoding('decode, touch', { count, valueSize: 100 }, 'touch'),
  },
]);

function crc(id, title, kind, size) {
  const make = (client) => {
    const crc32c = client.crc[kind] ?? client.crc.javascript;
    if (!crc32c) throw new Error('does not export it (the loop of kafkajs)');
    const bytes = Buffer.from(recordsOf({ count: 1, valueSize: size })[0].value);
    return () => crc32c(bytes);
  };
  return { id, title, unit: 'bytes', amount: size, make };
}

const VALUES = numbers(10_000);
const KEYS = 1000;

const parts = [
  crc('crc-1m', 'CRC-32C of 1 MiB, in JavaScript', 'javascript', 1 << 20),
  crc('crc-1k', 'CRC-32C of 1 KiB, in JavaScript', 'javascript', 1024),
  crc('crc-native', 'CRC-32C of 1 MiB, native where there is one', 'native', 1 << 20),
  {
    id: 'varint-write',
    title: 'write varints of all lengths',
    unit: 'varints',
    amount: VALUES.length,
    make: (client) => () => client.writeVarints(VALUES).length,
  },
  {
    id: 'varint-read',
    title: 'read varints of all lengths',
    unit: 'varints',
    amount: VALUES.length,
    make: async (client) => {
      const { client: ours } = await import('./clients/hopwire.mjs');
      const bytes = ours.writeVarints(VALUES);
      return () => client.readVarints(bytes, VALUES.length);
    },
  },
  {
    id: 'murmur2',
    title: 'murmur2 of keys of 10 bytes',
    unit: 'keys',
    amount: KEYS,
    make: ({ murmur2 }) => {
      const keys = Array.from({ length: KEYS }, (_, i) => Buffer.from(`key-${String(i).padStart(6, '0')}`));
      return () => {
        let sum = 0;
        for (let i = 0; i < keys.length; i++) sum ^= murmur2(keys[i]);
        return sum;
      };
    },
  },
];

const TOPICS = 1000;
const PER_PARTITION = 10;

const response = (id, title, unit, amount, bytesOf, how, version) => ({
  id,
  title,
  unit,
  amount,
  make: (client) => {
    const bytes = bytesOf(version);
    return () => client[how](bytes, version);
  },
});
function metadataRequest(version) {
  const make = (client) => {
    const { topics, encode } = client.metadataRequest(topicNames(TOPICS), version);
    if (encode(topics) instanceof Promise) return async () => (await encode(topics)).length;
    return () => encode(topics).length;
  };
  const title = `encode a Metadata v${version} request`;
  return { id: `metadata-request-${version}`, title, unit: 'topics', amount: TOPICS, make };
}

const metadata = (version) => metadataBytes(version, TOPICS);
const fetched = (version) => fetchBytes(version, PER_PARTITION);

const bodies = [
  metadataRequest(6),
  metadataRequest(12),
  response('metadata-6', 'decode a Metadata v6 response', 'topics', TOPICS, metadata, 'metadataResponse', 6),
  response('metadata-12', 'decode a Metadata v12 response', 'topics', TOPICS, metadata, 'metadataResponse', 12),
  response('fetch-11', 'decode a Fetch v11 response, walk the records', 'records', 1000, fetched, 'fetchResponse', 11),
  response('fetch-17', 'decode a Fetch v17 response, walk the records', 'records', 1000, fetched, 'fetchResponse', 17),
];

/** Groups of rows, in the order of the report. */
export const groups = [
  { title: 'Record batches', cases: batches },
  { title: 'Compressed batches', cases: compressed },
  { title: 'Parts', cases: parts },
  { title: 'Bodies: Metadata of 1,000 topics × 3 partitions, Fetch of 100 partitions × 10 records', cases: bodies },
  { title: 'Cost per record from 10 to 100,000 records a batch', cases: sizes, isSeries: true },
];

export const clients = ['hopwire', 'kafka-ts', 'platformatic', 'kafkajs'];
