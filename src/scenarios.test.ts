// Every shipped scenario keeps its promises (`assert`), all invariants, and its golden: the same bytes as when it was recorded.
// `npm run update:golden` records anew; the difference belongs into the change log with its reason.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { evaluateAsserts } from './scenario/asserts.ts';
import { goldenOf, loadShipped, run, shippedScenarios, storedGolden } from './testing/shipped-scenarios.ts';

describe.each(shippedScenarios())('the scenario %s', (name) => {
  test('keeps its promises and its golden', { timeout: 120_000 }, async () => {
    const scenario = loadShipped(name);
    const result = await run(scenario);
    const broken = evaluateAsserts(scenario.asserts, result.figures).filter(({ passes }) => !passes);
    expect(broken.map(({ text }) => text)).toEqual([]);
    expect(result.violations).toEqual([]);
    expect(['empty', 'horizon']).toContain(result.stop.reason);
    const golden = goldenOf(result);
    expect(golden).toEqual(storedGolden(name, golden));
  });

  test('says what it shows and what to expect, and asserts something', () => {
    const text = readFileSync(join(import.meta.dirname, `../scenarios/${name}.yaml`), 'utf8');
    expect(text).toMatch(/^# Shows: /m);
    expect(text).toMatch(/^# Expect: /m);
    expect(loadShipped(name).asserts.length).toBeGreaterThan(0);
  });
});
