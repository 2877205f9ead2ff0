import { defineConfig } from 'vitest/config';

const coreRoom = { branches: 95 };
/** Where `.ci/run` wants to read how many tests there were. */
const report = process.env.SONDE_TEST_REPORT;

export default defineConfig({
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: 'sonde',
          include: ['test/**/*.test.ts'],
          exclude: ['test/containers/**'],
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'containers',
          include: ['test/containers/**/*.test.ts'],
          globalSetup: 'test/containers/global-setup.ts',
          // After the others and one by one: each has several machines at work already.
          sequence: { groupOrder: 1 },
          fileParallelism: false,
          testTimeout: 300_000,
          // The first time on a machine, images are built.
          hookTimeout: 900_000,
        },
      },
    ],
    reporters: report === undefined ? ['default'] : ['default', ['json', { outputFile: report }]],
    // Two cores are what a small CI machine has; more workers than cores only make timings noisy.
    maxWorkers: 2,
    // A guard against hanging only: nothing here is measured by the machine's own time.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    coverage: {
      provider: 'v8',
      include: ['src/**/*.ts'],
      reporter: ['text-summary', 'json-summary'],
      thresholds: {
        'src/engine/**': coreRoom,
        'src/net/**': coreRoom,
        'src/auth/**': coreRoom,
        'src/config/**': coreRoom,
        'src/diagnosis/**': coreRoom,
      },
    },
  },
});
