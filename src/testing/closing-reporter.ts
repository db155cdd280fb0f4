import type { Reporter, SerializedError, TestModule } from 'vitest/node';

/** How many tests ended in which way. */
export interface TestCounts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/**
 * Counts the tests of a run. A file that could not be loaded and an error outside of any test count as one failure
 * each, so that `0 failed` means that nothing went wrong.
 */
export function countTests(modules: readonly TestModule[], errors: readonly SerializedError[]): TestCounts {
  const counts = { passed: 0, failed: errors.length, skipped: 0 };
  for (const module of modules) {
    let failedInModule = 0;
    for (const test of module.children.allTests()) {
      const { state } = test.result();
      if (state === 'passed') counts.passed += 1;
      else if (state === 'failed') failedInModule += 1;
      else counts.skipped += 1;
    }
    counts.failed += failedInModule;
    if (failedInModule === 0 && module.state() === 'failed') counts.failed += 1;
  }
  return counts;
}

/** One line for people and scripts alike: `12 passed, 0 failed`, with `, 1 skipped` where there are any. */
export function closingLine({ passed, failed, skipped }: TestCounts): string {
  const line = `${passed} passed, ${failed} failed`;
  return skipped === 0 ? line : `${line}, ${skipped} skipped`;
}

/** Prints the closing line. Named last in vitest.config.ts, so that nothing follows it. */
export class ClosingReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly SerializedError[]): void {
    process.stdout.write(`${closingLine(countTests(modules, errors))}\n`);
  }
}
