import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Pod } from '../../api/core-v1.ts';
import { bindSpec, podWith, sharedSpec } from '../../apiserver/pod-object.ts';
import { readSchedulerSetup } from '../../scenario/scheduler-setup.ts';
import { Simulation } from '../../simulation.ts';
import { SchedulingAlgorithm } from '../algorithm.ts';
import { readSchedulerConfiguration } from '../configuration.ts';
import { SchedulerFixture, nodeFrom, podFrom, testRegistry } from '../../testing/scheduler-fixture.ts';
import { nodeSha256 } from '../../testing/sha256.ts';
import { loadShipped } from '../../testing/shipped-scenarios.ts';
import { ClusterFork } from './cluster-fork.ts';
import { PodInfoFactory } from './pod-info.ts';
import type { Placement } from './what-if.ts';
import { WhatIf } from './what-if.ts';

const registry = testRegistry();
const profile = readSchedulerConfiguration(undefined, registry).configuration.profiles[0]!;

function whatIfOf(fixture: SchedulerFixture, fork = new ClusterFork(fixture.cache)): WhatIf {
  return new WhatIf(fork, {
    profile,
    registry,
    cluster: fixture.framework.cluster,
    nominator: fixture.nominator,
    podInfos: fixture.podInfos,
  });
}

function small(name: string, cpu: string): ReturnType<typeof nodeFrom> {
  return nodeFrom({ metadata: { name }, status: { allocatable: { cpu, memory: '8Gi', pods: '10' } } });
}

/** Two nodes: `a` with 1 of 4 cpus left, `b` with 3. */
function world(): SchedulerFixture {
  const fixture = new SchedulerFixture();
  fixture.node('a');
  fixture.node('b');
  fixture.bind(fixture.podWithRequests({ cpu: '3' }), 'a');
  fixture.bind(fixture.podWithRequests({ cpu: '1' }), 'b');
  expect(fixture.nodes).toHaveLength(2);
  return fixture;
}

const isPlaced = (result: object): result is Placement => 'node' in result;

describe('a what-if', () => {
  it('says where a pod fits, where not, and why', () => {
    const fixture = world();
    const whatIf = whatIfOf(fixture);
    const pod = fixture.podWithRequests({ cpu: '2' });
    expect(whatIf.refusal(pod, 'b')).toBeUndefined();
    expect(whatIf.refusal(pod, 'a')).toMatchObject({ plugin: 'NodeResourcesFit', reasons: ['Insufficient cpu'] });
    expect(whatIf.feasibleNodes(pod).map(({ name }) => name)).toEqual(['b']);
    expect(whatIf.place(fixture.podWithRequests({ cpu: '4' }))).toMatchObject({
      message: '0/2 nodes are available: 2 Insufficient cpu.',
    });
  });

  it('says where a pod would go, and goes on from there', () => {
    const fixture = world();
    const whatIf = whatIfOf(fixture);
    const places = [1, 2, 3, 4].map(() => {
      const placement = whatIf.place(fixture.podWithRequests({ cpu: '1' }));
      if (!isPlaced(placement)) return placement.message;
      whatIf.assume(placement);
      return placement.node.name;
    });
    // b is emptier; then both have 2 cpus in use and more, and the last one is left with a.
    expect(places).toEqual(['b', 'b', 'a', 'b']);
    expect(whatIf.place(fixture.podWithRequests({ cpu: '1' }))).toMatchObject({
      message: '0/2 nodes are available: 2 Insufficient cpu.',
    });
  });

  it('takes the lowest name of equal nodes, and draws nothing', () => {
    const fixture = new SchedulerFixture();
    for (const name of ['c', 'a', 'b']) fixture.node(name);
    expect(fixture.nodes.map(({ name }) => name)).toEqual(['c', 'a', 'b']);
    expect((whatIfOf(fixture).place(fixture.podWithRequests({ cpu: '1' })) as Placement).node.name).toBe('a');
  });

  it('answers for nodes that come, go, or change', () => {
    const fixture = world();
    const whatIf = whatIfOf(fixture);
    const pod = fixture.podWithRequests({ cpu: '3' });
    expect(whatIf.refusal(pod, 'b')).toBeUndefined();
    whatIf.fork.removeNode('b');
    expect(isPlaced(whatIf.place(pod))).toBe(false);
    whatIf.fork.setNode(small('c', '3'));
    expect((whatIf.place(pod) as Placement).node.name).toBe('c');
    whatIf.fork.setNode({ ...small('c', '3'), spec: { ...small('c', '3').spec, unschedulable: true } });
    expect(whatIf.refusal(pod, 'c')?.plugin).toBe('NodeUnschedulable');
    expect(fixture.cache.get('b')).toBeDefined();
    expect(fixture.cache.get('c')).toBeUndefined();
  });

  it('can be asked of bare lists of nodes and pods', () => {
    const podInfos = new PodInfoFactory();
    const containers = [{ name: 'c', image: 'i', resources: { requests: { cpu: '1' } } }];
    const make = (name: string, uid: number): Pod => podFrom({ metadata: { name }, spec: { containers } }, uid);
    const bound = podWith(make('x', 1), { spec: bindSpec(make('x', 1).spec, 'n') });
    const elsewhere = podWith(make('y', 2), { spec: bindSpec(make('y', 2).spec, 'gone') });
    const fork = ClusterFork.of([small('n', '2')], [bound, elsewhere, make('z', 3)], podInfos);
    expect(fork.nodes.map(({ podCount, requestedMilliCpu }) => [podCount, requestedMilliCpu])).toEqual([[1, 1000]]);
    const whatIf = new WhatIf(fork, { profile, registry, cluster: new SchedulerFixture().framework.cluster, podInfos });
    const placement = whatIf.place(make('new', 4));
    expect(isPlaced(placement) && placement.node.name).toBe('n');
    fork.removePod(bound);
    expect(fork.get('n')!.podCount).toBe(0);
  });

  it('finds what the scheduler finds', () => {
    const requests = fc.record({
      cpu: fc.integer({ min: 1, max: 4 }).map(String),
      memory: fc.constantFrom('1Gi', '3Gi'),
    });
    fc.assert(
      fc.property(fc.array(requests, { minLength: 1, maxLength: 12 }), (pods) => {
        const fixture = world();
        fixture.node('c', { status: { allocatable: { cpu: '8', memory: '8Gi', pods: '3' } } });
        const algorithm = new SchedulingAlgorithm(fixture.cache, {
          tieBreak: 'lowest-name',
          percentageOfNodesToScore: 100,
        });
        for (const request of pods) {
          const pod = fixture.podWithRequests(request);
          const result = algorithm.schedulePod(fixture.framework, pod);
          const found = whatIfOf(fixture).place(pod);
          expect(isPlaced(found) ? found.node.name : 'none').toBe(result.type === 'node' ? result.node.name : 'none');
          if (result.type === 'node') fixture.bind(pod, result.node.name);
        }
      }),
      { numRuns: 40 },
    );
  });
});

describe('side effects of what-ifs', () => {
  it('are none on the accounts, the nominations and what is sent, whatever is asked', () => {
    const fixture = world();
    const account = (): unknown =>
      fixture.cache.nodes.map((node) => {
        const { name, generation, requestedMilliCpu, requestedMemory, nonZeroMilliCpu, podCount, pods } = node;
        const uids = pods.map(({ pod }) => pod.metadata.uid);
        return {
          name,
          generation,
          requestedMilliCpu,
          requestedMemory,
          nonZeroMilliCpu,
          podCount,
          uids,
          node: node.node,
        };
      });
    const before = account();
    const revision = fixture.cache.revision;
    const whatIf = whatIfOf(fixture);
    for (const cpu of ['1', '2', '3', '4']) {
      const placement = whatIf.place(fixture.podWithRequests({ cpu }));
      if (isPlaced(placement)) whatIf.assume(placement);
    }
    for (const node of fixture.cache.nodes) for (const { pod } of node.pods) whatIf.fork.removePod(pod);
    whatIf.fork.removeNode('a');
    whatIf.fork.setNode(small('z', '9'));
    expect(whatIf.fork.nodes.map(({ name, podCount }) => [name, podCount])).not.toEqual(
      fixture.cache.nodes.map(({ name, podCount }) => [name, podCount]),
    );
    expect(account()).toEqual(before);
    expect(fixture.cache.revision).toBe(revision);
    expect(fixture.sent).toEqual([]);
  });

  it('are none on a run: its fingerprints stay as they are when every pod is asked for, over and over', () => {
    const scenario = loadShipped('node-crash');
    const { setup } = readSchedulerSetup(scenario, []);
    let questions = 0;
    const fingerprints = (ask: (simulation: Simulation) => void): ReadonlyMap<string, string> => {
      const simulation = new Simulation(scenario, { createHash: nodeSha256, scheduler: setup! });
      let stop = simulation.advance(20);
      for (; stop.reason === 'paused'; stop = simulation.advance(20)) ask(simulation);
      return simulation.finish(stop).fingerprints;
    };
    const disturbed = fingerprints(({ scheduler, server }) => {
      const whatIf = scheduler.whatIf('default-scheduler');
      for (const pod of server.state.list('Pod')) {
        const placement = whatIf.place(podWith(pod, { spec: sharedSpec(pod.spec) }));
        if (isPlaced(placement)) whatIf.assume(placement);
        questions++;
      }
      const [first] = whatIf.fork.nodes;
      if (first !== undefined) whatIf.fork.removeNode(first.name);
    });
    expect(questions).toBeGreaterThan(200);
    expect(disturbed).toEqual(fingerprints(() => undefined));
  });
});
