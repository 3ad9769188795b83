// What is published: one folder without dependencies, so the protocol and the modules it needs are bundled.
import { defineConfig } from 'tsup';

const bundled = [/^@hopwire\/protocol/, /^@noble\/hashes/];

export default defineConfig({
  entry: { index: 'src/index.ts' },
  format: ['esm', 'cjs'],
  target: 'node20',
  noExternal: bundled,
  // The protocol is taken from its source, so that building does not depend on the order of builds.
  esbuildOptions: (options) => {
    options.conditions = ['hopwire-source'];
  },
  dts: { resolve: bundled, compilerOptions: { composite: false } },
  // As it was written: names in stack traces and inspected values, and a short line where Node shows one. The map holds
  // the sources: `node --enable-source-maps` shows them, wherever the package lies.
  sourcemap: true,
  splitting: true,
  treeshake: true,
  clean: true,
});
