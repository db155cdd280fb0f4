import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Pod } from '../../api/core-v1.ts';
import { metadataWith } from '../../api/meta-v1.ts';
import { statusWith } from '../../api/pod-status.ts';
import { podWith } from '../../apiserver/pod-object.ts';
import type { ApiResponse } from '../../apiserver/requests.ts';
import { SchedulerFixture, budgetFrom } from '../../testing/scheduler-fixture.ts';
import { CycleState } from '../framework/cycle-state.ts';
import type { PostFilterResult } from '../framework/interface.ts';
import { NodeStatuses } from '../framework/node-statuses.ts';
import { isSuccess } from '../framework/status.ts';
import type { Status } from '../framework/status.ts';
import { findCandidates } from './find-candidates.ts';
import type { CandidateSearch } from './find-candidates.ts';

const config = (args: object): object => ({
  apiVersion: 'kubescheduler.config.k8s.io/v1',
  kind: 'KubeSchedulerConfiguration',
  profiles: [{ pluginConfig: [{ name: 'DefaultPreemption', args }] }],
});

/** Nodes n0, n1 ... of 4 cpus, each full of one pod of priority 0. */
function fullNodes(count: number, args: object = {}): SchedulerFixture {
  const fixture = new SchedulerFixture(config(args));
  expect(fixture.problems).toEqual([]);
  for (let at = 0; at < count; at++) {
    fixture.node(`n${at}`);
    fixture.bind(fixture.podWithRequests({ cpu: '3' }, { priority: 0 }), `n${at}`);
  }
  return fixture;
}

/** PreFilter and Filter on all nodes. */
function filtered(fixture: SchedulerFixture, pod: Pod): { state: CycleState; statuses: NodeStatuses } {
  const state = new CycleState();
  const statuses = new NodeStatuses();
  const { nodes, framework } = fixture;
  const { status } = framework.runPreFilter(state, pod, nodes);
  if (status !== undefined) statuses.absentStatus = status;
  else {
    for (const node of nodes) {
      const verdict = framework.runFilterPluginsWithNominatedPods(state, pod, node);
      if (!isSuccess(verdict)) statuses.set(node, verdict!);
    }
  }
  return { state, statuses };
}

function postFilter(fixture: SchedulerFixture, pod: Pod): PostFilterResult & { readonly status: Status } {
  const { state, statuses } = filtered(fixture, pod);
  return fixture.framework.runPostFilter(state, pod, statuses);
}

function search(
  fixture: SchedulerFixture,
  pod: Pod,
  offset: number,
  args = { percentage: 0, absolute: 1 },
): CandidateSearch {
  const { state, statuses } = filtered(fixture, pod);
  const limits = { minCandidateNodesPercentage: args.percentage, minCandidateNodesAbsolute: args.absolute };
  return findCandidates(fixture.framework, state, pod, statuses, limits, () => offset);
}

const nodesOf = ({ candidates }: CandidateSearch): string => candidates.map(({ node }) => node.name).join();

describe('DefaultPreemption', () => {
  it('nominates the node and says how many victims it takes', () => {
    const fixture = fullNodes(1);
    const result = postFilter(fixture, fixture.podWithRequests({ cpu: '2' }, { priority: 1 }));
    expect(result).toMatchObject({ nominatedNodeName: 'n0', status: { code: 0 } });
    expect(result.status.message).toBe(
      'preemption: found a potential placement for pod on node n0, preempting 1 victims',
    );
    expect(fixture.sent.map(({ verb }) => verb)).toEqual(['patchStatus', 'delete']);
  });

  it('clears an old nomination where nothing helps, and counts every node', () => {
    const fixture = fullNodes(2);
    fixture.node('small', { status: { allocatable: { cpu: '1', pods: '9' } } });
    const result = postFilter(fixture, fixture.podWithRequests({ cpu: '2' }, { priority: 0 }));
    expect(result).toMatchObject({ nominatedNodeName: '', status: { code: 2 } });
    expect(result.status.message).toBe(
      'preemption: 0/3 nodes are available: 1 Preemption is not helpful for scheduling, ' +
        '2 No preemption victims found for incoming pod.',
    );
    expect(fixture.sent).toEqual([]);
  });

  it('leaves an old nomination where the pod may not preempt', () => {
    const fixture = fullNodes(1);
    const result = postFilter(
      fixture,
      fixture.podWithRequests({ cpu: '2' }, { priority: 1, preemptionPolicy: 'Never' }),
    );
    expect(result.nominatedNodeName).toBeUndefined();
    expect(result.status.message).toBe('preemption: not eligible due to preemptionPolicy=Never.');
  });

  it('waits for victims that terminate on the nominated node, unless that node has become hopeless', () => {
    const fixture = new SchedulerFixture();
    fixture.node('n');
    const victim = fixture.podWithRequests({ cpu: '3' }, { priority: 0 });
    const condition = { type: 'DisruptionTarget', status: 'True', lastTransitionTime: 0, message: '' } as const;
    const leaving = (reason: string): Pod =>
      podWith(victim, {
        metadata: metadataWith(victim.metadata, { deletionTimestamp: 30 }),
        status: statusWith(victim.status, { otherConditions: [{ ...condition, reason }] }),
      });
    const nominated = (cpu: string): Pod => {
      const pod = fixture.podWithRequests({ cpu }, { priority: 1 });
      return podWith(pod, { status: statusWith(pod.status, { nominatedNodeName: 'n' }) });
    };
    fixture.bind(leaving('PreemptionByScheduler'), 'n');
    expect(postFilter(fixture, nominated('2')).status.message).toBe(
      'preemption: not eligible due to a terminating pod on the nominated node.',
    );
    expect(postFilter(fixture, nominated('5')).status.message).toContain('Preemption is not helpful');
    // A pod that somebody else deletes is no reason to wait: it is a victim like any other, and needs no request.
    fixture.bind(leaving('EvictionByEvictionAPI'), 'n');
    expect(postFilter(fixture, nominated('2')).status.message).toContain('preempting 1 victims');
    expect(fixture.sent).toEqual([]);
  });

  it('keeps the preemptor out of the queue while its requests are under way', () => {
    const fixture = fullNodes(1);
    const pod = fixture.podWithRequests({ cpu: '2' }, { priority: 1 });
    const gate = (): string => fixture.plugin('DefaultPreemption').preEnqueue!(pod)?.message ?? 'ok';
    fixture.cluster.put('Pod', fixture.nodes[0]!.pods[0]!.pod);
    const seen: string[] = [];
    fixture.respond = (): ApiResponse => {
      seen.push(gate());
      return { code: 'OK', object: undefined, message: '' };
    };
    expect(gate()).toBe('ok');
    postFilter(fixture, pod);
    const isBusy = 'waiting for the preemption for this pod to be finished';
    expect(seen).toEqual([isBusy, isBusy]);
    expect(gate()).toBe('ok');
  });

  it('does not run where an earlier plugin has ended PreFilter, as upstream', () => {
    const fixture = fullNodes(2);
    const field = (name: string): object => ({
      matchFields: [{ key: 'metadata.name', operator: 'In', values: [name] }],
    });
    const nodeAffinity = {
      requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [field('n0')] },
    };
    const pod = fixture.podWithRequests({ cpu: '2' }, { priority: 1, affinity: { nodeAffinity }, nodeName: 'n1' });
    const result = postFilter(fixture, pod);
    expect(result).toMatchObject({ status: { code: 1, plugin: 'DynamicResources', reasons: ['not found'] } });
  });
});

describe('the search for candidates', () => {
  const pod = (fixture: SchedulerFixture): Pod => fixture.podWithRequests({ cpu: '2' }, { priority: 1 });

  it('begins at the offset, goes round, and stops when it has enough', () => {
    const fixture = fullNodes(5);
    expect(nodesOf(search(fixture, pod(fixture), 3))).toBe('n3');
    expect(nodesOf(search(fixture, pod(fixture), 3, { percentage: 0, absolute: 3 }))).toBe('n3,n4,n0');
    expect(nodesOf(search(fixture, pod(fixture), 3, { percentage: 100, absolute: 0 }))).toBe('n3,n4,n0,n1,n2');
  });

  it('goes on while every candidate breaks a budget, and puts those that break none first', () => {
    const fixture = fullNodes(0);
    const labels = { app: 'web' };
    for (const name of ['n0', 'n1', 'n2', 'n3']) {
      fixture.node(name);
      const metadata = name === 'n3' ? {} : { labels };
      fixture.bind(fixture.pod({ containers: [container('3')] }, { metadata }), name);
    }
    fixture.cluster.put(
      'PodDisruptionBudget',
      budgetFrom({
        metadata: { name: 'b', namespace: 'default' },
        spec: { selector: { matchLabels: { app: 'web' } } },
      }),
    );
    const found = search(fixture, pod(fixture), 0, { percentage: 0, absolute: 1 });
    expect(found.candidates.map(({ violations }) => violations)).toEqual([0, 1, 1, 1]);
    expect(nodesOf(found)).toBe('n3,n0,n1,n2');
  });

  it('draws the offset once, only where there is a node to try, and leaves all accounts as they were', () => {
    const fixture = fullNodes(3);
    const revision = fixture.cache.revision;
    const counts: number[] = [];
    const { state, statuses } = filtered(fixture, pod(fixture));
    const draw = (count: number): number => {
      counts.push(count);
      return 0;
    };
    const limits = { minCandidateNodesPercentage: 10, minCandidateNodesAbsolute: 100 };
    findCandidates(fixture.framework, state, pod(fixture), statuses, limits, draw);
    findCandidates(fixture.framework, state, pod(fixture), new NodeStatuses(), limits, draw);
    expect(counts).toEqual([3]);
    expect(fixture.cache.revision).toBe(revision);
    expect(fixture.nodes.map(({ podCount, requestedMilliCpu }) => [podCount, requestedMilliCpu])).toEqual(
      Array.from({ length: 3 }, () => [1, 3000]),
    );
  });

  it('takes victims that are enough, none of which could stay, and no one of equal or higher priority', () => {
    const drawn = fc.array(
      fc.record({ cpu: fc.integer({ min: 1, max: 9 }), priority: fc.integer({ min: -2, max: 3 }) }),
      {
        minLength: 1,
        maxLength: 12,
      },
    );
    fc.assert(
      fc.property(drawn, fc.integer({ min: 10, max: 40 }), (pods, wanted) => {
        const fixture = new SchedulerFixture();
        fixture.node('n', { status: { allocatable: { cpu: '4', memory: '8Gi', pods: '110' } } });
        let free = 40;
        const bound: { priority: number; cpu: number; uid: number }[] = [];
        for (const { cpu, priority } of pods) {
          if (cpu > free) continue;
          free -= cpu;
          const { uid } = fixture.bind(fixture.podWithRequests({ cpu: `${cpu}00m` }, { priority }), 'n').metadata;
          bound.push({ priority, cpu, uid });
        }
        if (wanted <= free) return;
        const preemptor = fixture.podWithRequests({ cpu: `${wanted}00m` }, { priority: 1 });
        const [found] = search(fixture, preemptor, 0).candidates;
        const lower = bound.filter(({ priority }) => priority < 1);
        const freeable = lower.reduce((sum, { cpu }) => sum + cpu, free);
        expect(found !== undefined).toBe(wanted <= freeable);
        if (found === undefined) return;
        const victims = bound.filter(({ uid }) => found.victims.some(({ metadata }) => metadata.uid === uid));
        const freed = victims.reduce((sum, { cpu }) => sum + cpu, free);
        expect(victims.every(({ priority }) => priority < 1)).toBe(true);
        expect(freed).toBeGreaterThanOrEqual(wanted);
        for (const { cpu } of victims) expect(freed - cpu).toBeLessThan(wanted);
      }),
      { numRuns: 300 },
    );
  });
});

function container(cpu: string): object {
  return { name: 'c', image: 'app:1', resources: { requests: { cpu } } };
}
