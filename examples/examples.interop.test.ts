// The examples beside real Kafka.
import { because, KAFKA_MODERN, placesFor } from '@hopwire/test-broker/harness';
import { describe } from 'vitest';
import { testsOfADay } from './testing/day.ts';

const [place] = await placesFor([KAFKA_MODERN]);
const lack = place.lacks('plaintext', 'restart');

describe.skipIf(lack)(`the examples with ${place.name}${because(lack)}`, () => {
  testsOfADay(() => place.start());
});
