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
    // Small code is loaded faster: compiling it is half of what an import takes. Errors say their names themselves.
    options.minifyWhitespace = true;
    options.minifySyntax = true;
    options.minifyIdentifiers = true;
    // Node prints the line of an error that nobody caught: short ones, not the whole file.
    options.lineLimit = 160;
  },
  dts: { resolve: bundled, compilerOptions: { composite: false } },
  splitting: true,
  treeshake: true,
  clean: true,
});
