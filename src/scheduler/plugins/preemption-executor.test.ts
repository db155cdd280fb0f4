import { beforeEach, describe, expect, it } from 'vitest';
import type { Pod } from '../../api/core-v1.ts';
import type { Condition } from '../../api/meta-v1.ts';
import { metadataWith } from '../../api/meta-v1.ts';
import { statusWith } from '../../api/pod-status.ts';
import { podWith } from '../../apiserver/pod-object.ts';
import type { ApiRequest, ApiResponse, ResponseCode } from '../../apiserver/requests.ts';
import { SECOND } from '../../engine/time.ts';
import { makePod } from '../../testing/builders.ts';
import type { Handle } from '../framework/handle.ts';
import { NodeInfo } from '../framework/node-info.ts';
import { PodInfoFactory } from '../framework/pod-info.ts';
import { PreemptionExecutor } from './preemption-executor.ts';

/** What an executor does, with answers that come when the test says so. */
class FakeScheduler {
  readonly log: string[] = [];
  readonly pods = new Map<string, Pod>();
  readonly waiting = new Set<string>();
  readonly binding = new Set<string>();
  nominated: readonly Pod[] = [];
  readonly pending: { request: ApiRequest; answer: (response: ApiResponse) => void }[] = [];
  readonly executor: PreemptionExecutor;
  readonly preemptor = this.pod('urgent', 1000, 100);
  private readonly podInfos = new PodInfoFactory();

  constructor() {
    const handle = {
      now: 7.5 * SECOND,
      cluster: { get: (_kind: string, _namespace: string, name: string) => this.pods.get(name) },
      nominator: { isEmpty: false, nominatedPods: () => this.nominated.map((pod) => this.podInfos.podInfo(pod)) },
      waitingPod: (uid: number) => {
        const pod = [...this.pods.values()].find(({ metadata }) => metadata.uid === uid)!;
        const { name } = pod.metadata;
        if (!this.waiting.has(name)) return undefined;
        return { abort: (message: string) => this.log.push(`abort ${name}: ${message}`) };
      },
      cancelPreBind: (uid: number, message: string) => {
        const { name } = [...this.pods.values()].find(({ metadata }) => metadata.uid === uid)!.metadata;
        if (this.binding.has(name)) this.log.push(`cancel ${name}: ${message}`);
        return this.binding.has(name);
      },
      send: (request: ApiRequest, answer: (response: ApiResponse) => void) => this.pending.push({ request, answer }),
      activate: (pods: readonly Pod[]) => this.log.push(`activate ${pods.map(({ metadata }) => metadata.name).join()}`),
      kubeEvent: ({ reason, name, message }: { reason: string; name: string; message: string }) =>
        this.log.push(`${reason} ${name}: ${message}`),
    };
    this.executor = new PreemptionExecutor(handle as unknown as Handle);
  }

  pod(name: string, priority: number, uid: number): Pod {
    const pod = makePod(name, { spec: { priority }, metadata: { uid } });
    this.pods.set(name, pod);
    return pod;
  }

  start(...victims: Pod[]): void {
    this.executor.start(this.preemptor, { node: new NodeInfo(0, 'n'), victims, violations: 0 });
  }

  get isUnderWay(): boolean {
    return this.executor.isUnderWay(this.preemptor.metadata.uid);
  }

  /** Requests that wait for their answer. */
  get asked(): readonly string[] {
    return this.pending.map(({ request }) => `${request.verb} ${request.name}`);
  }

  /** Answers all requests that wait now. */
  answer(code: ResponseCode = 'OK'): void {
    for (const { answer } of this.pending.splice(0)) answer({ code, object: undefined, message: '' });
  }
}

describe('the execution of a preemption', () => {
  let world: FakeScheduler;
  let victims: Pod[];
  beforeEach(() => {
    world = new FakeScheduler();
    victims = ['a', 'b', 'c'].map((name, at) => world.pod(name, 1, at + 1));
  });

  it('marks and deletes all victims but the last at the same time, then the last', () => {
    world.start(...victims);
    expect(world.asked).toEqual(['patchStatus a', 'patchStatus b']);
    world.answer();
    expect(world.asked).toEqual(['delete a', 'delete b']);
    world.answer();
    expect(world.asked).toEqual(['patchStatus c']);
    world.answer();
    expect(world.asked).toEqual(['delete c']);
    world.answer();
    expect(world.log).toEqual(['a', 'b', 'c'].map((name) => `Preempted ${name}: Preempted by pod 100 on node n`));
    expect(world.isUnderWay).toBe(false);
  });

  it('keeps the preemptor out until the last victim is seen to terminate or to be gone, or all is done', () => {
    world.start(...victims);
    for (let step = 0; step < 2; step++) {
      expect(world.isUnderWay).toBe(true);
      world.answer();
    }
    expect(world.isUnderWay).toBe(true);
    world.pods.set(
      'c',
      podWith(victims[2]!, { metadata: metadataWith(victims[2]!.metadata, { deletionTimestamp: 8 }) }),
    );
    expect(world.isUnderWay).toBe(false);
    world.pods.delete('c');
    expect(world.isUnderWay).toBe(false);
    world.pods.set('c', victims[2]!);
    world.answer();
    world.answer();
    expect(world.isUnderWay).toBe(false);
  });

  it('stops before the last victim when another could not be deleted, and wakes the preemptor', () => {
    world.start(...victims);
    world.answer('Unavailable');
    expect(world.asked).toEqual([]);
    expect(world.log).toEqual(['activate urgent']);
    expect(world.isUnderWay).toBe(false);
  });

  it('takes a victim that is gone for one that was deleted, without an event', () => {
    world.start(victims[0]!);
    world.answer('NotFound');
    world.start(victims[1]!);
    world.answer();
    world.answer('NotFound');
    expect(world.log).toEqual([]);
    expect(world.isUnderWay).toBe(false);
  });

  it('asks nothing of victims that terminate already', () => {
    const leaving = podWith(victims[0]!, { metadata: metadataWith(victims[0]!.metadata, { deletionTimestamp: 3 }) });
    world.start(leaving);
    expect(world.asked).toEqual([]);
    expect(world.isUnderWay).toBe(false);
  });

  it('first takes the nominations of lower priority back; a failure there is not critical, but wakes the preemptor', () => {
    const nominated = (name: string, priority: number, uid: number): Pod => {
      const pod = world.pod(name, priority, uid);
      return podWith(pod, { status: statusWith(pod.status, { nominatedNodeName: 'n' }) });
    };
    world.nominated = [nominated('low', 5, 11), nominated('equal', 1000, 12), nominated('lower', 4, 13)];
    world.start(victims[0]!);
    expect(world.asked).toEqual(['patchStatus low']);
    const { request } = world.pending[0]!;
    const after = request.patch!(world.nominated[0]!, request.argument) as Pod;
    expect(after.status.nominatedNodeName).toBe('');
    world.answer('NotFound');
    expect(world.asked).toEqual(['patchStatus lower']);
    world.answer();
    expect(world.asked).toEqual(['patchStatus a']);
    world.answer();
    world.answer();
    expect(world.log).toEqual(['Preempted a: Preempted by pod 100 on node n', 'activate urgent']);
  });

  it('ends the wait of a victim that waits on Permit, and wakes the preemptor since no deletion will', () => {
    world.waiting.add('a');
    world.start(victims[0]!);
    expect(world.asked).toEqual([]);
    expect(world.log).toEqual([
      'abort a: preempted',
      'Preempted a: Preempted by pod 100 on node n (in kube-scheduler memory).',
      'activate urgent',
    ]);
  });

  it('cancels the PreBind of a victim likewise', () => {
    world.binding.add('b');
    world.start(victims[1]!);
    expect(world.asked).toEqual([]);
    expect(world.log).toEqual([
      'cancel b: preempted by DefaultPreemption',
      'Preempted b: Preempted by pod 100 on node n (in kube-scheduler memory).',
      'activate urgent',
    ]);
  });

  it('says on the victim why it goes; an older condition of the type gives way, an equal one stays', () => {
    world.start(victims[0]!);
    const { request } = world.pending[0]!;
    const patch = (pod: Pod): Pod => request.patch!(pod, request.argument) as Pod;
    const marked = patch(victims[0]!);
    const condition: Condition = {
      type: 'DisruptionTarget',
      status: 'True',
      lastTransitionTime: 7,
      reason: 'PreemptionByScheduler',
      message: 'default-scheduler: preempting to accommodate a higher priority pod',
    };
    expect(marked.status.otherConditions).toEqual([condition]);
    expect(patch(marked)).toBe(marked);
    const old = { ...condition, reason: 'EvictionByEvictionAPI', message: '', lastTransitionTime: 2 };
    const other = { ...condition, type: 'Other' };
    const evicted = podWith(marked, { status: statusWith(marked.status, { otherConditions: [old, other] }) });
    expect(patch(evicted).status.otherConditions).toEqual([{ ...condition, lastTransitionTime: 2 }, other]);
  });
});
