import { defineConfig } from 'vitest/config';

const coreRoom = { branches: 95 };

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
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
