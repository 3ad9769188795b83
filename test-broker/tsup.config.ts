import { defineConfig } from 'tsup';

export default defineConfig({
  entry: { index: 'src/index.ts', bin: 'src/bin.ts', 'harness/index': 'src/harness/index.ts' },
  format: ['esm', 'cjs'],
  target: 'node20',
  dts: { compilerOptions: { composite: false } },
  clean: true,
});
