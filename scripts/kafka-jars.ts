// Fetches the jars of every Kafka release that tests want, so that no test has to wait for Maven or finds a release half
// there: `pnpm jars`, and `pnpm test` when HOP_TEST_REQUIRE names jvm.
import { installAll, KAFKA_VERSIONS } from '@hopwire/test-broker/harness';

await installAll();
console.log(`Kafka ${KAFKA_VERSIONS.join(', ')}: jars are in the cache`);
