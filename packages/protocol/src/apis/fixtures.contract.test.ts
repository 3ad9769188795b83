// Frames recorded from other people's clients and real brokers, which are read whole and written again as the same bytes.
import { describe, expect, it } from 'vitest';
import { ProtocolError } from '../errors.ts';
import { explain } from '../frame/explain.ts';
import { decodeRequestFrame, decodeResponseFrame, encodeRequestFrame, encodeResponseFrame } from '../frame/frame.ts';
import { type Fixture, fixtureOrigins, fixturesOf } from '../testing/fixtures.ts';
import { apis } from './index.ts';

/** Frames that are not what their version says, and why. */
const REFUSED: ReadonlyMap<string, string> = new Map([
  [
    'librdkafka-kafka-4.3.1: AlterUserScramCredentials v0 request',
    'librdkafka 2.16 writes the tag section of the body twice; Kafka does not look at what is left over',
  ],
]);

const nameOf = ({ origin, api, version, direction }: Fixture): string => `${origin}: ${api} v${version} ${direction}`;

function again({ api: name, version, direction, bytes }: Fixture): Buffer {
  const api = apis.find((one) => one.name === name);
  if (!api) throw new RangeError(`no API ${name}`);
  if (direction === 'request') {
    const { correlationId, clientId, body, apiVersion } = decodeRequestFrame(bytes);
    expect(apiVersion).toBe(version);
    return encodeRequestFrame(api, version, body, { correlationId, clientId });
  }
  const { correlationId, body } = decodeResponseFrame<unknown>(api, version, bytes);
  return encodeResponseFrame(api, version, body, correlationId);
}

describe.each(fixtureOrigins())('frames of %s', (origin) => {
  const fixtures = fixturesOf(origin);

  it.each(fixtures.map((fixture) => [`${fixture.api} v${fixture.version} ${fixture.direction}`, fixture] as const))(
    '%s is read and written again as the same bytes',
    (_, fixture) => {
      if (REFUSED.has(nameOf(fixture))) expect(() => again(fixture)).toThrow(ProtocolError);
      else expect(again(fixture).toString('hex')).toBe(fixture.bytes.toString('hex'));
    },
  );

  it('are explained without a complaint', () => {
    for (const { api: name, version, direction, bytes } of fixtures.filter((one) => !REFUSED.has(nameOf(one)))) {
      const api = apis.find((one) => one.name === name);
      const what = direction === 'response' && api ? ({ part: 'response frames', api, version } as const) : undefined;
      expect(explain(bytes, what), `${name} v${version} ${direction}`).not.toContain('!!');
    }
  });

  it('name no machine but 127.0.0.1, and no folder of one', () => {
    for (const fixture of fixtures) {
      const text = fixture.bytes.toString('latin1');
      const addresses = text.match(/\b\d{1,3}(\.\d{1,3}){3}\b/g) ?? [];
      expect(addresses.filter((address) => address !== '127.0.0.1')).toEqual([]);
      expect(/\/(home|root|tmp|var|Users|work)\b/.exec(text), nameOf(fixture)).toBeNull();
    }
  });

  it('are requests and responses', () => {
    const directions = new Set(fixtures.map(({ direction }) => direction));
    expect(directions).toEqual(new Set(['request', 'response']));
  });
});

it('every exception is of a frame that is there', () => {
  const all = new Set(fixtureOrigins().flatMap(fixturesOf).map(nameOf));
  expect([...REFUSED.keys()].filter((name) => !all.has(name))).toEqual([]);
});
