// What is published: one folder without dependencies. The hashes of SCRAM are bundled, because they come as ES modules
// only, which not everything that loads CommonJS can load on Node 20.
import { defineConfig } from 'tsup';

export default defineConfig({
  entry: { index: 'src/index.ts', 'testing/index': 'src/testing/index.ts' },
  format: ['esm', 'cjs'],
  target: 'node20',
  noExternal: [/^@noble\/hashes/],
  banner: { js: '/*! Contains parts of noble-hashes, MIT License, (c) 2022 Paul Miller (paulmillr.com) */' },
  dts: { compilerOptions: { composite: false } },
  clean: true,
});
