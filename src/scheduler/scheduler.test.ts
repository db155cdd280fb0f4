import { describe, expect, it } from 'vitest';
import { ApiServer } from '../apiserver/apiserver.ts';
import type { LatencyProfile } from '../apiserver/latency.ts';
import { defaultLatency, instantLatency } from '../apiserver/latency.ts';
import { bindRequest, createRequest, deleteRequest, patchRequest } from '../apiserver/requests.ts';
import { podWith } from '../apiserver/pod-object.ts';
import type { Node, Pod } from '../api/core-v1.ts';
import { Engine } from '../engine/engine.ts';
import { MILLISECOND, MINUTE, SECOND } from '../engine/time.ts';
import { EventPhase } from '../record/event-phases.ts';
import type { KubeEvent, SchedulingAttempt } from '../record/facts.ts';
import { Recorder } from '../record/recorder.ts';
import { decodedAs } from '../testing/decode.ts';
import { namespaceFrom, nodeFrom, podFrom, testRegistry } from '../testing/scheduler-fixture.ts';
import { nodeSha256 } from '../testing/sha256.ts';
import { readSchedulerConfiguration } from './configuration.ts';
import { defaultCycleCost, Scheduler } from './scheduler.ts';
import type { CycleCost } from './scheduler.ts';

const free: CycleCost = { constant: 0, perNode: 0 };

interface WorldOptions {
  readonly latency?: LatencyProfile;
  readonly cycleCost?: CycleCost | undefined;
  readonly config?: unknown;
}

class World {
  readonly engine = new Engine({ seed: 'scheduler', createHash: nodeSha256 });
  readonly recorder = new Recorder();
  readonly server: ApiServer;
  readonly scheduler: Scheduler;
  readonly attempts: (SchedulingAttempt & { readonly at: number })[] = [];
  readonly events: KubeEvent[] = [];
  readonly hops: string[] = [];
  private readonly actions: (() => void)[] = [];
  private readonly act = this.engine.register({
    name: 'user',
    phase: EventPhase.input,
    handle: (at) => this.actions[at]!(),
  });

  constructor(nodes: readonly Node[], pods: readonly Pod[], options: WorldOptions = {}) {
    const { engine, recorder } = this;
    this.server = new ApiServer({ engine, recorder, latency: options.latency ?? instantLatency, admission: [] });
    for (const node of nodes) this.server.install('Node', node);
    for (const pod of pods) this.server.install('Pod', pod);
    recorder.observe({
      schedulingAttempt: (attempt) => this.attempts.push({ ...attempt, at: engine.now }),
      kubeEvent: (event) => this.events.push(event),
      podHop: (_uid, hop, time) => this.hops.push(`${hop}@${time}`),
    });
    const registry = testRegistry();
    const { configuration, problems } = readSchedulerConfiguration(options.config, registry);
    expect(problems).toEqual([]);
    const cycleCost = 'cycleCost' in options ? options.cycleCost : free;
    this.scheduler = new Scheduler({
      server: this.server,
      configuration,
      registry,
      tieBreak: 'lowest-name',
      cycleCost,
    });
    expect(this.scheduler.problems).toEqual([]);
    this.scheduler.start();
  }

  at(time: number, action: () => void): this {
    this.engine.at(time, this.act, this.actions.push(action) - 1);
    return this;
  }

  create(pod: Pod): void {
    this.server.execute(createRequest('Pod', pod));
  }

  run(until: number): this {
    this.engine.run({ until });
    return this;
  }

  nodeOf(name: string): string {
    return this.server.state.get('Pod', 'default', name)!.spec.nodeName;
  }
}

function node(name: string, parts: object = {}): Node {
  return nodeFrom({ metadata: { name }, status: { allocatable: { cpu: '2', memory: '4Gi', pods: '10' } }, ...parts });
}

function pod(name: string, cpu = '500m', spec: object = {}): Pod {
  const containers = [{ name: 'c', image: 'app:1', resources: { requests: { cpu } } }];
  return podFrom({ metadata: { name, namespace: 'default' }, spec: { containers, ...spec } }, 0);
}

describe('the scheduler component', () => {
  it('binds pods that are there when time starts, and pods that come later, at once where nothing takes time', () => {
    const world = new World([node('n1'), node('n2')], [pod('early')]);
    world.at(5 * SECOND, () => world.create(pod('late'))).run(10 * SECOND);
    // LeastAllocated spreads: the second pod goes where the first is not.
    expect([world.nodeOf('early'), world.nodeOf('late')]).toEqual(['n1', 'n2']);
    expect(world.attempts.map(({ at, attempt, result }) => [at, attempt, result])).toEqual([
      [0, 1, 'scheduled'],
      [5 * SECOND, 1, 'scheduled'],
    ]);
    expect(world.hops).toEqual([
      'seen_by_scheduler@0',
      'bound@0',
      `seen_by_scheduler@${5 * SECOND}`,
      `bound@${5 * SECOND}`,
    ]);
    expect(world.events.map(({ reason, message }) => `${reason}: ${message}`)[0]).toBe(
      'Scheduled: Successfully assigned default/early to n1',
    );
    expect(world.scheduler.counts()).toEqual({ active: 0, backoff: 0, unschedulable: 0, gated: 0, inFlight: 0 });
  });

  it('keeps a pod that fits nowhere, says why, and tries again when a node comes', () => {
    const world = new World([node('n1')], [pod('big', '3')]);
    const wider = node('n2', { status: { allocatable: { cpu: '4', pods: '9' } } });
    world.at(60 * SECOND, () => world.server.install('Node', wider)).run(30 * SECOND);
    const message =
      '0/1 nodes are available: 1 Insufficient cpu. ' +
      'preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.';
    expect(world.server.state.get('Pod', 'default', 'big')!.status.schedulingMessage).toBe(message);
    expect(world.scheduler.counts().unschedulable).toBe(1);
    expect(world.events[0]).toMatchObject({ type: 'Warning', reason: 'FailedScheduling', message });
    world.run(61 * SECOND);
    expect(world.nodeOf('big')).toBe('n2');
    expect(world.attempts.map(({ at, attempt }) => [at, attempt])).toEqual([
      [0, 1],
      [60 * SECOND, 2],
    ]);
  });

  it('gives the room of a deleted pod to one that waits', () => {
    const world = new World([node('n1')], [pod('first', '2'), pod('second', '2')]);
    const removal = deleteRequest('Pod', 'default', 'first', { gracePeriodSeconds: 0 });
    world.at(20 * SECOND, () => world.server.execute(removal)).run(21 * SECOND);
    expect(world.nodeOf('second')).toBe('n1');
  });

  it.each([
    [undefined, 20],
    // As upstream, a hint looks up no namespace: such a pod waits until the queue is flushed.
    [{ matchLabels: { env: 'prod' } }, 330],
  ])('keeps pods apart, and lets one in when its rival goes (namespaces %j: at %i s)', (namespaceSelector, seconds) => {
    const term = { topologyKey: 'host', labelSelector: { matchLabels: { app: 'web' } }, namespaceSelector };
    const affinity = { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } };
    const spec = { containers: [{ name: 'c', image: 'app:1' }], affinity };
    const web = (name: string): Pod =>
      podFrom({ metadata: { name, namespace: 'default', labels: { app: 'web' } }, spec }, 0);
    const nodes = ['n1', 'n2'].map((name) => node(name, { metadata: { name, labels: { host: name } } }));
    const world = new World(nodes, ['a', 'b', 'c'].map(web));
    world.server.install('Namespace', namespaceFrom({ metadata: { name: 'default', labels: { env: 'prod' } } }));
    const removal = deleteRequest('Pod', 'default', 'b', { gracePeriodSeconds: 0 });
    world.at(20 * SECOND, () => world.server.execute(removal)).run(10 * SECOND);
    expect(['a', 'b', 'c'].map((name) => world.nodeOf(name))).toEqual(['n1', 'n2', '']);
    const message =
      "0/2 nodes are available: 2 node(s) didn't match pod anti-affinity rules. " +
      'preemption: 0/2 nodes are available: 2 No preemption victims found for incoming pod.';
    expect(world.server.state.get('Pod', 'default', 'c')!.status.schedulingMessage).toBe(message);
    world.run(400 * SECOND);
    expect(world.nodeOf('c')).toBe('n2');
    expect(world.attempts.at(-1)!.at).toBe(seconds * SECOND);
  });

  it('forgets a waiting pod that somebody else binds', () => {
    const world = new World([node('n1')], [pod('big', '3')]);
    const uid = (): number => world.server.state.get('Pod', 'default', 'big')!.metadata.uid;
    const bindIt = (): unknown =>
      world.server.execute(bindRequest(podFrom({ metadata: { name: 'big', namespace: 'default' } }, uid()), 'n1'));
    world.at(10 * SECOND, bindIt).run(9 * SECOND);
    expect(world.scheduler.counts().unschedulable).toBe(1);
    world.run(10 * MINUTE);
    expect(world.scheduler.counts().unschedulable).toBe(0);
    expect(world.attempts).toHaveLength(1);
  });

  it('leaves a gated pod alone until its gates are gone', () => {
    const gated = pod('gated', '1', { schedulingGates: [{ name: 'wait' }] });
    const ungate = (current: Pod): Pod => podWith(current, { spec: { ...current.spec, schedulingGates: [] } });
    const world = new World([node('n1')], [gated]);
    world.at(3 * SECOND, () => world.server.execute(patchRequest('Pod', 'default', 'gated', ungate))).run(2 * SECOND);
    expect(world.scheduler.counts().gated).toBe(1);
    expect(world.events).toEqual([]);
    world.run(4 * SECOND);
    expect(world.nodeOf('gated')).toBe('n1');
  });

  it('looks again at an unschedulable pod after five minutes, at the next 30-second mark', () => {
    const world = new World([node('n1')], []);
    world.at(10 * SECOND, () => world.create(pod('big', '3'))).run(11 * MINUTE);
    // Failed at 10 s: more than 300 s have passed at 330 s; then 330 + 300 = 630 s is not yet *more*, so 660 s.
    expect(world.attempts.map(({ at }) => at)).toEqual([10 * SECOND, 330 * SECOND, 660 * SECOND]);
  });

  it('takes virtual time per pod, so that its own throughput can be the bottleneck', () => {
    const pods = Array.from({ length: 4 }, (_, at) => pod(`p${at}`, '100m'));
    const world = new World([node('n1'), node('n2')], pods, { cycleCost: { constant: 1000, perNode: 10 } });
    world.run(SECOND);
    // 1000 us + 2 nodes x 10 us for each, one after another.
    expect(world.attempts.map(({ at, durationUs }) => [at, durationUs])).toEqual([
      [1020, 1020],
      [2040, 1020],
      [3060, 1020],
      [4080, 1020],
    ]);
  });

  it('costs by default what the real one needs in its own benchmark', () => {
    const world = new World([node('n1')], [pod('p')], { cycleCost: undefined }).run(SECOND);
    expect(world.attempts[0]!.at).toBe(Math.round(defaultCycleCost.constant + defaultCycleCost.perNode));
  });

  it('keeps to 50 bindings a second once its burst of 100 is used up', () => {
    const big = node('n1', { status: { allocatable: { cpu: '900', memory: '1Ti', pods: '900' } } });
    const pods = Array.from({ length: 200 }, (_, at) => pod(`p${at}`, '100m'));
    const world = new World([big], pods, { latency: defaultLatency, cycleCost: free }).run(10 * SECOND);
    const times = world.attempts.map(({ at }) => at);
    expect(times).toHaveLength(200);
    // 100 at once, the other 100 at 20 ms each; the way of a request adds some milliseconds.
    expect(times[99]).toBeLessThan(100 * MILLISECOND);
    expect(times[199]).toBeGreaterThan(1980 * MILLISECOND);
    expect(times[199]).toBeLessThan(2100 * MILLISECOND);
  });

  it('serves only pods that name one of its profiles', () => {
    const world = new World([node('n1')], [pod('own'), pod('other', '1', { schedulerName: 'somebody' })]).run(SECOND);
    expect([world.nodeOf('own'), world.nodeOf('other')]).toEqual(['n1', '']);
  });

  it('spreads the pods of a Service once its watch has seen it', () => {
    const labels = { app: 'web' };
    const web = (name: string): Pod => podFrom({ ...pod(name), metadata: { name, namespace: 'default', labels } }, 0);
    const hosts = ['n1', 'n2'].map((name, at) =>
      nodeFrom({
        metadata: { name, labels: { 'kubernetes.io/hostname': name } },
        status: { allocatable: { cpu: `${32 - 24 * at}`, memory: '64Gi', pods: '10' } },
      }),
    );
    const service = decodedAs('Service', {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'web' },
      spec: { selector: labels, ports: [{ port: 80 }] },
    });
    const world = new World(hosts, []);
    for (const name of ['a', 'b']) world.at(SECOND, () => world.create(web(name)));
    world.at(MINUTE, () => world.server.execute(createRequest('Service', service)));
    for (const name of ['c', 'd']) world.at(2 * MINUTE, () => world.create(web(name)));
    world.run(3 * MINUTE);
    // The greater node is always the emptier one.
    expect(['a', 'b', 'c', 'd'].map((name) => world.nodeOf(name))).toEqual(['n1', 'n1', 'n2', 'n2']);
  });

  it('refuses pods with resource claims by name', () => {
    const resourceClaims = [{ name: 'gpu' }];
    const world = new World([node('n1')], [pod('db', '1', { resourceClaims })]).run(SECOND);
    expect(world.nodeOf('db')).toBe('');
    expect(world.events[0]!.message).toBe(
      '0/1 nodes are available: resource claims are not modelled by this version of the simulator. ' +
        'preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.',
    );
  });

  it('tries a refused binding again after back-off', () => {
    const world = new World([node('n1')], []);
    world.at(SECOND, () => {
      world.create(pod('p'));
      world.server.condition.available = false;
    });
    // Four tries within a few hundred milliseconds fail, then the pod is in back-off until 1 s is over.
    world.at(2 * SECOND, () => (world.server.condition.available = true)).run(20 * SECOND);
    expect(world.attempts.map(({ result }) => result)).toEqual(['error', 'scheduled']);
    expect(world.nodeOf('p')).toBe('n1');
  });

  it('takes the same decisions, and says so in its fingerprint, whenever the seed is the same', () => {
    const decisions = (cpu: string): string => {
      const pods = Array.from({ length: 20 }, (_, at) => pod(`p${at}`, at === 7 ? cpu : '300m'));
      const nodes = Array.from({ length: 5 }, (_, at) => node(`n${at}`));
      return new World(nodes, pods).run(SECOND).engine.fingerprint('decisions').digestHex();
    };
    expect(decisions('300m')).toBe(decisions('300m'));
    expect(decisions('300m')).not.toBe(decisions('1900m'));
  });
});
