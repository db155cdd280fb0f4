import { describe, expect, test } from 'vitest';
import type { Deployment } from '../api/apps-v1.ts';
import type { Pod } from '../api/core-v1.ts';
import { defaultLatency } from '../apiserver/latency.ts';
import { podWith, withMetadata } from '../apiserver/pod-object.ts';
import { patchRequest } from '../apiserver/requests.ts';
import { MILLISECOND, SECOND } from '../engine/time.ts';
import type { ApiHarness } from '../testing/api-harness.ts';
import { makeApi, makeCustom, makeDeployment, makeJob, makeNamespace, makeTemplate } from '../testing/api-harness.ts';
import { makeContainer, makeNode, makePod } from '../testing/builders.ts';
import type { ManifestObject } from './manifest-object.ts';
import type { TimedUserAction, UserActionSpec } from './user-action.ts';
import { Workload } from './workload.ts';
import { statusWith } from '../api/pod-status.ts';

const deployment = (object: Deployment): ManifestObject => ({ kind: 'Deployment', object });
const apply = (...objects: readonly ManifestObject[]): UserActionSpec => ({ verb: 'apply', objects });
const web = { kind: 'Deployment', namespace: 'shop', name: 'web' } as const;
const storedWeb = ({ server }: ApiHarness): Deployment => server.state.get('Deployment', 'shop', 'web')!;

/** Lets a user act, one action every 10 s from the start. */
function act(api: ApiHarness, actions: readonly UserActionSpec[], until = 1000 * SECOND): ApiHarness {
  const timed = actions.map((action, at): TimedUserAction => ({ at: at * 10 * SECOND, action }));
  new Workload(api.server, timed, { generators: [], trace: undefined }).start();
  api.engine.run({ until });
  return api;
}

/** Something that happens at a time. */
function at(api: ApiHarness, time: number, happen: () => void): void {
  const handler = api.engine.register({ name: `test/${time}`, phase: 0, handle: happen });
  api.engine.at(time, handler, 0);
}

const failures = ({ userActions }: ApiHarness): string[] =>
  userActions.map(({ message }) => message).filter((message) => message !== '');

describe('apply', () => {
  test('creates what is not there as written, but first what has no namespace', () => {
    const api = makeApi();
    const inFresh = { ...makeDeployment('web').metadata, namespace: 'fresh' };
    act(api, [
      apply(
        deployment({ ...makeDeployment('web'), metadata: inFresh }),
        { kind: 'Job', object: makeJob('once') },
        { kind: 'Namespace', object: makeNamespace('fresh') },
      ),
    ]);
    expect(api.userActions).toEqual([
      { verb: 'apply', target: 'Namespace fresh', startedAt: 0, message: '' },
      { verb: 'apply', target: 'Deployment fresh/web', startedAt: 0, message: '' },
      { verb: 'apply', target: 'Job shop/once', startedAt: 0, message: '' },
    ]);
    expect(api.server.state.get('Deployment', 'fresh', 'web')).toBeDefined();
  });

  test('without a change writes nothing', () => {
    const manifests = (): ManifestObject[] => [
      deployment(makeDeployment('web')),
      { kind: 'Job', object: makeJob('once') },
      { kind: 'Pod', object: makePod('bare') },
      { kind: 'Custom', object: makeCustom('v1', 'ConfigMap', 'settings') },
      { kind: 'Node', object: makeNode('n1'), specFields: new Set() },
    ];
    const api = makeApi();
    let writes = 0;
    api.recorder.observe({ committed: () => void writes++ });
    act(api, [apply(...manifests()), apply(...manifests())]);
    expect(failures(api)).toEqual([]);
    expect(api.userActions).toHaveLength(10);
    expect(writes).toBe(5);
  });

  test('changes the spec, keeps identity, status and what others wrote; an equal template stays the same object', () => {
    const api = makeApi();
    const annotate = (current: Deployment): Deployment =>
      withMetadata(current, { ...current.metadata, annotations: { 'deployment.kubernetes.io/revision': '1' } });
    let before: Deployment | undefined;
    at(api, 5 * SECOND, () => {
      api.server.execute(patchRequest('Deployment', 'shop', 'web', annotate));
      before = storedWeb(api);
    });
    act(api, [apply(deployment(makeDeployment('web'))), apply(deployment(makeDeployment('web', { replicas: 5 })))]);
    const after = storedWeb(api);
    expect(after.spec).toEqual({ ...before!.spec, replicas: 5 });
    expect(after.spec.template).toBe(before!.spec.template);
    expect(after.status).toBe(before!.status);
    const { generation, resourceVersion } = after.metadata;
    expect(after.metadata).toEqual({ ...before!.metadata, generation, resourceVersion });
    expect(generation).toBe(before!.metadata.generation + 1);
  });

  test('keeps replicas that no manifest states, and brings back the default of those that one stated', () => {
    const api = makeApi();
    const manifest = (replicas: number | undefined): ManifestObject => ({
      ...deployment(makeDeployment('web', { replicas: replicas ?? 1 })),
      specFields: new Set(['selector', 'template', ...(replicas === undefined ? [] : ['replicas'])]),
    });
    const scale: UserActionSpec = { verb: 'scale', target: web, replicas: 7 };
    const counts: number[] = [];
    for (let time = 5; time < 50; time += 10) at(api, time * SECOND, () => counts.push(storedWeb(api).spec.replicas));
    act(api, [apply(manifest(undefined)), scale, ...[undefined, 4, undefined].map((count) => apply(manifest(count)))]);
    expect(failures(api)).toEqual([]);
    expect(counts).toEqual([1, 7, 7, 4, 1]);
  });

  test('leaves a cordon and the taints of a node whose manifest says nothing of them', () => {
    const api = makeApi();
    const node: ManifestObject = { kind: 'Node', object: makeNode('n1'), specFields: new Set() };
    const open: ManifestObject = { ...node, specFields: new Set(['unschedulable']) };
    const cordoned: boolean[] = [];
    const note = () => void cordoned.push(api.server.state.get('Node', '', 'n1')!.spec.unschedulable);
    for (const seconds of [25, 35]) at(api, seconds * SECOND, note);
    act(api, [apply(node), { verb: 'cordon', nodeName: 'n1' }, apply(node), apply(open)]);
    expect(cordoned).toEqual([true, false]);
  });

  test('removes labels that the manifest no longer has, and those only', () => {
    const api = makeApi();
    const labelled = (labels: Record<string, string>): ManifestObject => {
      const object = makeDeployment('web');
      return deployment({ ...object, metadata: { ...object.metadata, labels } });
    };
    const label = (current: Deployment): Deployment =>
      withMetadata(current, { ...current.metadata, labels: { ...current.metadata.labels, other: 'kept' } });
    at(api, 5 * SECOND, () => void api.server.execute(patchRequest('Deployment', 'shop', 'web', label)));
    act(api, [apply(labelled({ a: '1', b: '1' })), apply(labelled({ b: '2' }))]);
    expect(storedWeb(api).metadata.labels).toEqual({ b: '2', other: 'kept' });
  });

  test('of an immutable field is refused with the text of the server', () => {
    const other = makeDeployment('web', {
      selector: { matchLabels: { app: 'x' }, matchExpressions: [] },
      template: makeTemplate({ app: 'x' }),
    });
    const api = act(makeApi(), [apply(deployment(makeDeployment('web'))), apply(deployment(other))]);
    expect(failures(api)).toEqual([
      'Deployment.apps "web" is invalid: spec.selector: Invalid value: {"matchLabels":{"app":"x"}}: field is immutable',
    ]);
  });

  test('changes the image of a running pod, and leaves what admission and binding added', () => {
    const api = makeApi();
    const manifest = (image: string): ManifestObject => ({
      kind: 'Pod',
      object: makePod('bare', { spec: { containers: [makeContainer({ image })] } }),
    });
    api.server.install('Node', makeNode('n1'));
    at(api, 5 * SECOND, () => {
      const bare = api.server.state.get('Pod', 'default', 'bare')!;
      api.server.execute({ ...patchRequest('Pod', 'default', 'bare', (pod) => pod), verb: 'bind', nodeName: 'n1' });
      expect(bare.spec.tolerations).toHaveLength(2);
    });
    act(api, [apply(manifest('app:1')), apply(manifest('app:2'))]);
    const { spec } = api.server.state.get('Pod', 'default', 'bare')!;
    expect(failures(api)).toEqual([]);
    expect(spec.containers[0]!.image).toBe('app:2');
    expect(spec.nodeName).toBe('n1');
    expect(spec.tolerations).toHaveLength(2);
  });

  test('of a missing namespace goes on with the other objects', () => {
    const lost = { ...makeDeployment('web').metadata, namespace: 'lost' };
    const api = act(makeApi(), [
      apply(deployment({ ...makeDeployment('web'), metadata: lost }), { kind: 'Job', object: makeJob('once') }),
    ]);
    expect(failures(api)).toEqual(['namespaces "lost" not found']);
    expect(api.server.state.get('Job', 'shop', 'once')).toBeDefined();
  });
});

describe('workloads', () => {
  const created = apply(deployment(makeDeployment('web')), { kind: 'Job', object: makeJob('once') });
  const once = { kind: 'Job', namespace: 'shop', name: 'once' } as const;

  test('scale sets the replicas, of a Job its parallelism', () => {
    const api = act(makeApi(), [
      created,
      { verb: 'scale', target: web, replicas: 7 },
      { verb: 'scale', target: once, replicas: 4 },
    ]);
    expect(failures(api)).toEqual([]);
    expect(storedWeb(api).spec.replicas).toBe(7);
    expect(api.server.state.get('Job', 'shop', 'once')!.spec.parallelism).toBe(4);
  });

  test('set image changes one container, or all main containers', () => {
    const containers = [makeContainer({ name: 'a', image: 'a:1' }), makeContainer({ name: 'b', image: 'b:1' })];
    const pair = makeDeployment('web', { template: makeTemplate({ app: 'web' }, { containers }) });
    const images = (api: ApiHarness): string[] =>
      storedWeb(api).spec.template.spec.containers.map(({ image }) => image);
    const one = act(makeApi(), [
      apply(deployment(pair)),
      { verb: 'setImage', target: web, container: 'b', image: 'b:2' },
    ]);
    expect(images(one)).toEqual(['a:1', 'b:2']);
    const all = act(makeApi(), [
      apply(deployment(pair)),
      { verb: 'setImage', target: web, container: undefined, image: 'c:1' },
    ]);
    expect(images(all)).toEqual(['c:1', 'c:1']);
    const none = act(makeApi(), [
      apply(deployment(pair)),
      { verb: 'setImage', target: web, container: 'x', image: 'c:1' },
    ]);
    expect(failures(none)).toEqual(['unable to find container named "x"']);
  });

  test('restart annotates the template, each time with another value', () => {
    const restart = { verb: 'restart', target: web } as const;
    const api = makeApi();
    const seen: unknown[] = [];
    for (const second of [15, 25]) {
      at(api, second * SECOND, () => seen.push(storedWeb(api).spec.template.annotations));
    }
    act(api, [created, restart, restart]);
    expect(seen).toEqual([
      { 'kubectl.kubernetes.io/restartedAt': '00:00:10' },
      { 'kubectl.kubernetes.io/restartedAt': '00:00:20' },
    ]);
  });

  test('what kubectl does not do is told in its words', () => {
    const paused = apply(deployment(makeDeployment('web', { paused: true })));
    const api = act(makeApi(), [
      paused,
      { verb: 'restart', target: web },
      { verb: 'restart', target: once },
      { verb: 'scale', target: { ...web, name: 'gone' }, replicas: 1 },
      { verb: 'setImage', target: { ...web, name: 'gone' }, container: undefined, image: 'x' },
    ]);
    expect(failures(api)).toEqual([
      `deployments.apps "web" can't restart paused deployment (run rollout resume first)`,
      'jobs.batch "once" restarting is not supported',
      'deployments.apps "gone" not found',
      'deployments.apps "gone" not found',
    ]);
  });

  test('delete removes an object, or says that it is not there', () => {
    const remove = {
      verb: 'delete',
      kind: 'Deployment',
      namespace: 'shop',
      name: 'web',
      gracePeriodSeconds: -1,
    } as const;
    const api = act(makeApi(), [created, remove, remove]);
    expect(failures(api)).toEqual(['deployments.apps "web" not found']);
    expect(api.userActions.slice(2)).toMatchObject([
      { verb: 'delete', target: 'Deployment shop/web', startedAt: 10 * SECOND, message: '' },
      { verb: 'delete', target: 'Deployment shop/web', startedAt: 20 * SECOND },
    ]);
  });

  test('delete of a running pod takes the grace that the user names', () => {
    const api = makeApi();
    api.server.install('Pod', makePod('bare', { spec: { nodeName: 'n1' } }));
    act(api, [{ verb: 'delete', kind: 'Pod', namespace: 'default', name: 'bare', gracePeriodSeconds: 5 }], 4 * SECOND);
    expect(api.server.state.get('Pod', 'default', 'bare')!.metadata).toMatchObject({
      deletionTimestamp: 5,
      deletionGracePeriodSeconds: 5,
    });
  });
});

describe('the order of actions', () => {
  test('an action waits for those before it, with latency too', () => {
    const api = makeApi({ latency: defaultLatency });
    const scale = (replicas: number): TimedUserAction => ({ at: 0, action: { verb: 'scale', target: web, replicas } });
    const actions = [{ at: 0, action: apply(deployment(makeDeployment('web'))) }, ...[4, 5, 6].map(scale)];
    new Workload(api.server, actions, { generators: [], trace: undefined }).start();
    api.engine.run({ until: SECOND });
    expect(failures(api)).toEqual([]);
    expect(storedWeb(api).spec.replicas).toBe(6);
    const starts = api.userActions.map(({ startedAt }) => startedAt);
    expect([...starts].sort((a, b) => a - b)).toEqual(starts);
    expect(starts[1]).toBeGreaterThan(MILLISECOND);
  });

  test('an action given later but due earlier comes first', () => {
    const api = makeApi();
    const actions: TimedUserAction[] = [
      { at: 2 * SECOND, action: { verb: 'scale', target: web, replicas: 9 } },
      { at: SECOND, action: apply(deployment(makeDeployment('web'))) },
    ];
    new Workload(api.server, actions, { generators: [], trace: undefined }).start();
    api.engine.run({ until: SECOND * 10 });
    expect(storedWeb(api).spec.replicas).toBe(9);
  });

  test('while the API server is away the user asks again every second', () => {
    const api = makeApi();
    api.server.condition.available = false;
    at(api, 2.5 * SECOND, () => void (api.server.condition.available = true));
    act(api, [apply(deployment(makeDeployment('web')))]);
    expect(api.userActions).toEqual([{ verb: 'apply', target: 'Deployment shop/web', startedAt: 0, message: '' }]);
    expect(storedWeb(api).metadata.creationTimestamp).toBe(3);
  });

  test('the same seed gives the same run', () => {
    const run = (): string => {
      const api = makeApi({ latency: defaultLatency });
      act(api, [apply(deployment(makeDeployment('web'))), { verb: 'restart', target: web }]);
      return JSON.stringify([...api.engine.digests(), api.userActions]);
    };
    expect(run()).toBe(run());
  });
});

describe('nodes', () => {
  const owner = (kind: string): Partial<Pod['metadata']> => ({
    ownerReferences: [{ apiVersion: 'apps/v1', kind, name: 'o', uid: 99, controller: true, blockOwnerDeletion: true }],
  });

  /** A node with a pod of each sort, and another node. */
  function withPods(): ApiHarness {
    const api = makeApi();
    const { server } = api;
    for (const name of ['n1', 'n2']) server.install('Node', makeNode(name));
    const spec = { nodeName: 'n1' };
    const mirror = { annotations: { 'kubernetes.io/config.mirror': 'hash' } };
    server.install('Pod', makePod('web', { spec, metadata: owner('ReplicaSet'), status: { phase: 'Running' } }));
    server.install('Pod', makePod('bare', { spec, status: { phase: 'Running' } }));
    server.install('Pod', makePod('agent', { spec, metadata: owner('DaemonSet'), status: { phase: 'Running' } }));
    server.install('Pod', makePod('static', { spec, metadata: mirror, status: { phase: 'Running' } }));
    server.install('Pod', makePod('done', { spec, metadata: owner('Job'), status: { phase: 'Succeeded' } }));
    server.install('Pod', makePod('elsewhere', { spec: { nodeName: 'n2' } }));
    return api;
  }

  const terminating = ({ server }: ApiHarness): string[] =>
    [...server.state.list('Pod')]
      .filter(({ metadata }) => metadata.deletionTimestamp !== undefined)
      .map(({ metadata }) => metadata.name);

  test('cordon and uncordon mark the node', () => {
    const api = withPods();
    const marks: boolean[] = [];
    at(api, 5 * SECOND, () => marks.push(api.server.state.get('Node', '', 'n1')!.spec.unschedulable));
    act(api, [
      { verb: 'cordon', nodeName: 'n1' },
      { verb: 'uncordon', nodeName: 'n1' },
      { verb: 'cordon', nodeName: 'n9' },
    ]);
    marks.push(api.server.state.get('Node', '', 'n1')!.spec.unschedulable);
    expect(marks).toEqual([true, false]);
    expect(failures(api)).toEqual(['nodes "n9" not found']);
  });

  test('drain cordons, then evicts all but DaemonSet, mirror and finished pods', () => {
    const drain = { verb: 'drain', nodeName: 'n1', gracePeriodSeconds: -1, timeout: undefined } as const;
    const api = act(withPods(), [drain]);
    expect(api.server.state.get('Node', '', 'n1')!.spec.unschedulable).toBe(true);
    expect(terminating(api)).toEqual(['web', 'bare']);
    expect(api.userActions).toEqual([{ verb: 'drain', target: 'Node n1', startedAt: 0, message: '' }]);
    const { status } = api.server.state.get('Pod', 'default', 'web')!;
    expect(status.otherConditions).toMatchObject([{ type: 'DisruptionTarget', reason: 'EvictionByEvictionAPI' }]);
  });

  /** A server whose evictions are refused until a time, as under a disruption budget; notes when they came. */
  function refusing(api: ApiHarness, until: number): number[] {
    const { server, engine } = api;
    const tries: number[] = [];
    const execute = server.execute.bind(server);
    server.execute = ((request) => {
      if (request.verb !== 'evict') return execute(request);
      tries.push(engine.now / SECOND);
      if (engine.now >= until) return execute(request);
      return { code: 'TooManyRequests', object: undefined, message: 'Cannot evict pod' };
    }) as typeof server.execute;
    return tries;
  }

  test('an eviction that a budget refuses is tried again every 5 s, and does not hold up what comes next', () => {
    const api = withPods();
    const tries = refusing(api, 12 * SECOND);
    const drain = { verb: 'drain', nodeName: 'n1', gracePeriodSeconds: 3, timeout: undefined } as const;
    act(api, [drain, { verb: 'cordon', nodeName: 'n2' }]);
    expect(tries).toEqual([0, 0, 5, 5, 10, 10, 15, 15]);
    expect(terminating(api)).toEqual(['web', 'bare']);
    expect(api.userActions.map(({ verb, message }) => [verb, message])).toEqual([
      ['cordon', ''],
      ['drain', ''],
    ]);
  });

  test('a drain gives up at its timeout and leaves the node cordoned', () => {
    const api = withPods();
    const tries = refusing(api, Infinity);
    act(api, [{ verb: 'drain', nodeName: 'n1', gracePeriodSeconds: -1, timeout: 12 * SECOND }]);
    expect(tries).toEqual([0, 0, 5, 5, 10, 10]);
    expect(failures(api)).toEqual(['drain did not complete within 12s']);
    expect(api.server.state.get('Node', '', 'n1')!.spec.unschedulable).toBe(true);
  });

  test('a pod that is gone, or another of its name, ends its part of the drain', () => {
    const api = withPods();
    const tries = refusing(api, Infinity);
    at(api, 2 * SECOND, () => {
      const { server } = api;
      for (const name of ['web', 'bare']) {
        server.execute({
          ...patchRequest('Pod', 'default', name, (pod) => pod),
          verb: 'delete',
          gracePeriodSeconds: 0,
        });
      }
      const pod = makePod('web', { spec: { nodeName: 'n2' } });
      server.install('Pod', podWith(pod, { status: statusWith(pod.status, { phase: 'Running' }) }));
    });
    act(api, [{ verb: 'drain', nodeName: 'n1', gracePeriodSeconds: -1, timeout: undefined }]);
    expect(tries).toEqual([0, 0]);
    expect(failures(api)).toEqual([]);
    expect(terminating(api)).toEqual([]);
  });

  test('a drain of an unknown node evicts nothing', () => {
    const api = act(withPods(), [{ verb: 'drain', nodeName: 'n9', gracePeriodSeconds: -1, timeout: undefined }]);
    expect(failures(api)).toEqual(['nodes "n9" not found']);
    expect(terminating(api)).toEqual([]);
  });
});
