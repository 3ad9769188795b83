// Test projects. Workspace packages are taken from their source through the export condition `hopwire-source`.
import { defineConfig } from 'vitest/config';

const conditions = ['hopwire-source'];
const source = { resolve: { conditions }, ssr: { resolve: { conditions, externalConditions: conditions } } };
const project = (name: string, include: string[], exclude: string[] = [], extra: object = {}) => ({
  ...source,
  test: { name, include, exclude: ['**/node_modules/**', '**/dist/**', ...exclude], testTimeout: 30_000, ...extra },
});

const INTEROP = ['**/*.interop.test.ts'];
const CLIENT = ['packages/client/**/*.test.ts'];
const CONTRACT = ['packages/protocol/**/*.contract.test.ts'];

export default defineConfig({
  test: {
    projects: [
      project('unit', ['{packages,test-broker,scripts,examples}/**/*.test.ts'], [...INTEROP, ...CLIENT, ...CONTRACT]),
      project('contract', CONTRACT),
      project('client', CLIENT, INTEROP),
      // Virtual time, but real work: one file at a time.
      project('simulation', ['simulator/**/*.test.ts'], [], { testTimeout: 180_000, fileParallelism: false }),
      // Real brokers and strangers' clients: one file at a time, they share two cores with a JVM.
      project('interop', INTEROP, [], { testTimeout: 120_000, hookTimeout: 120_000, fileParallelism: false }),
      project('types', [], [], {
        typecheck: {
          enabled: true,
          only: true,
          include: ['packages/**/*.test-d.ts'],
          tsconfig: './tsconfig.types.json',
        },
      }),
    ],
  },
});
