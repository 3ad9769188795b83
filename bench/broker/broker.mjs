// The broker to measure against: the one that is named, or a real Kafka of our own, ended with the bench.
const VERSION = '4.3.1';
const harness = new URL('../../test-broker/dist/harness/index.js', import.meta.url);

/** @param address `host:port`, or undefined to start one (jars: `pnpm jars`; harness: `pnpm build`) */
export async function brokerFor(address) {
  if (address !== undefined) return { bootstrap: address, name: `a broker at ${address}`, close: async () => {} };
  const { startTarget } = await import(harness);
  const target = await startTarget({ kind: 'jvm', kafkaVersion: VERSION });
  return {
    bootstrap: target.bootstrap(),
    name: `one node of Kafka ${VERSION} on this machine`,
    close: () => target.close(),
  };
}
