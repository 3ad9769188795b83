// The embedded broker with one input, in a process of its own: what it takes there is not measured.
process.once('message', async ({ id, checkout }) => {
  const { inputs } = await import('./inputs.mjs');
  const protocol = await import(`${checkout}/packages/protocol/dist/index.js`);
  const { TestBroker } = await import(`${checkout}/test-broker/dist/index.js`);
  const { give, partitions = 1 } = inputs.find((input) => input.id === id);
  const broker = await TestBroker.start({ topics: { t: partitions } });
  const from = (await give(broker, protocol)) ?? 0n;
  process.send({ bootstrap: broker.bootstrap, from: String(from) });
});
