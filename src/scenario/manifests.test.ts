// What is taken from manifests and dumps, and what is said about the rest.
import { describe, expect, test } from 'vitest';
import { deploymentText, loadSpec, messagesOf, soundScenario } from '../testing/load-from-memory.ts';
import { describeObject } from '../workload/manifest-object.ts';
import type { ManifestObject } from '../workload/manifest-object.ts';
import type { Scenario } from './scenario.ts';

const workload = 'workload:\n  - manifests: [all.yaml]\n';
const cluster = 'cluster:\n  manifests: [all.yaml]\n';

function appliedBy({ actions }: Scenario): readonly string[] {
  return actions.flatMap(({ action }) => (action.verb === 'apply' ? action.objects.map(describeObject) : []));
}

const named = (objects: readonly ManifestObject[]): readonly string[] => objects.map(describeObject);

const meta = (name: string, more = ''): string => `metadata: { name: ${name}, namespace: shop${more} }`;
const owner = (kind: string, name: string): string =>
  `, ownerReferences: [{ apiVersion: v1, kind: ${kind}, name: ${name}, uid: u, controller: true }]`;
const shop = 'apiVersion: v1\nkind: Namespace\nmetadata: { name: shop }\n';
const node = (name: string): string =>
  `apiVersion: v1\nkind: Node\nmetadata: { name: ${name}, labels: { topology.kubernetes.io/zone: a } }\nstatus: { capacity: { cpu: "4" } }\n`;
const pod = (name: string, nodeName: string, more = ''): string =>
  `apiVersion: v1\nkind: Pod\n${meta(name, more)}\nspec: { nodeName: ${nodeName}, containers: [{ name: c, image: i }] }\nstatus: { phase: Running, startTime: "2024-01-01T00:00:00Z" }\n`;
const documents = (...texts: readonly string[]): { 'all.yaml': string } => ({ 'all.yaml': texts.join('---\n') });

describe('manifests of users', () => {
  test('come in the order of the file, namespaces first', () => {
    const scenario = soundScenario(
      workload,
      documents(deploymentText('web', 'shop'), deploymentText('api', 'shop'), shop),
    );
    expect(appliedBy(scenario)).toEqual(['Namespace shop', 'Deployment shop/web', 'Deployment shop/api']);
  });

  test('a List, a typed list and JSON are read like documents of their own', () => {
    const list = {
      apiVersion: 'v1',
      kind: 'List',
      items: [{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'a' } }],
    };
    const typed = { apiVersion: 'v1', kind: 'NamespaceList', items: [{ metadata: { name: 'b' } }] };
    const scenario = soundScenario(workload, { 'all.yaml': `${JSON.stringify(list)}\n---\n${JSON.stringify(typed)}` });
    expect(appliedBy(scenario)).toEqual(['Namespace a', 'Namespace b']);
  });

  test('what controllers make is left out of a dump, and pods start without a status', () => {
    const loaded = loadSpec(
      workload,
      documents(
        shop,
        deploymentText('web', 'shop'),
        deploymentText('web-1', 'shop')
          .replace('kind: Deployment', 'kind: ReplicaSet')
          .replace('namespace: shop', `namespace: shop${owner('Deployment', 'web')}`),
        pod('web-1-a', 'n1', owner('ReplicaSet', 'web-1')),
        pod('web-1-b', 'n1', owner('ReplicaSet', 'web-1')),
        pod('bare', '""'),
        pod('going', '""', ', deletionTimestamp: "2024-01-01T00:00:00Z"'),
        `apiVersion: v1\nkind: Event\n${meta('e')}\n`,
      ),
    );
    expect(messagesOf(loaded)).toEqual(
      [
        "all.yaml:15:1 warning W008: 1 Deployment's object left out; the control plane makes its own",
        "all.yaml:26:1 warning W008: 2 ReplicaSet's objects left out; the control plane makes its own",
        'all.yaml:43:1 warning W008: 1 terminating object left out; the control plane makes its own',
        'all.yaml:49:1 warning W008: 1 Event left out; the control plane makes its own',
      ].map((text) => expect.stringContaining(text.slice(text.indexOf('warning')))),
    );
    expect(appliedBy(loaded.scenario!)).toEqual(['Namespace shop', 'Deployment shop/web', 'Pod shop/bare']);
    const [{ action }] = loaded.scenario!.actions as [Scenario['actions'][number]];
    expect(action.verb === 'apply' && action.objects[2]!.object).toMatchObject({
      status: { phase: 'Pending', startTime: -1 },
    });
  });

  test('an object may change at another time, and the same text twice is harmless', () => {
    const spec = `workload:\n  - manifests: [a.yaml, b.yaml]\n  - { manifests: [c.yaml], at: 5m }\nactions:\n  - { at: 10m, apply: [c.yaml] }\n`;
    const web = deploymentText('web');
    const scenario = soundScenario(spec, {
      'a.yaml': web,
      'b.yaml': `# again\n${web}`,
      'c.yaml': web.replace('replicas: 2', 'replicas: 5'),
    });
    expect(scenario.actions.map(({ at }) => at)).toEqual([0, 300_000_000, 600_000_000]);
    expect(appliedBy(scenario)).toEqual(Array(3).fill('Deployment default/web'));
  });

  test('namespaces that nobody creates are made at the start, with one warning', () => {
    const loaded = loadSpec(
      workload,
      documents(deploymentText('a', 'one'), deploymentText('b', 'two'), deploymentText('c', 'one')),
    );
    expect(messagesOf(loaded)).toEqual([
      'all.yaml:1:1 warning W003: no manifest creates the namespaces "one", "two"; created at the start',
    ]);
    expect(named(loaded.scenario!.cluster.objects)).toEqual(['Namespace one', 'Namespace two']);
  });

  test('a namespace that comes too late is made at the start as well', () => {
    const spec = 'workload:\n  - manifests: [web.yaml]\n  - { manifests: [shop.yaml], at: 1m }\n';
    const loaded = loadSpec(spec, { 'web.yaml': deploymentText('web', 'shop'), 'shop.yaml': shop });
    expect(loaded.warnings.map(({ code }) => code)).toEqual(['W003']);
  });

  test('a namespace that comes before its first object is not', () => {
    const spec = 'workload:\n  - { manifests: [shop.yaml], at: 1m }\n  - { manifests: [web.yaml], at: 2m }\n';
    const scenario = soundScenario(spec, { 'web.yaml': deploymentText('web', 'shop'), 'shop.yaml': shop });
    expect(scenario.cluster.objects).toEqual([]);
  });

  test('an autoscaler of an older version states its metric under the name of the stored one', () => {
    const text =
      `apiVersion: autoscaling/v1\nkind: HorizontalPodAutoscaler\n${meta('web')}\nspec:\n  maxReplicas: 3\n` +
      '  targetCPUUtilizationPercentage: 50\n  scaleTargetRef: { apiVersion: apps/v1, kind: Deployment, name: web }\n';
    const files = { 'all.yaml': [shop, text].join('---\n') };
    const applied = soundScenario('workload:\n  - { manifests: [all.yaml], at: 1m }\n', files).actions.flatMap(
      ({ action }) => (action.verb === 'apply' ? action.objects : []),
    );
    const [autoscaler] = applied.filter(({ kind }) => kind === 'HorizontalPodAutoscaler');
    expect([...autoscaler!.specFields!]).toEqual(['maxReplicas', 'metrics', 'scaleTargetRef']);
  });

  test('kinds without effect are told once, with their amounts', () => {
    const config = (name: string): string => `apiVersion: v1\nkind: ConfigMap\n${meta(name)}\n`;
    const secret = `apiVersion: v1\nkind: Secret\n${meta('a')}\n`;
    const loaded = loadSpec(workload, documents(shop, secret, config('a'), config('b')));
    expect(messagesOf(loaded)).toEqual([
      'all.yaml:5:1 warning W007: kinds not modelled, stored without effect: ConfigMap v1 (2), Secret v1 (1)',
    ]);
    expect([...loaded.inertKinds]).toEqual([
      ['Secret v1', 1],
      ['ConfigMap v1', 2],
    ]);
  });

  test('unknown fields are told once for many objects', () => {
    const web = (name: string): string => deploymentText(name).replace('image:', 'imagee: x, image:');
    const loaded = loadSpec(workload, documents(web('a'), web('b'), web('c')));
    expect(messagesOf(loaded)).toEqual([
      'all.yaml:10:34 warning W005: Deployment default/a: unknown field "spec.template.spec.containers[0].imagee" (did you mean "image"?), without effect (and 2 more times)',
    ]);
  });

  test('dynamic resource allocation is refused by name', () => {
    const text =
      'apiVersion: v1\nkind: Pod\nmetadata: { name: p }\nspec: { containers: [{ name: c, image: i }], resourceClaims: [{ name: gpu }] }\n';
    expect(messagesOf(loadSpec(workload, documents(text)))).toEqual([
      'all.yaml:4:46 error E031: Pod p: dynamic resource allocation (resourceClaims) is not supported',
    ]);
  });
});

describe('a dump of a cluster', () => {
  test('keeps nodes, bound pods and their owners, nodes first', () => {
    const scenario = soundScenario(
      cluster,
      documents(shop, pod('web-1-a', 'n1', owner('ReplicaSet', 'web-1')), node('n1'), deploymentText('web', 'shop')),
    );
    expect(named(scenario.cluster.objects)).toEqual([
      'Node n1',
      'Namespace shop',
      'Pod shop/web-1-a',
      'Deployment shop/web',
    ]);
    const bound = scenario.cluster.objects[2]!.object;
    expect(bound).toMatchObject({ spec: { nodeName: 'n1' }, status: { phase: 'Running' } });
  });

  test('leaves out pods whose node is not there', () => {
    const loaded = loadSpec(cluster, documents(shop, node('n1'), pod('a', 'n2'), pod('b', 'n3'), pod('c', 'n1')));
    expect(messagesOf(loaded)).toEqual([
      'all.yaml:10:1 warning W006: 2 pods run on a node that is not there (shop/a on n2); left out',
    ]);
    expect(named(loaded.scenario!.cluster.objects)).toEqual(['Node n1', 'Namespace shop', 'Pod shop/c']);
  });

  test('counts for faults: its nodes and zones are known', () => {
    const faults = 'faults:\n  - nodeCrash: { at: 1m, node: n1 }\n  - zoneOutage: { at: 1m, zone: a }\n';
    expect(soundScenario(cluster + faults, documents(node('n1'))).faults).toHaveLength(2);
  });

  test('a node of a pool cannot be defined again', () => {
    const pools = '  nodePools:\n    - { name: small, count: 1, capacity: { cpu: 1, memory: 1Gi } }\n';
    expect(messagesOf(loadSpec(cluster + pools, documents(node('small-1'))))).toEqual([
      'all.yaml:1:1 error E026: Node small-1 is defined a second time; first at main.yaml:9:9',
    ]);
  });

  test('of JSON beyond the fast limit still has places', () => {
    const objects = Array.from({ length: 3000 }, (_, at) => ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: `c${at}`, namespace: 'shop' },
      data: { text: 'x'.repeat(40) },
    }));
    const bad = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec: { containers: [] } };
    const text = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: [...objects, bad] }, undefined, 1);
    expect(text.length).toBeGreaterThan(256 * 1024);
    const loaded = loadSpec(cluster.replace('yaml', 'json'), { 'all.json': text });
    const line = text.slice(0, text.indexOf('"containers"')).split('\n').length;
    expect(loaded.errors).toMatchObject([{ code: 'E029', line, message: 'spec.containers: Required value' }]);
  });
});
