import { defineConfig } from 'vitest/config';
import { ClosingReporter } from './src/testing/closing-reporter.ts';

export default defineConfig({
  // The package's own name, as users' plugins import it.
  resolve: { alias: { 'kube-orrery/plugin': new URL('./src/plugin.ts', import.meta.url).pathname } },
  test: {
    include: ['src/**/*.test.ts', 'bench/**/*.test.ts', 'conformance/**/*.test.ts'],
    setupFiles: ['src/testing/vitest-setup.ts'],
    // Most files are short and bound by processor time: more workers than cores only make each other slow.
    pool: 'threads',
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 30_000,
    reporters: ['default', new ClosingReporter()],
    coverage: {
      provider: 'v8',
      include: ['src/**/*.ts'],
      exclude: ['src/**/*.test.ts', 'src/testing/**', 'src/**/*.d.ts'],
      reporter: ['text-summary', 'html', 'json-summary'],
    },
  },
});
