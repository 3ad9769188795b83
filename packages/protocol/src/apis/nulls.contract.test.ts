// Nulls in versions that do not allow them: whoever reads one is told, and whoever writes one does not send it.
import { describe, expect, it } from 'vitest';
import { UnsupportedFieldError } from '../errors.ts';
import { DIRECTIONS, decodeBody, encodeBody, isTaken } from '../testing/direction.ts';
import { jarsMissing, overJars, RELEASES } from '../testing/kafka/jars.ts';
import { Message } from '../testing/kafka/messages.ts';
import { type WrongNull, wrongNullsInMemory, wrongNullsOnTheWire } from '../testing/kafka/nulls.ts';
import { apis } from './index.ts';

const messages = apis.flatMap((api) =>
  DIRECTIONS.map((direction) => ({ name: `${api.name} ${direction}`, api, direction })),
);

/** Read in all versions: Kafka has it in v0 only, other brokers in all, and there is nothing else it could mean. */
const READ: Readonly<Record<string, readonly string[]>> = { 'ShareFetch response': ['responses.partitions.records'] };

/** Written although the version has no null: as '', in v0 of Metadata as the empty list, which means all there. */
const WRITTEN: Readonly<Record<string, readonly string[]>> = {
  ...READ,
  'Metadata request': ['topics'],
  'Metadata response': ['topics.name'],
  'JoinGroup response': ['protocolName'],
};

describe.skipIf(jarsMissing)(overJars(`A null that the definitions of Kafka ${RELEASES.join(', ')} forbid`), () => {
  it.each(messages)('is refused when it is read: $name', ({ name, api, direction }) => {
    const taken = [...wrongNullsOnTheWire(Message.of(api, direction))].filter(({ version, bytes }) =>
      isTaken(() => decodeBody(api, direction, version, bytes)),
    );
    expect(pathsOf(taken)).toEqual(READ[name] ?? []);
  });

  it.each(messages)('is refused when it is to be written: $name', ({ name, api, direction }) => {
    const written = [...wrongNullsInMemory(Message.of(api, direction))].filter(({ version, body }) =>
      isWritten(() => encodeBody(api, direction, version, body)),
    );
    expect(pathsOf(written)).toEqual(WRITTEN[name] ?? []);
  });
});

function pathsOf(nulls: readonly WrongNull[]): string[] {
  return [...new Set(nulls.map(({ path }) => path))];
}

/** @throws what is no UnsupportedFieldError */
function isWritten(encode: () => unknown): boolean {
  try {
    encode();
    return true;
  } catch (error) {
    if (error instanceof UnsupportedFieldError) return false;
    throw error;
  }
}
