import { describe, expect, test } from 'vitest';
import { closingLine, countTests } from './closing-reporter.ts';
import type { SerializedError, TestModule } from 'vitest/node';

/** What a reporter sees of a file: the states of its tests, and its own. */
function moduleOf(states: string[], state = states.includes('failed') ? 'failed' : 'passed'): TestModule {
  const tests = states.map((each) => ({ result: () => ({ state: each }) }));
  return { state: () => state, children: { allTests: () => tests } } as unknown as TestModule;
}

describe('the closing line', () => {
  test('counts tests over files', () => {
    const counts = countTests([moduleOf(['passed', 'failed']), moduleOf(['passed', 'skipped', 'pending'])], []);
    expect(counts).toEqual({ passed: 2, failed: 1, skipped: 2 });
  });

  test('a file that cannot be loaded has failed', () => {
    expect(countTests([moduleOf([], 'failed')], []).failed).toBe(1);
  });

  test('a file whose tests pass but whose clean-up fails has failed', () => {
    expect(countTests([moduleOf(['passed'], 'failed')], [])).toEqual({ passed: 1, failed: 1, skipped: 0 });
  });

  test('an error outside of any test is a failure', () => {
    expect(countTests([moduleOf(['passed'])], [{ message: 'x' } as SerializedError]).failed).toBe(1);
  });

  test('says skipped only where there are any', () => {
    expect(closingLine({ passed: 3, failed: 0, skipped: 0 })).toBe('3 passed, 0 failed');
    expect(closingLine({ passed: 3, failed: 1, skipped: 2 })).toBe('3 passed, 1 failed, 2 skipped');
  });
});
