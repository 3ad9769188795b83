// Speed of the hot paths of records: checksum, writing and reading batches of 1000 records of 100 bytes.
// Run: npx tsx --conditions=hopwire-source bench/codec/records.ts
import { BatchBuilder, BatchView, crc32c } from '@hopwire/protocol';
import { nanosecondsOf, report } from './measure.ts';

const RECORDS = 1000;
const value = Buffer.alloc(100, 'x');
const text = 'x'.repeat(100);
const megabyte = Buffer.alloc(1 << 20, 7);
let sink = 0;

/** Keeps the optimizer from dropping what nobody else uses. */
function use(amount: number): void {
  sink += amount;
}

function build(payload: Buffer | string, key: Buffer | string | null, headers?: [string, Buffer][]): Buffer {
  const builder = new BatchBuilder({ capacity: 256 * 1024 });
  for (let i = 0; i < RECORDS; i++) builder.append(1_700_000_000_000 + i, key, payload, headers);
  return builder.seal();
}

report(
  'crc32c, 1 MiB',
  nanosecondsOf(() => use(crc32c(megabyte)), 100),
  'B',
  megabyte.length,
);
report(
  'crc32c, 1 KiB',
  nanosecondsOf(() => use(crc32c(megabyte, 0, 1024)), 20_000),
  'B',
  1024,
);

const key = Buffer.from('key-12345');
const headers: [string, Buffer][] = [['_id', Buffer.alloc(16)]];
report(
  'write, values as bytes',
  nanosecondsOf(() => void build(value, null), 400),
  'records',
  RECORDS,
);
report(
  'write, keys and values as bytes',
  nanosecondsOf(() => void build(value, key), 400),
  'records',
  RECORDS,
);
report(
  'write, keys and values as strings',
  nanosecondsOf(() => void build(text, 'key-12345'), 400),
  'records',
  RECORDS,
);
report(
  'write, with a header',
  nanosecondsOf(() => void build(value, key, headers), 400),
  'records',
  RECORDS,
);

function read(
  batch: Buffer,
  touch: (record: { offset: bigint; key: Buffer | null; value: Buffer | null }) => void,
): () => void {
  return () => {
    const view = BatchView.at(batch);
    view.verify();
    for (const record of view.records()) touch(record);
  };
}

const batch = build(value, key);
const count = read(batch, () => use(1));
const touchAll = read(batch, (r) => use((r.value?.length ?? 0) + (r.key?.length ?? 0) + Number(r.offset)));
const withHeader = read(build(value, key, headers), (r) => use(r.value?.length ?? 0));
report('read, nothing touched', nanosecondsOf(count, 400), 'records', RECORDS);
report('read, offset, key and value touched', nanosecondsOf(touchAll, 400), 'records', RECORDS);
report('read, with a header, value touched', nanosecondsOf(withHeader, 400), 'records', RECORDS);
if (sink < 0) console.log(sink);
