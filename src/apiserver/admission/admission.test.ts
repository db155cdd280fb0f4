import { describe, expect, test } from 'vitest';
import type { LimitRange, LimitRangeItem, Pod, PodSpec, ResourceList } from '../../api/core-v1.ts';
import { metadataWith, newObjectMeta } from '../../api/meta-v1.ts';
import type { PersistentVolumeClaim } from '../../api/persistent-volumes.ts';
import type { PriorityClass } from '../../api/scheduling-v1.ts';
import { makeApi, makeCustom, makeDeployment, makeNamespace } from '../../testing/api-harness.ts';
import type { ApiHarness } from '../../testing/api-harness.ts';
import type { Amounts } from '../../testing/builders.ts';
import { makeContainer, makeNode, makePod } from '../../testing/builders.ts';
import { decodedAs } from '../../testing/decode.ts';
import { podWith } from '../pod-object.ts';
import type { ApiResponse } from '../requests.ts';
import { createRequest, deleteRequest, patchRequest } from '../requests.ts';
import { admissionPlugins } from './registry.ts';

const create = ({ server }: ApiHarness, pod: Pod): ApiResponse<Pod> => server.execute(createRequest('Pod', pod));
const said = ({ code, message }: ApiResponse): string => `${code} ${message}`.trim();

test('the chain stands in the order of upstream', () => {
  expect(admissionPlugins().map(({ name }) => name)).toEqual([
    'NamespaceLifecycle',
    'LimitRanger',
    'TaintNodesByCondition',
    'Priority',
    'DefaultTolerationSeconds',
    'DefaultStorageClass',
    'StorageObjectInUseProtection',
    'PersistentVolumeClaimResize',
    'RuntimeClass',
  ]);
});

test('pods of one template share one spec after admission too', () => {
  const api = makeApi();
  api.server.install('PriorityClass', priorityClass('gold', 100, true));
  api.server.install('LimitRange', limitRange({ default: new Map([['cpu', 500]]) }));
  const template = makePod('template');
  const specs = ['a', 'b'].map(
    (name) => create(api, podWith(template, { metadata: metadataWith(template.metadata, { name }) })).object!.spec,
  );
  expect(specs[0]).toBe(specs[1]);
  expect(specs[0]).toMatchObject({
    priority: 100,
    tolerations: [{ tolerationSeconds: 300 }, { tolerationSeconds: 300 }],
  });
  expect(specs[0]!.containers[0]!.resources.limits.get('cpu')).toBe(500);
});

describe('NamespaceLifecycle', () => {
  test('what is created needs a namespace', () => {
    const api = makeApi();
    const lost = makePod('a', { metadata: { namespace: 'lost' } });
    expect(said(create(api, lost))).toBe('NotFound namespaces "lost" not found');
    expect(api.server.execute(createRequest('Node', makeNode('n1'))).code).toBe('Created');
    expect(api.server.execute(createRequest('Custom', makeCustom('v1', 'ClusterRole', 'r', ''))).code).toBe('Created');
  });

  test('one that is not being deleted', () => {
    const api = makeApi();
    api.server.install('Namespace', makeNamespace('ending', 'Terminating'));
    const inEnding = { ...makeDeployment('web').metadata, namespace: 'ending' };
    const problem = 'is forbidden: unable to create new content in namespace ending because it is being terminated';
    expect(
      said(api.server.execute(createRequest('Deployment', { ...makeDeployment('web'), metadata: inEnding }))),
    ).toBe(`Forbidden deployments.apps "web" ${problem}`);
    expect(said(api.server.execute(createRequest('Custom', makeCustom('v1', 'ConfigMap', 'c', 'ending'))))).toBe(
      `Forbidden configmaps "c" ${problem}`,
    );
  });

  test('a generated name is shown as it was asked for', () => {
    const api = makeApi();
    api.server.install('Namespace', makeNamespace('ending', 'Terminating'));
    const raw = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { generateName: 'c-', namespace: 'ending' } };
    expect(api.server.execute(createRequest('Custom', decodedAs('Custom', raw))).message).toBe(
      'configmaps "c-" is forbidden: unable to create new content in namespace ending because it is being terminated',
    );
  });

  test('this refusal comes before all others', () => {
    const unknown = makePod('a', { metadata: { namespace: 'lost' }, spec: { priorityClassName: 'none' } });
    expect(said(create(makeApi(), unknown))).toBe('NotFound namespaces "lost" not found');
  });

  test('the namespaces of the system are not deleted, others are', () => {
    const api = makeApi();
    expect(said(api.server.execute(deleteRequest('Namespace', '', 'default')))).toBe(
      'Forbidden namespaces "default" is forbidden: this namespace may not be deleted',
    );
    expect(api.server.execute(deleteRequest('Namespace', '', 'shop')).code).toBe('OK');
  });
});

function priorityClass(
  name: string,
  value: number,
  globalDefault = false,
  preemptionPolicy: PriorityClass['preemptionPolicy'] = 'PreemptLowerPriority',
): PriorityClass {
  const metadata = newObjectMeta({ name });
  return {
    apiVersion: 'scheduling.k8s.io/v1',
    kind: 'PriorityClass',
    metadata,
    value,
    globalDefault,
    preemptionPolicy,
  };
}

describe('Priority', () => {
  const admitted = (spec: Partial<PodSpec>, classes: readonly PriorityClass[] = []): ApiResponse<Pod> => {
    const api = makeApi();
    for (const each of classes) api.server.install('PriorityClass', each);
    return create(api, makePod('a', { spec }));
  };
  const priorityOf = ({ object }: ApiResponse<Pod>): unknown => {
    const { priorityClassName, priority, preemptionPolicy } = object!.spec;
    return [priorityClassName, priority, preemptionPolicy];
  };

  test('a class gives its value and its policy', () => {
    const gold = priorityClass('gold', 100, false, 'Never');
    expect(priorityOf(admitted({ priorityClassName: 'gold' }, [gold]))).toEqual(['gold', 100, 'Never']);
  });

  test('the classes of the system are known without being stored', () => {
    const of = (name: string): unknown => priorityOf(admitted({ priorityClassName: name }));
    expect(of('system-node-critical')).toEqual(['system-node-critical', 2_000_001_000, 'PreemptLowerPriority']);
    expect(of('system-cluster-critical')).toEqual(['system-cluster-critical', 2_000_000_000, 'PreemptLowerPriority']);
  });

  test('without a class the lowest global default holds, else 0', () => {
    const classes = [priorityClass('high', 100, true), priorityClass('low', -5, true), priorityClass('lower', -9)];
    expect(priorityOf(admitted({}, classes))).toEqual(['low', -5, 'PreemptLowerPriority']);
    expect(priorityOf(admitted({}))).toEqual(['', 0, 'PreemptLowerPriority']);
  });

  test('an unknown class is refused', () => {
    expect(said(admitted({ priorityClassName: 'gold' }))).toBe(
      'Forbidden pods "a" is forbidden: no PriorityClass with name gold was found',
    );
  });

  test('a number of the pod that is not that of its class is refused, an equal one is not', () => {
    const gold = priorityClass('gold', 100);
    expect(admitted({ priorityClassName: 'gold', priority: 100 }, [gold]).code).toBe('Created');
    expect(said(admitted({ priority: 5 }))).toBe(
      'Forbidden pods "a" is forbidden: the integer value of priority (5) must not be provided in pod spec; priority admission controller computed 0 from the given PriorityClass name',
    );
    expect(said(admitted({ priorityClassName: 'gold', preemptionPolicy: 'Never' }, [gold]))).toBe(
      'Forbidden pods "a" is forbidden: the string value of PreemptionPolicy (Never) must not be provided in pod spec; priority admission controller computed PreemptLowerPriority from the given PriorityClass name',
    );
  });

  test('a class that was replaced gives its new value, also to pods of a known template', () => {
    const api = makeApi();
    api.server.install('PriorityClass', priorityClass('gold', 100));
    const template = makePod('template', { spec: { priorityClassName: 'gold' } });
    const next = (name: string): number =>
      create(api, podWith(template, { metadata: metadataWith(template.metadata, { name }) })).object!.spec.priority;
    const before = next('a');
    api.server.execute(deleteRequest('PriorityClass', '', 'gold'));
    api.server.install('PriorityClass', priorityClass('gold', 200));
    expect([before, next('b')]).toEqual([100, 200]);
  });

  test('there is one global default', () => {
    const api = makeApi();
    const add = (each: PriorityClass): string => said(api.server.execute(createRequest('PriorityClass', each)));
    expect([add(priorityClass('a', 1, true)), add(priorityClass('b', 2))]).toEqual(['Created', 'Created']);
    expect(add(priorityClass('c', 3, true))).toBe(
      'Forbidden priorityclasses.scheduling.k8s.io "c" is forbidden: PriorityClass a is already marked as default. Only one default can exist',
    );
    const keep = (current: PriorityClass): PriorityClass => ({
      ...current,
      metadata: { ...current.metadata, labels: { x: 'y' } },
    });
    expect(api.server.execute(patchRequest('PriorityClass', '', 'a', keep)).code).toBe('OK');
  });
});

describe('DefaultTolerationSeconds', () => {
  const tolerations = (spec: Partial<PodSpec>): unknown =>
    create(makeApi(), makePod('a', { spec })).object!.spec.tolerations.map(
      ({ key, operator, effect, tolerationSeconds }) => `${key} ${operator} ${effect} ${tolerationSeconds}`,
    );
  const notReady = 'node.kubernetes.io/not-ready Exists NoExecute 300';
  const unreachable = 'node.kubernetes.io/unreachable Exists NoExecute 300';
  const toleration = { value: '', tolerationSeconds: undefined } as const;

  test('every pod bears a node that is not ready or unreachable for 300 s', () => {
    expect(tolerations({})).toEqual([notReady, unreachable]);
  });

  test('unless it says something about that taint', () => {
    const own = { ...toleration, key: 'node.kubernetes.io/unreachable', operator: 'Equal', effect: '' } as const;
    expect(tolerations({ tolerations: [own] })).toEqual(['node.kubernetes.io/unreachable Equal  undefined', notReady]);
    const all = { ...toleration, key: '', operator: 'Exists', effect: 'NoExecute' } as const;
    expect(tolerations({ tolerations: [all] })).toEqual([' Exists NoExecute undefined']);
  });

  test('about its eviction, that is', () => {
    const schedule = {
      ...toleration,
      key: 'node.kubernetes.io/not-ready',
      operator: 'Exists',
      effect: 'NoSchedule',
    } as const;
    expect(tolerations({ tolerations: [schedule] })).toHaveLength(3);
  });

  test('a bound pod that lacks them is given them at its next update, and stays whole', () => {
    const api = makeApi();
    api.server.install('Node', makeNode('n1'));
    const installed = api.server.install('Pod', makePod('a', { spec: { priority: 3 } }));
    api.server.execute({ ...patchRequest('Pod', 'default', 'a', (pod) => pod), verb: 'bind', nodeName: 'n1' });
    const label = (pod: Pod): Pod => podWith(pod, { metadata: metadataWith(pod.metadata, { labels: { x: 'y' } }) });
    const { spec } = api.server.execute(patchRequest('Pod', 'default', 'a', label)).object!;
    expect(spec.tolerations).toHaveLength(2);
    expect([spec.nodeName, spec.priority, spec.containers]).toEqual(['n1', 3, installed.spec.containers]);
  });
});

describe('TaintNodesByCondition', () => {
  const taintsOf = (node: ReturnType<typeof makeNode>): string[] =>
    makeApi()
      .server.execute(createRequest('Node', node))
      .object!.spec.taints.map(({ key, effect }) => `${key}:${effect}`);

  test('a new node waits for its first sign of life', () => {
    expect(taintsOf(makeNode('n1'))).toEqual(['node.kubernetes.io/not-ready:NoSchedule']);
  });

  test('the taint is not given twice, and its other effect does not count', () => {
    const taint = (effect: 'NoSchedule' | 'NoExecute') =>
      ({ key: 'node.kubernetes.io/not-ready', value: '', effect, timeAdded: undefined }) as const;
    expect(taintsOf(makeNode('n1', { spec: { taints: [taint('NoSchedule')] } }))).toHaveLength(1);
    expect(taintsOf(makeNode('n1', { spec: { taints: [taint('NoExecute')] } }))).toHaveLength(2);
  });
});

const empty: ResourceList = new Map();

function limitRange(...items: readonly Partial<LimitRangeItem>[]): LimitRange {
  const limits = items.map((item): LimitRangeItem => ({
    type: 'Container',
    max: empty,
    min: empty,
    default: empty,
    defaultRequest: empty,
    maxLimitRequestRatio: empty,
    ...item,
  }));
  const metadata = newObjectMeta({ name: 'l', namespace: 'default' });
  return { apiVersion: 'v1', kind: 'LimitRange', metadata, limits };
}

describe('LimitRanger', () => {
  const mi = 1024 * 1024;
  const container = (requests: Amounts, limits: Amounts = {}, name = 'c') =>
    makeContainer({
      name,
      resources: { requests: new Map(Object.entries(requests)), limits: new Map(Object.entries(limits)) },
    });

  function admitted(range: LimitRange, containers: readonly ReturnType<typeof container>[], namespace = 'default') {
    const api = makeApi();
    api.server.install('LimitRange', range);
    return create(api, makePod('a', { metadata: { namespace }, spec: { containers } }));
  }

  const amounts = (list: ResourceList): unknown => Object.fromEntries(list);

  test('gives what a container leaves out, resource by resource, and nothing in another namespace', () => {
    const range = limitRange({
      default: new Map([
        ['cpu', 500],
        ['memory', 256 * mi],
      ]),
      defaultRequest: new Map([
        ['cpu', 250],
        ['memory', 128 * mi],
      ]),
    });
    const { resources } = admitted(range, [container({ cpu: 100 })]).object!.spec.containers[0]!;
    expect(amounts(resources.requests)).toEqual({ cpu: 100, memory: 128 * mi });
    expect(amounts(resources.limits)).toEqual({ cpu: 500, memory: 256 * mi });
    const other = admitted(range, [container({ cpu: 100 })], 'shop').object!.spec.containers[0]!;
    expect(amounts(other.resources.limits)).toEqual({});
  });

  test('of several items the last that names a resource holds', () => {
    const range = limitRange({ default: new Map([['cpu', 1]]) }, { default: new Map([['cpu', 2]]) });
    expect(amounts(admitted(range, [container({})]).object!.spec.containers[0]!.resources.limits)).toEqual({ cpu: 2 });
  });

  const cpu = (amount: number): ResourceList => new Map([['cpu', amount]]);
  const memory = (amount: number): ResourceList => new Map([['memory', amount]]);
  const refusal = (range: LimitRange, ...containers: ReturnType<typeof container>[]): string => {
    const { code, message } = admitted(range, containers);
    if (code === 'Created') return '';
    expect(code).toBe('Forbidden');
    const prefix = 'pods "a" is forbidden: ';
    expect(message.startsWith(prefix)).toBe(true);
    return message.slice(prefix.length);
  };

  test('the recorded refusal: a limit above the maximum', () => {
    expect(refusal(limitRange({ max: cpu(1000) }), container({ cpu: 2000 }, { cpu: 2000 }))).toBe(
      'maximum cpu usage per Container is 1, but limit is 2',
    );
  });

  test.each<[Partial<LimitRangeItem>, ReturnType<typeof container>, string]>([
    [{ min: cpu(100) }, container({}), 'minimum cpu usage per Container is 100m.  No request is specified'],
    [{ min: cpu(100) }, container({ cpu: 50 }), 'minimum cpu usage per Container is 100m, but request is 50m'],
    [
      { min: memory(64 * mi) },
      container({ memory: 64 * mi }, { memory: mi }),
      'minimum memory usage per Container is 64Mi, but limit is 1Mi',
    ],
    [{ min: cpu(100) }, container({ cpu: 100 }), ''],
    [{ max: cpu(1500) }, container({ cpu: 1 }), 'maximum cpu usage per Container is 1500m.  No limit is specified'],
    [
      { max: cpu(500) },
      container({ cpu: 600 }, { cpu: 500 }),
      'maximum cpu usage per Container is 500m, but request is 600m',
    ],
    [{ max: cpu(500) }, container({ cpu: 500 }, { cpu: 500 }), ''],
    [
      { maxLimitRequestRatio: cpu(2000) },
      container({ cpu: 100 }, { cpu: 500 }),
      'cpu max limit to request ratio per Container is 2, but provided ratio is 5.000000',
    ],
    [
      { maxLimitRequestRatio: memory(2) },
      container({ memory: 3 }, { memory: 7 }),
      'memory max limit to request ratio per Container is 2, but provided ratio is 2.333333',
    ],
    [
      { maxLimitRequestRatio: cpu(2000) },
      container({}, { cpu: 5 }),
      'cpu max limit to request ratio per Container is 2, but no request is specified or request is 0',
    ],
    [
      { maxLimitRequestRatio: cpu(2000) },
      container({ cpu: 5 }),
      'cpu max limit to request ratio per Container is 2, but no limit is specified or limit is 0',
    ],
    [{ maxLimitRequestRatio: cpu(2000) }, container({ cpu: 5 }, { cpu: 10 }), ''],
  ])('%j of %j: %s', (item, one, expected) => {
    expect(refusal(limitRange(item), one)).toBe(expected);
  });

  test('the containers of a pod count together', () => {
    const range = limitRange({ type: 'Pod', max: cpu(1000) });
    const half = (name: string) => container({ cpu: 400 }, { cpu: 600 }, name);
    expect(refusal(range, half('b'))).toBe('');
    expect(refusal(range, half('b'), half('c'))).toBe('maximum cpu usage per Pod is 1, but limit is 1200m');
  });

  test('the largest init container counts where it needs more than all others', () => {
    const api = makeApi();
    api.server.install('LimitRange', limitRange({ type: 'Pod', max: cpu(1000) }));
    const spec = { containers: [container({}, { cpu: 500 })], initContainers: [container({}, { cpu: 2000 }, 'i')] };
    expect(create(api, makePod('a', { spec })).message).toContain('maximum cpu usage per Pod is 1, but limit is 2');
  });

  test('a default limit below the own request makes the pod invalid before anything else is looked at', () => {
    const range = limitRange({ default: memory(1024 * mi), max: memory(1024 * mi) });
    expect(said(admitted(range, [container({ memory: 2048 * mi })]))).toBe(
      'Invalid Pod "a" is invalid: spec.containers[0].resources.requests: Invalid value: "2Gi": ' +
        'must be less than or equal to memory limit of 1Gi',
    );
  });

  const storage = (gi: number): ResourceList => new Map([['storage', gi * 1024 * mi]]);
  const claimOf = (name: string, size: string): PersistentVolumeClaim =>
    decodedAs('PersistentVolumeClaim', {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name, namespace: 'default' },
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: size } } },
    });

  test('a claim asks for no less and no more storage than the range says', () => {
    const api = makeApi();
    const range = limitRange({ type: 'PersistentVolumeClaim', min: storage(2), max: storage(5) });
    api.server.install('LimitRange', range);
    const claimed = (size: string): string =>
      said(api.server.execute(createRequest('PersistentVolumeClaim', claimOf(`c${size.toLowerCase()}`, size))));
    const rule = 'usage per PersistentVolumeClaim is';
    expect(['1Gi', '9Gi'].map(claimed)).toEqual([
      `Forbidden persistentvolumeclaims "c1gi" is forbidden: minimum storage ${rule} 2Gi, but request is 1Gi`,
      `Forbidden persistentvolumeclaims "c9gi" is forbidden: maximum storage ${rule} 5Gi, but request is 9Gi`,
    ]);
  });

  test('a claim that grows stays within the range, one that goes is let go', () => {
    const api = makeApi();
    const growing = { provisioner: 'p', allowVolumeExpansion: true };
    const raw = { apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass', metadata: { name: 'grows' }, ...growing };
    api.server.install('StorageClass', decodedAs('StorageClass', raw));
    const claim = claimOf('c', '3Gi');
    const spec = { ...claim.spec, storageClassName: 'grows' };
    api.server.install('PersistentVolumeClaim', { ...claim, spec, status: { ...claim.status, phase: 'Bound' } });
    api.server.install('LimitRange', limitRange({ type: 'PersistentVolumeClaim', max: storage(5) }));
    const grown = (gi: number): string => {
      const change = ({ spec, ...rest }: PersistentVolumeClaim): PersistentVolumeClaim => ({
        ...rest,
        spec: { ...spec, requests: storage(gi) },
      });
      return said(api.server.execute(patchRequest('PersistentVolumeClaim', 'default', 'c', change)));
    };
    expect([grown(4), grown(7)]).toEqual(['OK', expect.stringContaining('but request is 7Gi')]);
    api.server.install('LimitRange', limitRange({ type: 'PersistentVolumeClaim', max: storage(1) }));
    expect(said(api.server.execute(deleteRequest('PersistentVolumeClaim', 'default', 'c')))).toBe('OK');
  });

  test('all problems are told at once', () => {
    const range = limitRange({ min: cpu(100), max: memory(mi) });
    expect(refusal(range, container({ cpu: 50 }))).toBe(
      '[minimum cpu usage per Container is 100m, but request is 50m, maximum memory usage per Container is 1Mi.  No limit is specified]',
    );
  });
});
