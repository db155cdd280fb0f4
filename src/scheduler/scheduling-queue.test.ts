import { beforeEach, describe, expect, it } from 'vitest';
import { MINUTE, SECOND } from '../engine/time.ts';
import { SchedulerFixture } from '../testing/scheduler-fixture.ts';
import type { Pod } from '../api/core-v1.ts';
import { nodeAdd } from './object-events.ts';
import { SchedulingQueue } from './scheduling-queue.ts';

let fixture: SchedulerFixture;
let queue: SchedulingQueue;
beforeEach(() => {
  fixture = new SchedulerFixture();
  queue = new SchedulingQueue(fixture.frameworks, fixture.podInfos);
});

const placeOf = (pod: Pod): string | undefined => queue.placeOf(pod.metadata.uid);
const popName = (): string | undefined => queue.pop()?.podInfo.pod.metadata.name;

/** Adds, pops and fails a pod; by nobody's fault where no plugin is named. */
function fail(pod: Pod, at: number, ...plugins: string[]): void {
  if (placeOf(pod) === undefined) queue.add(pod, at);
  const info = queue.pop()!;
  info.unschedulablePlugins = new Set(plugins);
  queue.addUnschedulable(info, at);
}

describe('the scheduling queue', () => {
  it('gives pods by priority, then by time, then by arrival', () => {
    const names = [0, 0, 5, 0].map((priority, at) => {
      const pod = fixture.pod({ priority });
      queue.add(pod, at === 3 ? 1 : 2);
      return pod.metadata.name;
    });
    expect([popName(), popName(), popName(), popName()]).toEqual([names[2], names[3], names[0], names[1]]);
    expect(popName()).toBeUndefined();
  });

  it('puts a refused pod aside until an event that its plugin wants, then into back-off', () => {
    const pod = fixture.pod();
    fail(pod, 10.3 * SECOND, 'NodeName');
    expect(placeOf(pod)).toBe('unschedulable');
    queue.moveAllToActiveOrBackoff(nodeAdd, undefined, fixture.node('n'), 10.5 * SECOND);
    expect(placeOf(pod)).toBe('backoff');
    expect(queue.nextFlushAt(10.5 * SECOND)).toBe(12 * SECOND);
    queue.flush(11 * SECOND);
    expect(placeOf(pod)).toBe('backoff');
    queue.flush(12 * SECOND);
    expect(placeOf(pod)).toBe('active');
  });

  it('lets an idle scheduler take a pod out of back-off early, but never one that failed by an error', () => {
    const refused = fixture.pod();
    fail(refused, SECOND, 'NodeName');
    queue.moveAllToActiveOrBackoff(nodeAdd, undefined, fixture.node('n'), SECOND);
    expect([placeOf(refused), queue.hasNext]).toEqual(['backoff', true]);
    expect(popName()).toBe(refused.metadata.name);
    const broken = fixture.pod();
    fail(broken, SECOND);
    expect([placeOf(broken), queue.hasNext, popName()]).toEqual(['errorBackoff', false, undefined]);
  });

  it('sends a pod on at once when its event comes after its back-off', () => {
    const pod = fixture.pod();
    fail(pod, SECOND, 'NodeName');
    queue.moveAllToActiveOrBackoff(nodeAdd, undefined, fixture.node('n'), 30 * SECOND);
    expect(placeOf(pod)).toBe('active');
  });

  it('remembers events that come while a pod is in flight', () => {
    const pod = fixture.pod();
    queue.add(pod, 0);
    const info = queue.pop()!;
    queue.moveAllToActiveOrBackoff(nodeAdd, undefined, fixture.node('n'), 1);
    info.unschedulablePlugins = new Set(['NodeName']);
    queue.addUnschedulable(info, 2);
    expect(placeOf(pod)).toBe('backoff');
  });

  it('flushes after more than five minutes, at a 30-second mark', () => {
    const pod = fixture.pod();
    fail(pod, 0, 'NodeName');
    // At exactly 300 s it has not waited longer than 300 s.
    expect(queue.nextFlushAt(0)).toBe(5 * MINUTE + 30 * SECOND);
    queue.flush(5 * MINUTE);
    expect(placeOf(pod)).toBe('unschedulable');
    queue.flush(5 * MINUTE + 30 * SECOND);
    expect(placeOf(pod)).toBe('active');
    expect(queue.nextFlushAt(6 * MINUTE)).toBeUndefined();
  });

  it('never asks for a flush in the past', () => {
    const gated = fixture.pod({ schedulingGates: [{ name: 'g' }] });
    queue.add(gated, 0);
    expect(queue.nextFlushAt(2 * 60 * MINUTE + 1)).toBe(2 * 60 * MINUTE + 30 * SECOND);
  });

  it('counts places as the metric of pending pods does', () => {
    queue.add(fixture.pod({ schedulingGates: [{ name: 'g' }] }), 0);
    fail(fixture.pod(), 0, 'NodeName');
    fail(fixture.pod(), 0);
    queue.add(fixture.pod(), 0);
    queue.pop();
    queue.add(fixture.pod(), 0);
    expect(queue.counts()).toEqual({ active: 1, backoff: 1, unschedulable: 1, gated: 1, inFlight: 1 });
  });

  it('moves a pod to active when it is activated, unless it is gated', () => {
    const refused = fixture.pod();
    const gated = fixture.pod({ schedulingGates: [{ name: 'g' }] });
    fail(refused, 0, 'NodeName');
    queue.add(gated, 0);
    queue.activate([refused, gated], 1);
    expect([placeOf(refused), placeOf(gated)]).toEqual(['active', 'unschedulable']);
    expect(queue.get(gated.metadata.uid)!.isGated).toBe(true);
  });

  it('forgets a deleted pod wherever it waits', () => {
    const pods = [fixture.pod(), fixture.pod()];
    queue.add(pods[0]!, 0);
    queue.delete(pods[0]!.metadata.uid);
    fail(pods[1]!, 0, 'NodeName');
    queue.delete(pods[1]!.metadata.uid);
    expect([popName(), placeOf(pods[0]!), placeOf(pods[1]!)]).toEqual([undefined, undefined, undefined]);
  });
});
