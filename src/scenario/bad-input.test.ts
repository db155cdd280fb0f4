// Every mistake that a user can make in a file gives one message: code, place, what is expected, what may have been meant.
import { describe, expect, test } from 'vitest';
import type { FileTable } from '../testing/load-from-memory.ts';
import type { MemoryEntry } from '../testing/memory-files.ts';
import { deploymentText, loadFiles, loadSpec, messagesOf, scenarioText } from '../testing/load-from-memory.ts';
import { fileSizeMax } from './file-reader.ts';

const pool =
  'cluster:\n  nodePools:\n    - { name: general, count: 4, zones: [a, b], capacity: { cpu: 4, memory: 8Gi } }\n';

/** The sign » stands before the place that the message must point at, in the scenario or in one of the files. */
interface Case {
  readonly name: string;
  readonly spec: string;
  readonly files?: Readonly<Record<string, string | Exclude<MemoryEntry, string>>>;
  readonly says: string;
  readonly suggests?: string;
}

/** The files without the mark, and where it stood: `web.yaml:3:7`. */
function withoutMark(files: FileTable): { readonly files: FileTable; readonly place: string } {
  let place = '';
  const plain = Object.entries(files).map(([name, entry]) => {
    if (typeof entry !== 'string' || !entry.includes('»')) return [name, entry] as const;
    const before = entry.slice(0, entry.indexOf('»')).split('\n');
    place = `${name}:${before.length}:${before.at(-1)!.length + 1}`;
    return [name, entry.replace('»', '')] as const;
  });
  return { files: Object.fromEntries(plain), place };
}

const cases: readonly Case[] = [
  {
    name: 'an unknown key',
    spec: '»fautls: []\n',
    says: 'E014: spec.fautls: unknown field "fautls"; did you mean "faults"?',
    suggests: 'faults',
  },
  {
    name: 'a misspelt argument of a fault',
    spec: `${pool}faults:\n  - nodeCrash: { at: 5m, »durration: 3m }\n`,
    says: 'E014: spec.faults[0].nodeCrash.durration: unknown field "durration"; did you mean "duration"?',
    suggests: 'duration',
  },
  {
    name: 'a fault of no length',
    spec: `${pool}faults:\n  - nodeCrash: { at: 5m, duration: »0s }\n`,
    says: 'E017: spec.faults[0].nodeCrash.duration: "0s" is not more than zero',
  },
  {
    name: 'an exit code of more than a byte',
    spec: `${pool}faults:\n  - containerCrash: { at: 5m, selector: {}, exitCode: »300 }\n`,
    says: 'E017: spec.faults[0].containerCrash.exitCode: the number 300 is not a whole number from 0 to 255',
  },
  {
    name: 'a fault of a container that no pod has',
    spec: `${pool}workload:\n  - manifests: [web.yaml]\nfaults:\n  - containerHang: { at: 5m, selector: { matchLabels: { app: web } }, container: »mian, duration: 1m }\n`,
    files: { 'web.yaml': deploymentText('web') },
    says: 'E028: spec.faults[0].containerHang.container: there is no container "mian"; did you mean "main"?',
    suggests: 'main',
  },
  {
    name: 'a misspelt fault',
    spec: 'faults:\n  - »nodeCrush: { at: 5m }\n',
    says: 'E014: spec.faults[0].nodeCrush: unknown field "nodeCrush"; did you mean "nodeCrash"?',
    suggests: 'nodeCrash',
  },
  {
    name: 'a number without a unit',
    spec: 'outputs: { step: »5 }\n',
    says: 'E020: spec.outputs.step: the number 5 has no unit; durations are written 250ms, 10s, 1m30s, 2h, 30d',
    suggests: '5s',
  },
  {
    name: 'an unknown unit of time',
    spec: 'outputs: { step: »5 min }\n',
    says: 'E020: spec.outputs.step: "5 min" is not a duration; did you mean "5m"?',
    suggests: '5m',
  },
  {
    name: 'a negative duration',
    spec: 'outputs: { step: »-5s }\n',
    says: 'E020: spec.outputs.step: "-5s" is negative; a duration is not',
  },
  {
    name: 'a wrong unit of memory',
    spec: pool.replace('8Gi', '»8GB'),
    says: 'E021: spec.cluster.nodePools[0].capacity.memory: "8GB" is not a quantity; Kubernetes writes 8G (10^9) or 8Gi (2^30)',
    suggests: '8G (10^9) or 8Gi (2^30)',
  },
  {
    name: 'a selector that is a text',
    spec: 'behaviors:\n  - { selector: »"app=web" }\n',
    says: 'E023: spec.behaviors[0].selector: a selector is a map; write { matchLabels: { ... } } for "app=web"',
  },
  {
    name: 'a selector of pods that is a text',
    spec: 'faults:\n  - containerCrash: { at: 1m, selector: »"app=web" }\n',
    says: 'E023: spec.faults[0].containerCrash.selector: a selector is a map; write { matchLabels: { ... } } for "app=web"',
  },
  {
    name: 'a selector whose operator lacks values',
    spec: 'behaviors:\n  - selector: { matchExpressions: [»{ key: app, operator: In }] }\n',
    says: 'E023: spec.behaviors[0].selector.matchExpressions[0]: In needs values',
  },
  {
    name: 'an unknown operator of a selector',
    spec: 'behaviors:\n  - selector: { matchExpressions: [{ key: app, operator: »Exist }] }\n',
    says: 'E015: spec.behaviors[0].selector.matchExpressions[0].operator: "Exist" is none of the choices; did you mean "Exists"?',
    suggests: 'Exists',
  },
  {
    name: 'two node pools of one name',
    spec: `${pool}    - { name: »general, count: 1, capacity: { cpu: 1, memory: 1Gi } }\n`,
    says: 'E025: spec.cluster.nodePools[1].name: the node pool "general" is defined a second time; first at main.yaml:8:17',
  },
  {
    name: 'two pools whose nodes would have the same names',
    spec: 'cluster:\n  nodePools:\n    - { name: a-b, count: 1, zones: [c], capacity: { cpu: 1, memory: 1Gi } }\n    - { name: »a, count: 1, zones: [b-c], capacity: { cpu: 1, memory: 1Gi } }\n',
    says: 'E025: spec.cluster.nodePools[1].name: the node "a-b-c-1" is defined a second time; first at main.yaml:8:9',
  },
  {
    name: 'a manifest with a tab',
    spec: 'workload:\n  - manifests: [web.yaml]\n',
    files: { 'web.yaml': 'apiVersion: v1\nkind: Pod\nmetadata:\n»\tname: web\n' },
    says: 'E008: there is a tab in the indentation; YAML is indented with spaces',
  },
  {
    name: 'a missing file, with the name that is near',
    spec: 'workload:\n  - manifests: [»apps/wep.yaml]\n',
    files: { 'apps/web.yaml': deploymentText('web') },
    says: 'E001: spec.workload[0].manifests[0]: there is no file "apps/wep.yaml"; did you mean "apps/web.yaml"?',
    suggests: 'apps/web.yaml',
  },
  {
    name: 'a missing folder, with the name that is near',
    spec: 'workload:\n  - manifests: [»app/*.yaml]\n',
    files: { 'apps/web.yaml': deploymentText('web') },
    says: 'E036: spec.workload[0].manifests[0]: no file matches "app/*.yaml"; did you mean "apps/*.yaml"?',
    suggests: 'apps/*.yaml',
  },
  {
    name: 'a pattern with the other ending',
    spec: 'workload:\n  - manifests: [»"*.yml"]\n',
    says: 'E036: spec.workload[0].manifests[0]: no file matches "*.yml"; did you mean "*.yaml"?',
    suggests: '*.yaml',
  },
  {
    name: 'a file beyond the limit',
    spec: 'workload:\n  - manifests: [»huge.yaml]\n',
    files: { 'huge.yaml': { sizeBytes: 100 * 1024 * 1024 } },
    says: 'E003: spec.workload[0].manifests[0]: "huge.yaml" has 100 MiB; at most 16 MiB are read',
  },
  {
    name: 'a folder that contains itself',
    spec: 'workload:\n  - manifests: [»apps]\n',
    files: { 'apps/web.yaml': deploymentText('web'), 'apps/again': { link: '.' } },
    says: 'E004: spec.workload[0].manifests[0]: "apps/again" leads back to a folder that contains it',
  },
  {
    name: 'a path outside of the scenario folder',
    spec: 'workload:\n  - manifests: [»../secret.yaml]\n',
    files: { '/secret.yaml': deploymentText('web') },
    says: 'E002: spec.workload[0].manifests[0]: "../secret.yaml" lies outside the scenario\'s folder "/s"; copy it there, or pass --allow-outside',
  },
  {
    name: 'an impossible distribution',
    spec: 'registry: { latency: { uniform: »{ min: 3s, max: 1s } } }\n',
    says: 'E022: spec.registry.latency.uniform: impossible distribution: min 3s is above max 1s',
  },
  {
    name: 'weights that sum to zero',
    spec: 'registry: { latency: { empirical: »{ values: [1s, 2s], weights: [0, 0] } } }\n',
    says: 'E022: spec.registry.latency.empirical: impossible distribution: the weights sum to zero',
  },
  {
    name: 'a misspelt distribution',
    spec: 'registry: { latency: { »exponental: { mean: 3s } } }\n',
    says: 'E014: spec.registry.latency.exponental: unknown field "exponental"; did you mean "exponential"?',
    suggests: 'exponential',
  },
  {
    name: 'a distribution with a mean of zero',
    spec: 'registry: { latency: { exponential: { mean: »0s } } }\n',
    says: 'E017: spec.registry.latency.exponential.mean: "0s" is not more than zero',
  },
  {
    name: 'a node that is not there',
    spec: `${pool}faults:\n  - nodeCrash: { at: 5m, node: »general-a-7 }\n`,
    says: 'E028: spec.faults[0].nodeCrash.node: there is no node "general-a-7"; did you mean "general-a-1"?',
    suggests: 'general-a-1',
  },
  {
    name: 'a zone that is not there',
    spec: `${pool}faults:\n  - zoneOutage: { at: 5m, zone: »c }\n`,
    says: 'E028: spec.faults[0].zoneOutage.zone: there is no zone "c"; known: a, b',
  },
  {
    name: 'contradictory arguments of a fault',
    spec: `${pool}faults:\n  - »nodeCrash: { at: 5m, interval: 1h }\n`,
    says: 'E027: spec.faults[0].nodeCrash: needs exactly one of "at", "interval", "preset" and "trace"',
  },
  {
    name: 'two faults in one entry',
    spec: `${pool}faults:\n  - »nodeCrash: { at: 5m }\n    registryOutage: { at: 5m }\n`,
    says: 'E016: spec.faults[0]: expected exactly one of apiServerLatency, apiServerOutage, clockSkew, componentDown, containerCrash, containerHang, diskFull, domainOutage, etcdLeaderLoss, kubeletStop, memoryPressure, nodeCrash, ... (21 in all); found nodeCrash and registryOutage',
  },
  {
    name: 'an unknown metric',
    spec: 'assert:\n  - { metric: »faults.detectd.max, lessThan: 1m }\n',
    says: 'E040: spec.assert[0].metric: there is no metric "faults.detectd.max"; did you mean "faults.detected.max"?',
    suggests: 'faults.detected.max',
  },
  {
    name: 'a bound without a unit for a time',
    spec: 'assert:\n  - { metric: faults.detected.max, lessThan: »60 }\n',
    says: 'E041: spec.assert[0].lessThan: "faults.detected.max" is a time; compare it with a duration such as 6m',
  },
  {
    name: 'a bound with a unit for a count',
    spec: 'assert:\n  - { metric: workloads.below.desired, between: [0, »5m] }\n',
    says: 'E041: spec.assert[0].between[1]: "workloads.below.desired" is not a time; compare it with a plain number',
  },
  {
    name: 'bounds in the wrong order',
    spec: 'assert:\n  - { metric: faults.detected.max, between: »[2m, 1m] }\n',
    says: 'E027: spec.assert[0].between: the first bound of "between" is above the second',
  },
  {
    name: 'an unknown controller',
    spec: 'controllers: { disable: [»node-livecycle-controller] }\n',
    says: 'E028: spec.controllers.disable[0]: there is no controller "node-livecycle-controller"; did you mean "node-lifecycle-controller"?',
    suggests: 'node-lifecycle-controller',
  },
  {
    name: 'a Kubernetes version without quotes',
    spec: 'kubernetesVersion: »1.37\n',
    says: 'E012: spec.kubernetesVersion: expected text, found the number 1.37; write it in quotes',
    suggests: '"1.37"',
  },
  {
    name: 'a name that YAML reads as a truth value',
    spec: 'cluster: { nodePools: [{ name: »n, count: 1, capacity: { cpu: 1, memory: 1Gi } }] }\n',
    says: 'E012: spec.cluster.nodePools[0].name: expected text, found false, as YAML reads n, no, off and false; write it in quotes',
  },
  {
    name: 'a Kubernetes version that is not known',
    spec: 'kubernetesVersion: »"1.36"\n',
    says: 'E032: spec.kubernetesVersion: Kubernetes 1.36 is not known; did you mean "1.37"?',
    suggests: '1.37',
  },
  {
    name: 'an object that is defined twice',
    spec: 'workload:\n  - manifests: ["*-web.yaml"]\n',
    files: {
      'a-web.yaml': deploymentText('web'),
      'b-web.yaml': '»' + deploymentText('web').replace('replicas: 2', 'replicas: 3'),
    },
    says: 'E026: Deployment default/web is defined a second time; first at a-web.yaml:1:1',
  },
  {
    name: 'a manifest that the API server would refuse',
    spec: 'workload:\n  - manifests: [web.yaml]\n',
    files: { 'web.yaml': deploymentText('web').replace('replicas: 2', 'replicas: »-1') },
    says: 'E029: Deployment default/web: spec.replicas: Invalid value: -1: must be greater than or equal to 0',
  },
  {
    name: 'another selector, applied later',
    spec: 'workload:\n  - manifests: [web.yaml]\nactions:\n  - { at: 5m, apply: [later.yaml] }\n',
    files: {
      'web.yaml': deploymentText('web'),
      'later.yaml': deploymentText('web').replaceAll('app: web', 'app: other').replace('selector: {', 'selector: »{'),
    },
    says: 'E029: Deployment default/web: spec.selector: Invalid value: {"matchLabels":{"app":"other"}}: field is immutable',
  },
  {
    name: 'a kind under another version',
    spec: 'workload:\n  - manifests: [web.yaml]\n',
    files: { 'web.yaml': deploymentText('web').replace('apiVersion: apps/v1', '»apiVersion: extensions/v1beta1') },
    says: 'E030: Deployment default/web: no matches for kind "Deployment" in version "extensions/v1beta1": did you mean apps/v1 Deployment?',
  },
  {
    name: 'a Node among the manifests of users',
    spec: 'workload:\n  - manifests: [node.yaml]\n',
    files: { 'node.yaml': '»apiVersion: v1\nkind: Node\nmetadata: { name: n1 }\n' },
    says: 'E027: a Node is there from the start: list its file in spec.cluster.manifests',
  },
  {
    name: 'an action on a workload that is not there',
    spec: 'workload:\n  - manifests: [web.yaml]\nactions:\n  - { at: 1m, scale: { name: »wep, replicas: 3 } }\n',
    files: { 'web.yaml': deploymentText('web') },
    says: 'E028: spec.actions[0].scale.name: there is no Deployment in the namespace "default" called "wep"; did you mean "web"?',
    suggests: 'web',
  },
  {
    name: 'a container that is not there',
    spec: 'workload:\n  - manifests: [web.yaml]\nactions:\n  - { at: 1m, setImage: { name: web, container: »mian, image: "x:2" } }\n',
    files: { 'web.yaml': deploymentText('web') },
    says: 'E028: spec.actions[0].setImage.container: there is no container "mian"; did you mean "main"?',
    suggests: 'main',
  },
  {
    name: 'a grace period that is no whole second',
    spec: `${pool}actions:\n  - { at: 1m, drain: { node: general-a-1, gracePeriod: »1500ms } }\n`,
    says: 'E017: spec.actions[0].drain.gracePeriod: "1500ms" is not a whole number of seconds',
  },
  {
    name: 'a generator of another kind',
    spec: 'workload:\n  - generator: { arrivals: { count: 1 }, template: web.yaml }\n',
    files: { 'web.yaml': deploymentText('web').replace('kind: Deployment', 'kind: »Deployment') },
    says: 'E031: a generator of the kind Deployment is not supported; its template is a Pod or a Job',
  },
  {
    name: 'an inline template with a mistake',
    spec: 'workload:\n  - generator:\n      arrivals: { count: 1 }\n      name: batch\n      template: { apiVersion: v1, kind: Pod, spec: { containers: [{ name: »A, image: x }] } }\n',
    says: `E029: Pod batch: spec.containers[0].name: Invalid value: "A": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')`,
  },
  {
    name: 'a trace without its pods',
    spec: 'workload:\n  - »trace: { format: alibaba-openb, nodes: nodes.csv }\n',
    says: 'E011: spec.workload[0].trace: the field "pods" is missing',
  },
  {
    name: 'a preset of failures that no study gave',
    spec: `${pool}faults:\n  - nodeCrash: { preset: »lanl05-weibul }\n`,
    says: 'E028: spec.faults[0].nodeCrash.preset: there is no preset "lanl05-weibul"; did you mean "lanl05-weibull"?',
    suggests: 'lanl05-weibull',
  },
  {
    name: 'a rack that is not there',
    spec: `${pool}faults:\n  - »domainOutage: { at: 5m, key: topology.kubernetes.io/zone, value: c }\n`,
    says: 'E027: spec.faults[0].domainOutage: no node has the label "topology.kubernetes.io/zone=c"; values: a, b',
  },
  {
    name: 'a component that elects no leader',
    spec: `${pool}faults:\n  - componentDown: { at: 5m, duration: 1m, component: »kube-sheduler }\n`,
    says: 'E015: spec.faults[0].componentDown.component: "kube-sheduler" is none of the choices; did you mean "kube-scheduler"?',
    suggests: 'kube-scheduler',
  },
  {
    name: 'a mode that Chaos Mesh does not have',
    spec: `${pool}faults:\n  - nodeCrash: { at: 5m, mode: »fixed-percnt, value: 50 }\n`,
    says: 'E015: spec.faults[0].nodeCrash.mode: "fixed-percnt" is none of the choices; did you mean "fixed-percent"?',
    suggests: 'fixed-percent',
  },
  {
    name: 'two names of one selector',
    spec: `${pool}faults:\n  - oomKill: { at: 5m, selector: »{ matchLabels: { a: b }, labelSelectors: { a: b } } }\n`,
    says: 'E023: spec.faults[0].oomKill.selector: matchLabels and labelSelectors are the same; write one of them',
  },
  {
    name: 'a trace of faults that is not there',
    spec: `${pool}faults:\n  - nodeCrash: { trace: »failures.csv }\n`,
    says: 'E001: spec.faults[0].nodeCrash.trace: there is no file "failures.csv"; did you mean "failure.csv"?',
    files: { 'failure.csv': 'start,end,target\n' },
    suggests: 'failure.csv',
  },
  {
    name: 'a trace of faults without a header',
    spec: `${pool}faults:\n  - nodeCrash: { trace: »failures.csv }\n`,
    files: { 'failures.csv': '10,20,general-a-1\n' },
    says: 'E048: spec.faults[0].nodeCrash.trace: "failures.csv" has no header start,end,target',
  },
  {
    name: 'a trace of faults with a time that is none',
    spec: `${pool}faults:\n  - nodeCrash: { trace: failures.csv }\n`,
    files: { 'failures.csv': '# measured in May\nstart,end,target\n10,»soon,general-a-1\n' },
    says: 'E048: spec.faults[0].nodeCrash.trace: "soon" is no time: write 10m, or seconds',
  },
  {
    name: 'a trace of faults that ends before it starts',
    spec: `${pool}faults:\n  - nodeCrash: { trace: failures.csv }\n`,
    files: { 'failures.csv': 'start,end,target\n10,»10,general-a-1\n' },
    says: 'E048: spec.faults[0].nodeCrash.trace: the end "10" is not after the start',
  },
  {
    name: 'a trace of faults with too few cells',
    spec: `${pool}faults:\n  - nodeCrash: { trace: failures.csv }\n`,
    files: { 'failures.csv': 'start,end,target\n»10,20\n' },
    says: 'E048: spec.faults[0].nodeCrash.trace: the line has fewer cells than the header',
  },
  {
    name: 'a trace of faults that hits what does not exist',
    spec: `${pool}faults:\n  - nodeCrash: { trace: failures.csv }\n`,
    files: { 'failures.csv': 'target,start,end\n»general-a-3,10,20\n' },
    says: 'E028: spec.faults[0].nodeCrash.trace: there is no target "general-a-3"; did you mean "general-a-1"?',
    suggests: 'general-a-1',
  },
  {
    name: 'a trace of faults that overlaps itself',
    spec: `${pool}faults:\n  - nodeCrash: { trace: failures.csv }\n`,
    files: { 'failures.csv': 'start,end,target\n5m,6m,»general-a-1\n10,301,general-a-1\n' },
    says: 'E047: spec.faults[0].nodeCrash.trace: "general-a-1" is hit here while the span of line 3 is not over',
  },
  {
    name: 'critical pods with more time than a shutdown has',
    spec: 'kubelet: { shutdownGracePeriod: 10s, shutdownGracePeriodCriticalPods: »20s }\n',
    says: 'E027: spec.kubelet.shutdownGracePeriodCriticalPods: "shutdownGracePeriodCriticalPods" must be at most "shutdownGracePeriod"',
  },
  {
    name: 'the time of a shutdown said twice',
    spec: 'kubelet: { shutdownGracePeriod: 10s, shutdownGracePeriodByPodPriority: »[{ priority: 0, shutdownGracePeriodSeconds: 5 }] }\n',
    says: 'E027: spec.kubelet.shutdownGracePeriodByPodPriority: cannot specify both "shutdownGracePeriodByPodPriority" and "shutdownGracePeriod" at the same time',
  },
  {
    name: 'a threshold of more than everything',
    spec: 'kubelet: { evictionHard: { nodefs.available: »110% } }\n',
    says: 'E017: spec.kubelet.evictionHard["nodefs.available"]: "110%" is not a percentage between 0% and 100%',
  },
  {
    name: 'more allocatable than capacity',
    spec: pool.replace('memory: 8Gi }', 'memory: 8Gi }, allocatable: { cpu: »5 }'),
    says: 'E027: spec.cluster.nodePools[0].allocatable.cpu: 5 cpu allocatable of a capacity of 4',
  },
];

describe('a scenario with a mistake', () => {
  test.each(cases)('$name', ({ spec, files, says, suggests }) => {
    const marked = withoutMark({ 'main.yaml': scenarioText(spec), ...files });
    const loaded = loadFiles(marked.files);
    expect(messagesOf(loaded)).toEqual([`${marked.place} error ${says}`]);
    expect(loaded.errors[0]?.suggestion).toBe(suggests);
    expect(loaded.scenario).toBeUndefined();
  });
});

describe('a file that is no scenario', () => {
  const main = (text: string): readonly string[] => messagesOf(loadFiles({ 'main.yaml': text }));

  test('is not there', () => {
    expect(messagesOf(loadFiles({ 'mian.yaml': scenarioText() }))).toEqual([
      'main.yaml:1:1 error E001: there is no file "main.yaml"; did you mean "mian.yaml"?',
    ]);
  });

  test('is a manifest', () => {
    expect(main(deploymentText('web'))).toEqual([
      'main.yaml:1:13 error E010: apiVersion: apiVersion is "apps/v1"; a scenario has apiVersion: orrery.dev/v1alpha1',
    ]);
  });

  test('is empty', () => {
    expect(main('# nothing\n')).toEqual([
      'main.yaml:1:1 error E010: the file is empty; a scenario begins with apiVersion: orrery.dev/v1alpha1',
    ]);
  });

  test('has two documents', () => {
    expect(main(`${scenarioText()}---\nkind: Pod\n`)).toEqual([
      'main.yaml:7:1 error E010: a scenario is one document; a second one begins here',
    ]);
  });

  test('has a key twice', () => {
    expect(main(`${scenarioText()}  horizon: 2h\n`)).toEqual([
      'main.yaml:6:3 error E007: the key "horizon" stands here a second time',
    ]);
  });

  test('lacks a field', () => {
    expect(main(scenarioText().replace('  horizon: 1h', '  seed: 1'))).toEqual([
      'main.yaml:4:1 error E011: spec: the field "horizon" is missing',
    ]);
  });

  test('is not UTF-8', () => {
    const files = { 'main.yaml': new Uint8Array([0xff, 0xfe, 0x61, 0x00]) };
    expect(messagesOf(loadFiles(files))).toEqual([
      'main.yaml:1:1 error E005: "main.yaml" cannot be read: it is not UTF-8 text',
    ]);
  });

  test('cannot be read', () => {
    expect(messagesOf(loadFiles({ 'main.yaml': { reason: 'permission denied' } }))).toEqual([
      'main.yaml:1:1 error E005: "main.yaml" cannot be read: permission denied',
    ]);
  });

  test('is one byte larger than allowed', () => {
    const codesOf = (sizeBytes: number): readonly string[] =>
      loadFiles({ 'main.yaml': { sizeBytes } }).errors.map(({ code }) => code);
    expect(codesOf(fileSizeMax + 1)).toEqual(['E003']);
    // The memory has no contents for it, but it was asked for them.
    expect(codesOf(fileSizeMax)).toEqual(['E005']);
  });
});

test('an octal number is pointed out, and read as Kubernetes reads it', () => {
  const loaded = loadSpec('limits: { pods: 010 }\n');
  expect(messagesOf(loaded)).toEqual(['main.yaml:6:19 warning W004: 010 is octal in YAML 1.1 and means 8']);
  expect(loaded.scenario?.limits.pods).toBe(8);
});

test('an entry that is to be a map with one key and is none is told in plain words', () => {
  expect(messagesOf(loadSpec('faults: [nodeCrash]\n'))).toEqual([
    'main.yaml:6:12 error E012: spec.faults[0]: expected a map with one key, found "nodeCrash"',
  ]);
});
