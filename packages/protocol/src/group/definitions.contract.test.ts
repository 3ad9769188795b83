// What members of a classic group tell each other, against Kafka's own definitions of it.
import { describe, expect, it } from 'vitest';
import { jarsMissing, overJars, RELEASES } from '../testing/kafka/jars.ts';
import { type Codec, disagreements, extent, Message } from '../testing/kafka/messages.ts';
import { decodeAssignment, encodeAssignment } from './assignment.ts';
import { decodeSubscription, encodeSubscription } from './subscription.ts';

const VERSION_BYTES = 2;

/** These blobs begin with their version, which is no field of the definition. */
function blob<Value>(
  decode: (bytes: Buffer) => Value & { version: number },
  encode: (value: Value & { version: number }) => Buffer,
): Codec {
  return {
    read(bytes, version) {
      const head = Buffer.alloc(VERSION_BYTES);
      head.writeInt16BE(version);
      const { version: read, ...value } = decode(Buffer.concat([head, bytes]));
      return read === version ? value : { ...value, version: read };
    },
    write: (value: Value, version) => encode({ ...value, version }).subarray(VERSION_BYTES),
  };
}

const CODECS: readonly (readonly [name: string, codec: Codec])[] = [
  ['ConsumerProtocolSubscription', blob(decodeSubscription, encodeSubscription)],
  ['ConsumerProtocolAssignment', blob(decodeAssignment, encodeAssignment)],
];

describe.skipIf(jarsMissing)(overJars(`The consumer protocol of Kafka ${RELEASES.join(', ')}`), () => {
  it.each(CODECS)('is read and written as this codec does: %s', (name, codec) => {
    const message = new Message((definition) => definition.type === 'data' && definition.name === name, [0, 1, 2, 3]);
    const samples = [...message.samples(name, extent)];
    expect(samples).toHaveLength(4 * extent.messages);
    const found = samples.flatMap((sample) => disagreements(codec, sample));
    expect(found.slice(0, 5), `HOP_TEST_SEED=${extent.seed}`).toEqual([]);
  });

  it.each(CODECS)('has no other versions: %s', (name) => {
    const message = new Message(
      (definition) => definition.type === 'data' && definition.name === name,
      [0, 1, 2, 3, 4],
    );
    expect(message.undefined).toEqual([4]);
  });
});
