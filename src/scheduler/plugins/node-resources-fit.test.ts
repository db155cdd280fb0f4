import { describe, expect, it } from 'vitest';
import { nodeFrom, SchedulerFixture } from '../../testing/scheduler-fixture.ts';
import { CycleState } from '../framework/cycle-state.ts';

const config = (args: object): object => ({
  apiVersion: 'kubescheduler.config.k8s.io/v1',
  kind: 'KubeSchedulerConfiguration',
  profiles: [{ pluginConfig: [{ name: 'NodeResourcesFit', args }] }],
});

/** A node of 4 cpu, 8 GiB with a pod of 1 cpu, 1 GiB on it. */
function world(args: object = {}, allocatable: object = {}): SchedulerFixture {
  const fixture = new SchedulerFixture(config(args));
  expect(fixture.problems).toEqual([]);
  fixture.node('n', { status: { allocatable: { cpu: '4', memory: '8Gi', pods: '3', ...allocatable } } });
  fixture.bind(fixture.podWithRequests({ cpu: '1', memory: '1Gi' }), 'n');
  return fixture;
}

const verdict = (requests: Record<string, unknown>, fixture = world()): unknown =>
  fixture.verdicts('NodeResourcesFit', fixture.podWithRequests(requests)).get('n');

describe('the filter of NodeResourcesFit', () => {
  it.each([
    [{ cpu: '3', memory: '7Gi' }, 'ok'],
    [{ cpu: '3001m' }, 'Unschedulable: Insufficient cpu'],
    // More than the empty node has: preemption cannot help.
    [{ cpu: '4001m' }, 'UnschedulableAndUnresolvable: Insufficient cpu'],
    [{ memory: '7.5Gi' }, 'Unschedulable: Insufficient memory'],
    // Every shortage is named; one that is unresolvable decides the code for all.
    [{ cpu: '3500m', memory: '9Gi' }, 'UnschedulableAndUnresolvable: Insufficient cpu, Insufficient memory'],
    // What the node does not list it has none of.
    [{ 'ephemeral-storage': '1' }, 'UnschedulableAndUnresolvable: Insufficient ephemeral-storage'],
    [{ 'example.com/gpu': '1' }, 'UnschedulableAndUnresolvable: Insufficient example.com/gpu'],
    [{}, 'ok'],
    [{ cpu: '0' }, 'ok'],
  ])('for %j says %s', (requests, text) => {
    expect(verdict(requests)).toBe(text);
  });

  it('counts pods first, also for pods that ask for nothing', () => {
    const fixture = world();
    fixture.bind(fixture.pod(), 'n');
    fixture.bind(fixture.pod(), 'n');
    expect(verdict({}, fixture)).toBe('Unschedulable: Too many pods');
    expect(verdict({ cpu: '3500m' }, fixture)).toBe('Unschedulable: Too many pods, Insufficient cpu');
    expect(verdict({ cpu: '5' }, fixture)).toBe('UnschedulableAndUnresolvable: Too many pods, Insufficient cpu');
  });

  it('accepts no pod where the node says nothing about pods', () => {
    expect(verdict({}, world({}, { pods: undefined }))).toBe('Unschedulable: Too many pods');
  });

  it('looks at the resources in use of extended resources too', () => {
    const fixture = world({}, { 'example.com/gpu': '2' });
    fixture.bind(fixture.podWithRequests({ 'example.com/gpu': '1' }), 'n');
    expect(verdict({ 'example.com/gpu': '1' }, fixture)).toBe('ok');
    expect(verdict({ 'example.com/gpu': '2' }, fixture)).toBe('Unschedulable: Insufficient example.com/gpu');
  });

  it('ignores extended resources by name or group, but never cpu', () => {
    const gpu = { 'example.com/gpu': '1' };
    expect(verdict(gpu, world({ ignoredResources: ['example.com/gpu', 'cpu'] }))).toBe('ok');
    expect(verdict(gpu, world({ ignoredResourceGroups: ['example.com'] }))).toBe('ok');
    expect(verdict(gpu, world({ ignoredResources: ['example.com/fpga'] }))).toMatch(/Insufficient example.com.gpu/);
    expect(verdict({ cpu: '5' }, world({ ignoredResources: ['cpu'] }))).toMatch(/Insufficient cpu/);
  });

  it('takes the greater of containers with sidecars and of the init phase, plus overhead', () => {
    const fixture = world();
    const container = (name: string, cpu: string, more: object = {}): object => ({
      name,
      image: 'app:1',
      resources: { requests: { cpu } },
      ...more,
    });
    const pod = (init: readonly object[], overhead = '0'): unknown =>
      fixture
        .verdicts(
          'NodeResourcesFit',
          fixture.pod({ containers: [container('c', '1')], initContainers: init, overhead: { cpu: overhead } }),
        )
        .get('n');
    const sidecar = container('s', '1', { restartPolicy: 'Always' });
    // Sidecar 1 + container 1 = 2; a later init container of 2 on top of the sidecar = 3: fits in 3.
    expect(pod([sidecar, container('i', '2')])).toBe('ok');
    expect(pod([sidecar, container('i', '2001m')])).toBe('Unschedulable: Insufficient cpu');
    // Before the sidecar it needs 2001m by itself only.
    expect(pod([container('i', '2001m'), sidecar])).toBe('ok');
    expect(pod([sidecar, container('i', '2')], '1m')).toBe('Unschedulable: Insufficient cpu');
  });

  it('lets pod-level requests replace the sum, also where they are smaller', () => {
    const fixture = world();
    const resources = { requests: { cpu: '9' } };
    const containers = [{ name: 'c', image: 'app:1', resources }];
    const pod = fixture.pod({ containers, resources: { requests: { cpu: '1' } } });
    expect(fixture.verdicts('NodeResourcesFit', pod).get('n')).toBe('ok');
  });

  it('gives all nodes with the same shortage one and the same status', () => {
    const fixture = new SchedulerFixture();
    fixture.node('a');
    fixture.node('b');
    const { framework, nodes } = fixture;
    const state = new CycleState();
    const pod = fixture.podWithRequests({ cpu: '9' });
    framework.runPreFilter(state, pod, nodes);
    const [a, b] = nodes.map((node) => framework.runFilter(state, pod, node));
    expect(a).toBeDefined();
    expect(a).toBe(b);
  });
});

describe('the score of NodeResourcesFit', () => {
  const score = (args: object, requests: Record<string, unknown>, allocatable: object = {}): unknown => {
    const fixture = world(args, allocatable);
    return fixture.rawScores('NodeResourcesFit', fixture.podWithRequests(requests))[0];
  };
  const strategy = (type: string, more: object = {}): object => ({ scoringStrategy: { type, ...more } });
  const rising = {
    requestedToCapacityRatio: {
      shape: [
        { utilization: 0, score: 0 },
        { utilization: 100, score: 10 },
      ],
    },
  };

  it.each([
    // (4000 - 1500) * 100 div 4000 = 62, (8 - 2) * 100 div 8 = 75; (62 + 75) div 2 = 68.
    [{}, { cpu: '500m', memory: '1Gi' }, 68],
    // 1500 * 100 div 4000 = 37, 25; 62 div 2 = 31.
    [strategy('MostAllocated'), { cpu: '500m', memory: '1Gi' }, 31],
    // 37 and 25 through the rising shape; 62 / 2 = 31.
    [strategy('RequestedToCapacityRatio', rising), { cpu: '500m', memory: '1Gi' }, 31],
    // (4000 - 3000) * 100 div 4000 = 25, 75.
    [{}, { cpu: '2', memory: '1Gi' }, 50],
    // Nothing named: 100m and 200Mi count. 2900 * 100 div 4000 = 72, (8192 - 1224) * 100 div 8192 = 85; 157 div 2.
    [{}, {}, 78],
    // An explicit 0 stays 0: (4000 - 1000) * 100 div 4000 = 75, and 200Mi for memory: 85.
    [{}, { cpu: '0' }, 80],
    // Weights 3 and 1: (62 * 3 + 75) div 4 = 65.
    [
      strategy('LeastAllocated', {
        resources: [
          { name: 'cpu', weight: 3 },
          { name: 'memory', weight: 1 },
        ],
      }),
      { cpu: '500m', memory: '1Gi' },
      65,
    ],
    // Overcommitted: 0 for cpu, 75 for memory.
    [{}, { cpu: '5', memory: '1Gi' }, 37],
  ])('with %j for %j is %i', (args, requests, expected) => {
    expect(score(args, requests)).toBe(expected);
  });

  it('rounds the ratio strategy, half away from zero', () => {
    const shape = [
      { utilization: 0, score: 0 },
      { utilization: 100, score: 10 },
    ];
    const resources = [{ name: 'cpu' }, { name: 'memory' }];
    const args = strategy('RequestedToCapacityRatio', { resources, requestedToCapacityRatio: { shape } });
    // 50 and 25: 37.5 becomes 38.
    expect(score(args, { cpu: '1', memory: '1Gi' })).toBe(38);
  });

  it('leaves out resources that score 0 in the ratio strategy', () => {
    const shape = [
      { utilization: 50, score: 10 },
      { utilization: 51, score: 0 },
    ];
    const args = strategy('RequestedToCapacityRatio', { requestedToCapacityRatio: { shape } });
    // cpu 75 % scores 0 and leaves the mean; memory 25 % scores 100.
    expect(score(args, { cpu: '2', memory: '1Gi' })).toBe(100);
  });

  it('leaves out extended resources that the pod does not ask for, and what the node has none of', () => {
    const resources = [{ name: 'cpu' }, { name: 'example.com/gpu' }];
    const args = strategy('LeastAllocated', { resources });
    expect(score(args, { cpu: '1' }, { 'example.com/gpu': '4' })).toBe(50);
    // 2000 of 4000 used: 50; 1 of 4: 75; 125 div 2.
    expect(score(args, { cpu: '1', 'example.com/gpu': '1' }, { 'example.com/gpu': '4' })).toBe(62);
    expect(score(args, { cpu: '1', 'example.com/gpu': '1' })).toBe(50);
  });

  it('ignores the pod-level requests of the new pod, as upstream', () => {
    const fixture = world();
    const pod = fixture.pod({ resources: { requests: { cpu: '2', memory: '4Gi' } } });
    // As a pod that names nothing.
    expect(fixture.scores('NodeResourcesFit', pod)).toMatchObject({ raw: [78] });
  });

  it('is exact where memory times 100 exceeds 2^53', () => {
    const scored = { scoringStrategy: { type: 'LeastAllocated', resources: [{ name: 'memory' }] } };
    const fixture = new SchedulerFixture(config(scored));
    fixture.node('n', { status: { allocatable: { cpu: '4', memory: '1000Ti', pods: '9' } } });
    // (1000 - 335) * 100 div 1000 = 66.
    expect(fixture.scores('NodeResourcesFit', fixture.podWithRequests({ memory: '335Ti' }))).toMatchObject({
      raw: [66],
    });
  });
});

describe('the hints of NodeResourcesFit', () => {
  const fixture = world();
  const [onDelete, onNode, onScaleDown] = fixture.plugin('NodeResourcesFit').eventsToRegister!();
  const pod = fixture.podWithRequests({ cpu: '2' });
  const sized = (cpu: string, pods = '10', memory = '1Gi'): unknown =>
    nodeFrom({ metadata: { name: 'n' }, status: { allocatable: { cpu, memory, pods } } });
  const nodeHint = (before: unknown, after: unknown): unknown => onNode!.hint!(pod, before as never, after as never);

  it('see a chance in a new node that holds the pod when empty', () => {
    expect(nodeHint(undefined, sized('2'))).toBe('Queue');
    expect(nodeHint(undefined, sized('1'))).toBe('Skip');
    expect(nodeHint(undefined, sized('2', '0'))).toBe('Skip');
  });

  it('see one in a node that grew in something that the pod asks for', () => {
    expect(nodeHint(sized('1'), sized('2'))).toBe('Queue');
    expect(nodeHint(sized('3'), sized('2'))).toBe('Skip');
    expect(nodeHint(sized('2', '10'), sized('2', '11'))).toBe('Queue');
    expect(nodeHint(sized('2', '10', '1Gi'), sized('2', '10', '2Gi'))).toBe('Skip');
  });

  it('see one in a pod that goes, if it held anything', () => {
    expect(onDelete!.hint!(pod, fixture.bind(fixture.pod(), 'n'), undefined)).toBe('Queue');
    expect(onDelete!.hint!(pod, fixture.pod(), undefined)).toBe('Skip');
  });

  it('see one in a pod that shrinks in something that the pod asks for', () => {
    const shrink = (before: object, after: object): unknown =>
      onScaleDown!.hint!(pod, fixture.podWithRequests(before as never), fixture.podWithRequests(after as never));
    expect(shrink({ cpu: '2' }, { cpu: '1' })).toBe('Queue');
    expect(shrink({ cpu: '1', memory: '2Gi' }, { cpu: '1', memory: '1Gi' })).toBe('Skip');
  });
});
