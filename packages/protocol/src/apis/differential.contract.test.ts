// Every codec against Kafka's own message definitions: random messages of every version, in both directions.
//
// HOP_TEST_SEED makes other messages (it is printed, and a fault comes again with it); HOP_TEST_MESSAGES says how many
// there are of each version.
import { afterAll, describe, expect, it } from 'vitest';
import { DIRECTIONS } from '../testing/direction.ts';
import { type Definition, spanOf } from '../testing/kafka/definition.ts';
import { jarsMissing, overJars, RELEASES } from '../testing/kafka/jars.ts';
import { codecOf, disagreements, extent, Message, releases } from '../testing/kafka/messages.ts';
import { apis } from './index.ts';

const [newest] = releases;

/** Requests of the newest release that a broker or a controller takes from clients, and that have a version at all. */
function requests(): Definition[] {
  const all = [...(newest?.values() ?? [])].filter(({ type }) => type === 'request');
  return all
    .filter(({ validVersions }) => validVersions !== 'none')
    .sort((a, b) => Number(a.apiKey) - Number(b.apiKey));
}

/** Asked by brokers and controllers among themselves. */
const INTERNAL = [52, 53, 54, 56, 58, 59, 62, 63, 67, 70, 73, 82, 83, 84, 85, 86, 87];

describe.skipIf(jarsMissing)(overJars(`The definitions of Kafka ${RELEASES.join(', ')}`), () => {
  let compared = 0;
  afterAll(() => {
    console.log(`${compared} messages compared with Kafka's definitions, HOP_TEST_SEED=${extent.seed}`);
  });

  it.each(apis.flatMap((api) => DIRECTIONS.map((direction) => ({ name: `${api.name} ${direction}`, api, direction }))))(
    'read and write as this codec does: $name',
    ({ name, api, direction }) => {
      const samples = [...Message.of(api, direction).samples(name, extent)];
      const codec = codecOf(api, direction);
      const found = samples.flatMap((sample) => disagreements(codec, sample));
      expect(found.slice(0, 5), `HOP_TEST_SEED=${extent.seed}`).toEqual([]);
      compared += samples.length;
      expect(samples).toHaveLength((api.versions[1] - api.versions[0] + 1) * extent.messages);
    },
  );

  it('have every version of every codec: none rests on less than a release of Kafka', () => {
    const without = apis.flatMap((api) =>
      DIRECTIONS.flatMap((direction) =>
        Message.of(api, direction).undefined.map((version) => `${api.name} v${version} ${direction}`),
      ),
    );
    expect(without).toEqual([]);
  });

  it('have no API for clients that has no codec', () => {
    const known = apis.map(({ key }) => key);
    const others = requests().filter(({ apiKey }) => !known.includes(apiKey ?? -1));
    expect(others.map(({ apiKey }) => apiKey)).toEqual(INTERNAL);
  });

  it.each(apis)('agree about versions, the first flexible one and the last stable one: $name', (api) => {
    for (const direction of DIRECTIONS) {
      const definitions = releases.flatMap((release) =>
        [...release.values()].filter(({ apiKey, type }) => apiKey === api.key && type === direction),
      );
      const first = Math.min(...definitions.map(({ validVersions }) => spanOf(validVersions)[0]));
      const [latest] = definitions;
      const last = spanOf(latest?.validVersions)[1];
      expect(api.versions, direction).toEqual([first, last]);
      const [flexible] = spanOf(latest?.flexibleVersions);
      expect(api.flexibleFrom, direction).toBe(latest?.flexibleVersions === 'none' ? null : flexible);
      const stable = latest?.latestVersionUnstable ? last - 1 : undefined;
      if (direction === 'request') expect(api.latestStable).toBe(stable);
    }
  });
});
