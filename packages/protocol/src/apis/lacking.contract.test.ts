// Values that a version cannot carry: a request must not lose what Kafka does not call ignorable, and must be writable
// with what it does.
import { describe, expect, it } from 'vitest';
import { DIRECTIONS } from '../testing/direction.ts';
import { jarsMissing, overJars, RELEASES } from '../testing/kafka/jars.ts';
import { type Lacking, type Outcome, outcomes } from '../testing/kafka/lacking.ts';
import { extent } from '../testing/kafka/messages.ts';
import type { Direction } from '../testing/sample-reader.ts';
import { apis } from './index.ts';

const few = { seed: extent.seed, messages: 20 };

/** A topic is written by its name or by its id: the other one is dropped, unless it is all there is. */
const TOPIC_REFERENCE = /^(Produce|Fetch|OffsetCommit|OffsetFetch|TxnOffsetCommit) \w+ .*\.(topicId|name|topic)$/;

/** Where a codec knowingly differs, and why. */
const DELIBERATE: Readonly<Record<string, Outcome>> = {
  // Ignorable for Kafka, but then a request to delete topics would delete none.
  'DeleteTopics request topicNames': 'refused',
  // As Kafka does in answers too: a rule for a prefix must not turn into one for a name.
  'DescribeAcls response resources.patternType': 'refused',
  'DeleteAcls response filterResults.matchingAcls.patternType': 'refused',
};

/** A request is refused when it would lose what is not ignorable; an answer says what its version can say. */
function expected(direction: Direction, { field }: Lacking): Outcome {
  return direction === 'response' || field.isIgnorable ? 'dropped' : 'refused';
}

describe.skipIf(jarsMissing)(overJars(`What versions lack by the definitions of Kafka ${RELEASES.join(', ')}`), () => {
  it.each(apis.flatMap((api) => DIRECTIONS.map((direction) => ({ name: `${api.name} ${direction}`, api, direction }))))(
    'is refused when it is not ignorable, dropped when it is: $name',
    ({ name, api, direction }) => {
      const wrong = outcomes(api, direction, few).filter((one) => {
        const place = `${name} ${one.path}`;
        if (one.outcome === 'unmet' || (TOPIC_REFERENCE.test(place) && one.outcome !== 'refused')) return false;
        return one.outcome !== (DELIBERATE[place] ?? expected(direction, one));
      });
      expect(wrong.map(({ version, path, outcome }) => `v${version} ${path}: ${outcome}`)).toEqual([]);
    },
  );

  it('is tried at every field that memory has', () => {
    const unmet = apis.flatMap((api) =>
      DIRECTIONS.flatMap((direction) =>
        outcomes(api, direction, few)
          .filter(({ outcome }) => outcome === 'unmet')
          .map(({ path }) => `${api.name} ${direction} ${path}`),
      ),
    );
    expect([...new Set(unmet)]).toEqual([]);
  });
});
