import { describe, expect, test } from 'vitest';
import type { Pod } from '../api/core-v1.ts';
import type { Condition, ObjectMeta } from '../api/meta-v1.ts';
import { makeDeployment } from '../testing/api-harness.ts';
import { makePod } from '../testing/builders.ts';
import { deleteObject, isFinalized, markedAsDisrupted } from './deletion.ts';
import type { Outcome } from './outcome.ts';
import type { PropagationPolicy } from './requests.ts';

const running = (metadata: Partial<ObjectMeta> = {}, grace = 30): Pod =>
  makePod('a', {
    metadata,
    spec: { nodeName: 'n1', terminationGracePeriodSeconds: grace },
    status: { phase: 'Running' },
  });

/** As the server evicts: the reason is one write, the deletion the next. */
const evict = (pod: Pod, now: number) => {
  const marked = markedAsDisrupted(pod, now);
  const outcome = deleteObject(marked, graceful(), now);
  return outcome.type === 'unchanged' && marked !== pod ? ({ type: 'written', object: marked } as const) : outcome;
};

const graceful = (gracePeriodSeconds = -1) => ({ gracePeriodSeconds, propagation: 'Background' as const });

/** `removed`, `unchanged`, or time and grace of a terminating object. */
function short(outcome: Outcome<Pod>): string {
  if (outcome.type !== 'written') return outcome.type;
  const { deletionTimestamp, deletionGracePeriodSeconds } = outcome.object.metadata;
  return `until ${deletionTimestamp}, grace ${deletionGracePeriodSeconds}`;
}

describe('a pod', () => {
  test('that runs stays for its own grace, or for the one that is asked for', () => {
    expect(short(deleteObject(running(), graceful(), 100))).toBe('until 130, grace 30');
    expect(short(deleteObject(running(), graceful(5), 100))).toBe('until 105, grace 5');
    expect(short(deleteObject(running({}, -7), graceful(), 100))).toBe('until 101, grace 1');
  });

  test('goes at once with a grace of 0, when it is bound to no node, or when it has finished', () => {
    expect(short(deleteObject(running(), graceful(0), 100))).toBe('removed');
    expect(short(deleteObject(makePod('a'), graceful(60), 100))).toBe('removed');
    for (const phase of ['Succeeded', 'Failed'] as const) {
      const finished = makePod('a', { spec: { nodeName: 'n1' }, status: { phase } });
      expect(short(deleteObject(finished, graceful(), 100))).toBe('removed');
    }
  });

  const terminating = running({ deletionTimestamp: 130, deletionGracePeriodSeconds: 30 });

  test('that is terminating has its grace shortened from the time of the first request', () => {
    expect(short(deleteObject(terminating, graceful(10), 105))).toBe('until 110, grace 10');
    expect(short(deleteObject(terminating, graceful(0), 105))).toBe('removed');
  });

  // Recorded, `conformance/kubelet` case term-shorten: grace 30 at 8 s, grace 3 at 14 s.
  test('that is terminating has a second left where the shorter grace would be over', () => {
    expect(short(deleteObject(terminating, graceful(3), 106))).toBe('until 107, grace 1');
    // The first request came in the course of a second, and so does this one.
    expect(short(deleteObject(terminating, graceful(6), 106))).toBe('until 107, grace 1');
  });

  test('that is terminating is given no longer grace, and none by a request that names none', () => {
    expect(short(deleteObject(terminating, graceful(30), 105))).toBe('unchanged');
    expect(short(deleteObject(terminating, graceful(60), 105))).toBe('unchanged');
    expect(short(deleteObject(terminating, graceful(), 105))).toBe('unchanged');
    const finished = makePod('a', { ...terminating, status: { phase: 'Succeeded' }, spec: { nodeName: 'n1' } });
    expect(short(deleteObject(finished, graceful(), 105))).toBe('unchanged');
  });

  test('with finalizers stays as terminating even without grace', () => {
    const held = running({ finalizers: ['batch.kubernetes.io/job-tracking'] });
    expect(short(deleteObject(held, graceful(0), 100))).toBe('until 100, grace 0');
    const waiting = running({ finalizers: ['f'], deletionTimestamp: 100, deletionGracePeriodSeconds: 0 });
    expect(short(deleteObject(waiting, graceful(0), 120))).toBe('unchanged');
    const shortened = running({ finalizers: ['f'], deletionTimestamp: 130, deletionGracePeriodSeconds: 30 });
    expect(short(deleteObject(shortened, graceful(0), 120))).toBe('until 100, grace 0');
  });

  test('has a new generation once it is to go, and only once', () => {
    const first = deleteObject(running({ generation: 1 }), graceful(), 100);
    expect(first.type === 'written' && first.object.metadata.generation).toBe(2);
    const second = deleteObject(first.type === 'written' ? first.object : running(), graceful(3), 101);
    expect(second.type === 'written' && second.object.metadata.generation).toBe(2);
  });
});

describe('any other object', () => {
  const remove = (metadata: Partial<ObjectMeta>, propagation: PropagationPolicy): string => {
    const web = makeDeployment('web');
    const object = { ...web, metadata: { ...web.metadata, ...metadata } };
    const outcome = deleteObject(object, { gracePeriodSeconds: 30, propagation }, 100);
    if (outcome.type !== 'written') return outcome.type;
    const { deletionTimestamp, deletionGracePeriodSeconds, finalizers, generation } = outcome.object.metadata;
    expect(generation).toBe(metadata.deletionTimestamp === undefined ? 2 : 1);
    return `until ${deletionTimestamp}, grace ${deletionGracePeriodSeconds}, ${finalizers.join(' ')}`;
  };

  test('goes at once when nothing holds it', () => {
    expect(remove({}, 'Background')).toBe('removed');
  });

  test('waits for the finalizer of its propagation policy', () => {
    expect(remove({}, 'Foreground')).toBe('until 100, grace 0, foregroundDeletion');
    expect(remove({}, 'Orphan')).toBe('until 100, grace 0, orphan');
    expect(remove({ finalizers: ['f'] }, 'Foreground')).toBe('until 100, grace 0, f foregroundDeletion');
  });

  test('that is terminating may be given another policy, but not another time', () => {
    const waiting = { deletionTimestamp: 50, deletionGracePeriodSeconds: 0, finalizers: ['foregroundDeletion'] };
    expect(remove(waiting, 'Foreground')).toBe('unchanged');
    expect(remove(waiting, 'Background')).toBe('unchanged');
    expect(remove(waiting, 'Orphan')).toBe('until 50, grace 0, orphan');
  });
});

test('an object is finalized when it is to go, its grace is over and no finalizer is left', () => {
  const gone = { deletionTimestamp: 1, deletionGracePeriodSeconds: 0 };
  expect(isFinalized(running(gone))).toBe(true);
  expect(isFinalized(running())).toBe(false);
  expect(isFinalized(running({ ...gone, finalizers: ['f'] }))).toBe(false);
  expect(isFinalized(running({ ...gone, deletionGracePeriodSeconds: 5 }))).toBe(false);
});

describe('an evicted pod', () => {
  const conditionsOf = (outcome: Outcome<Pod>): unknown =>
    outcome.type === 'refused' ? [] : outcome.object.status.otherConditions;
  const evicted: Condition = {
    type: 'DisruptionTarget',
    status: 'True',
    lastTransitionTime: 100,
    reason: 'EvictionByEvictionAPI',
    message: 'Eviction API: evicting',
  };

  test('carries the reason and is terminating', () => {
    const outcome = evict(running(), 100);
    expect(short(outcome)).toBe('until 130, grace 30');
    expect(conditionsOf(outcome)).toEqual([evicted]);
  });

  test('that is terminating already is given the reason; a second time nothing changes', () => {
    const terminating = running({ deletionTimestamp: 130, deletionGracePeriodSeconds: 30 });
    const outcome = evict(terminating, 100);
    expect(short(outcome)).toBe('until 130, grace 30');
    expect(conditionsOf(outcome)).toEqual([evicted]);
    expect(short(evict(outcome.type === 'written' ? outcome.object : terminating, 110))).toBe('unchanged');
  });

  test('that was the target of another disruption keeps the time of that', () => {
    const other = { ...evicted, lastTransitionTime: 40, reason: 'DeletionByTaintManager', message: '' };
    const pod = makePod('a', { spec: { nodeName: 'n1' }, status: { otherConditions: [other] } });
    expect(conditionsOf(evict(pod, 100))).toEqual([{ ...evicted, lastTransitionTime: 40 }]);
  });
});
