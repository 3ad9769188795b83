// A dump of hostile bytes ends: so many lines, whatever they announce or unpack to.
import { describe, expect, it } from 'vitest';
import { DescribeCluster } from '../apis/describe-cluster.ts';
import { Metadata } from '../apis/metadata.ts';
import { MessageSetBuilder } from '../records/message-set-builder.ts';
import { bytes } from '../testing/bytes.ts';
import { Writer } from '../wire/writer.ts';
import { explain } from './explain.ts';

function wrapper(count: number): Buffer {
  const builder = new MessageSetBuilder({ magic: 1 });
  for (let i = 0; i < count; i++) builder.append(-1, null, null);
  return builder.seal({ compression: 'gzip' });
}

/** The partitions of a topic, in which one replica follows the other. */
function manyReplicas(count: number): Buffer {
  const w = new Writer();
  w.int32(0);
  w.int32(1);
  w.int16(0);
  w.string('t');
  w.int32(1);
  w.int16(0);
  w.int32(0);
  w.int32(0);
  w.int32s(Array.from({ length: count }, (_, i) => i));
  w.int32s([]);
  return w.toBuffer();
}

describe('a dump', () => {
  it('ends when it has so many lines, and says so', () => {
    const dump = explain(wrapper(10_000), { part: 'records' }, { mostLines: 1000 }).split('\n');
    expect(dump.length).toBe(1001);
    expect(dump.at(-1)).toContain('the dump ends here, after 1000 lines');
    expect(explain(wrapper(10), { part: 'records' }, { mostLines: 1000 })).not.toContain('ends here');
  });

  it('shows no more messages of a wrapper than it may', () => {
    const dump = explain(wrapper(1000), { part: 'records' }, { mostRecords: 3 });
    expect(dump.match(/message \d+, magic 1/g)).toHaveLength(1 + 3);
    expect(dump).toContain('more messages');
  });

  it('has names up to the last field that it takes note of', () => {
    const what = { part: 'response', api: Metadata, version: 0 } as const;
    const dump = explain(manyReplicas(5000), what, { mostLines: 100 }).split('\n');
    expect(dump.length).toBeLessThan(104);
    expect(dump.filter((line) => /brokers|topics/.test(line)).length).toBeGreaterThan(90);
  });

  it('of an array that is announced but not there takes no time for what is missing', () => {
    const announced = bytes`00000000 0000 00 01 00000000`; // no error, cluster id '', controller 0
    const count = Buffer.from([0x80, 0x80, 0x80, 0x04]); // 8 Mi brokers, less one
    const hostile = Buffer.concat([announced, count, Buffer.alloc(9 * 1024 * 1024, 0xff)]);
    const start = performance.now();
    const dump = explain(hostile, { part: 'response', api: DescribeCluster, version: 0 });
    expect(performance.now() - start).toBeLessThan(5000);
    expect(dump).toContain('!!');
  });
});
