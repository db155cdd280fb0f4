import { expect, test } from 'vitest';
import { deploymentText, loadSpec, messagesOf } from '../../testing/load-from-memory.ts';

const workload = 'workload: [{ manifests: [all.yaml] }]\n';
const classText = (name: string, fields = 'value: 5'): string =>
  `apiVersion: scheduling.k8s.io/v1\nkind: PriorityClass\nmetadata: { name: ${name} }\n${fields}\n`;
const podText = (className: string): string =>
  `apiVersion: v1\nkind: Pod\nmetadata: { name: p, namespace: default }\nspec:\n  priorityClassName: ${className}\n` +
  '  containers: [{ name: c, image: app }]\n';
const found = (...texts: readonly string[]): readonly string[] =>
  messagesOf(loadSpec(workload, { 'all.yaml': texts.join('---\n') }));

test('a pod of a class that no manifest creates is refused in the words of the API server, where it names the class', () => {
  expect(found(podText('gone'))).toEqual([
    'all.yaml:5:22 error E029: Pod default/p: pods "p" is forbidden: no PriorityClass with name gone was found',
  ]);
});

test('a class may stand anywhere, and the two of the system need not', () => {
  expect(found(podText('late'), classText('late', 'value: -10'))).toEqual([]);
  expect(found(podText('system-node-critical'))).toEqual([]);
});

test('a workload is taken, and warned of: its pods will be refused', () => {
  const text = deploymentText('web', 'default', '      priorityClassName: gone\n');
  expect(found(text)).toEqual([
    expect.stringMatching(
      /^all\.yaml:\d+:\d+ warning W009: Deployment default\/web: pods "web-\.\.\." is forbidden: no PriorityClass with name gone was found$/,
    ),
  ]);
});

const runtimeClassText = (more = ''): string =>
  `apiVersion: node.k8s.io/v1\nkind: RuntimeClass\nmetadata: { name: vm }\nhandler: vm\n${more}`;
const podOf = (spec: string): string =>
  `apiVersion: v1\nkind: Pod\nmetadata: { name: p, namespace: default }\nspec:\n  containers: [{ name: c, image: app }]\n${spec}`;
const refused = 'all.yaml:6:%: Pod default/p: pods "p" is forbidden: pod rejected:';

test.each([
  ['  runtimeClassName: gone\n', `${refused.replace('%', '21 error E029')} RuntimeClass "gone" not found`],
  [
    '  overhead: { cpu: 100m }\n',
    `${refused.replace('%', '13 error E029')} Pod Overhead set without corresponding RuntimeClass defined Overhead`,
  ],
  [
    '  overhead: { cpu: 100m }\n  runtimeClassName: vm\n',
    `${refused.replace('%', '13 error E029')} Pod Overhead set without corresponding RuntimeClass defined Overhead`,
  ],
])('a pod with%sis refused where it says so', (spec, message) => {
  expect(found(podOf(spec), runtimeClassText())).toEqual([message]);
});

test('an overhead that its class defines is no mistake', () => {
  const vm = runtimeClassText('overhead: { podFixed: { cpu: 100m } }\n');
  expect(found(podOf('  overhead: { cpu: 100m }\n  runtimeClassName: vm\n'), vm)).toEqual([]);
});

test.each([
  ['apps/v1', 'StatefulSet', 'selector: { matchLabels: { app: w } }', ''],
  ['apps/v1', 'DaemonSet', 'selector: { matchLabels: { app: w } }', ''],
])('a %s %s is warned of, too', (apiVersion, kind, more) => {
  const text =
    `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: { name: w, namespace: default }\nspec:\n  ${more}\n` +
    '  template:\n    metadata: { labels: { app: w } }\n    spec:\n      runtimeClassName: gone\n' +
    '      containers: [{ name: c, image: app }]\n';
  expect(found(text)).toEqual([
    `all.yaml:9:25 warning W009: ${kind} default/w: pods "w-..." is forbidden: pod rejected: RuntimeClass "gone" not found`,
  ]);
});

test.each([
  [
    classText('high', 'value: 1000000001'),
    '4:8 error E029: PriorityClass high: value: Forbidden: maximum allowed value of a user defined priority is 1000000000',
  ],
  [
    classText('system-mine'),
    "3:19 error E029: PriorityClass system-mine: metadata.name: Forbidden: priority class names with 'system-' prefix are " +
      'reserved for system use only. error: system-mine is not a known system priority class',
  ],
  [
    classText('system-node-critical'),
    "3:19 error E029: PriorityClass system-node-critical: metadata.name: Forbidden: priority class names with 'system-' " +
      'prefix are reserved for system use only. error: value of system-node-critical PriorityClass must be 2000001000',
  ],
  [
    classText('p', 'value: -2147483649'),
    '4:8 error E029: PriorityClass p: value: Invalid value: -2147483649: must be greater than or equal to -2147483648',
  ],
  [
    classText('p', 'value: 1\npreemptionPolicy: Sometimes'),
    '5:19 error E029: PriorityClass p: preemptionPolicy: Unsupported value: "Sometimes": ' +
      'supported values: "PreemptLowerPriority", "Never"',
  ],
])('a PriorityClass that the API server refuses: %s', (text, message) => {
  expect(found(text)).toEqual([`all.yaml:${message}`]);
});

test('the classes of the system are taken from a dump as they are', () => {
  expect(found(classText('system-cluster-critical', 'value: 2000000000'))).toEqual([]);
});
