import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { constant, exponential } from '../engine/distributions.ts';
import { SECOND } from '../engine/time.ts';
import { makePod } from '../testing/builders.ts';
import { KubeletHarness, makeBehavior } from '../testing/kubelet-harness.ts';
import { Behaviors } from './behaviors.ts';
import { matchesGlob } from './glob.ts';

const owner = (kind: string, name: string) => ({
  apiVersion: 'apps/v1',
  kind,
  name,
  uid: 77,
  controller: true,
  blockOwnerDeletion: true,
});

describe('behaviours', () => {
  test('are taken field by field from the first one that matches and states the field', () => {
    const { server } = new KubeletHarness();
    const behaviors = new Behaviors(server, [
      makeBehavior({ selector: { matchLabels: { app: 'web' }, matchExpressions: [] }, exitCode: 7 }),
      makeBehavior({ exitCode: 8, stopAfter: constant(5 * SECOND) }),
    ]);
    const web = behaviors.of(makePod('a', { labels: { app: 'web' } }));
    const other = behaviors.of(makePod('b'));
    expect([web.exitCode, web.stopAfter.constantUs]).toEqual([7, 5 * SECOND]);
    expect([other.exitCode, other.stopAfter.constantUs]).toEqual([8, 5 * SECOND]);
    expect(behaviors.of(makePod('c'))).toBe(other);
  });

  test('match by namespace, kind of the owner and name of the pod or its owner', () => {
    const { server } = new KubeletHarness();
    const exitCode = (parts: Parameters<typeof makeBehavior>[0], pod = makePod('web-1')): number =>
      new Behaviors(server, [makeBehavior({ ...parts, exitCode: 9 })]).of(pod).exitCode;
    const owned = makePod('x-1', { metadata: { ownerReferences: [owner('Job', 'batch')] } });
    expect(exitCode({ namespace: 'other' })).toBe(0);
    expect(exitCode({ kind: 'Pod' })).toBe(9);
    expect(exitCode({ kind: 'Pod' }, owned)).toBe(0);
    expect(exitCode({ kind: 'Job' }, owned)).toBe(9);
    expect(exitCode({ name: 'web-*' })).toBe(9);
    expect(exitCode({ name: 'bat?h' }, owned)).toBe(9);
    expect(exitCode({ name: 'batch-*' }, owned)).toBe(0);
  });

  test('draw run times by who the pod is, whatever else happens in the run', () => {
    const behaviors = [makeBehavior({ runDuration: exponential({ mean: 100 * SECOND }) })];
    const endOf = (others: readonly string[]): string | undefined => {
      const harness = new KubeletHarness({ behaviors }).start();
      for (const name of [...others, 'p']) harness.create(makePod(name, { spec: { restartPolicy: 'Never' } }));
      return harness.until(10_000).log.find((line) => line.includes('exit p/0'));
    };
    expect(endOf([])).toBeDefined();
    expect(endOf(['a', 'b'])).toBe(endOf([]));
  });
});

test('a pattern matches what the regular expression of the same meaning matches', () => {
  const letters = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?'), maxLength: 8 });
  fc.assert(
    fc.property(letters, fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 8 }), (pattern, name) => {
      const regular = new RegExp(`^${pattern.replaceAll('*', '.*').replaceAll('?', '.')}$`);
      expect(matchesGlob(pattern, name)).toBe(regular.test(name));
    }),
  );
});
