import { describe, expect, test } from 'vitest';
import type { Job, JobSpec } from '../api/batch-v1.ts';
import type { PodSpec, Service, Toleration } from '../api/core-v1.ts';
import type { Kind, KindMap } from '../api/kinds.ts';
import { newObjectMeta } from '../api/meta-v1.ts';
import type { PriorityClass } from '../api/scheduling-v1.ts';
import { decodedAs, rawWorkload } from '../testing/decode.ts';
import { makeDeployment, makeJob, makeTemplate } from '../testing/api-harness.ts';
import { makeContainer, makeNode, makePod, makePodSpec } from '../testing/builders.ts';
import { bindSpec, podWith, specWith } from './pod-object.ts';
import { refuseUpdate } from './validation.ts';

/** The message of a refused update, or an empty text. */
function refusal<K extends Kind>(kind: K, stored: KindMap[K], next: KindMap[K]): string {
  const response = refuseUpdate(kind, stored, next);
  if (response !== undefined) expect(response.code).toBe('Invalid');
  return response?.message ?? '';
}

const selector = { matchLabels: { app: 'x', a: 'b' }, matchExpressions: [] };

describe('workloads', () => {
  test('the selector of a Deployment is immutable, everything else is not', () => {
    const web = makeDeployment('web');
    expect(refusal('Deployment', web, makeDeployment('web', { selector }))).toBe(
      'Deployment.apps "web" is invalid: spec.selector: Invalid value: {"matchLabels":{"a":"b","app":"x"}}: field is immutable',
    );
    expect(
      refusal('Deployment', web, makeDeployment('web', { replicas: 9, template: makeTemplate({ app: 'web' }) })),
    ).toBe('');
  });

  test('so is that of a ReplicaSet', () => {
    const { metadata, spec } = makeDeployment('web');
    const set = {
      apiVersion: 'apps/v1',
      kind: 'ReplicaSet',
      metadata,
      spec,
      status: undefined,
    } as unknown as KindMap['ReplicaSet'];
    const expressions = { matchLabels: {}, matchExpressions: [{ key: 'a', operator: 'Exists', values: [] }] } as const;
    expect(refusal('ReplicaSet', set, { ...set, spec: { ...set.spec, selector: expressions } })).toBe(
      'ReplicaSet.apps "web" is invalid: spec.selector: Invalid value: {"matchExpressions":[{"key":"a","operator":"Exists","values":[]}]}: field is immutable',
    );
  });

  test('of a StatefulSet little may change, and the message says what', () => {
    const set = decodedAs('StatefulSet', rawWorkload('StatefulSet'));
    const changed = (parts: Partial<typeof set.spec>): string =>
      refusal('StatefulSet', set, { ...set, spec: { ...set.spec, ...parts } });
    expect(changed({ replicas: 3, minReadySeconds: 5, firstOrdinal: 1, template: makeTemplate({ app: 'web' }) })).toBe(
      '',
    );
    const message =
      'StatefulSet.apps "w" is invalid: spec: Forbidden: updates to statefulset spec for fields other than ' +
      "'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', " +
      "'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden";
    expect(changed({ selector })).toBe(message);
    expect(changed({ serviceName: 'other' })).toBe(message);
    expect(changed({ podManagementPolicy: 'Parallel' })).toBe(message);
    expect(changed({ volumeClaimTemplates: [{ name: 'd', labels: {}, annotations: {}, spec: {} }] })).toBe(message);
  });

  const once = makeJob('once', { selector: { matchLabels: { uid: '1' }, matchExpressions: [] } });
  const job = (parts: Partial<JobSpec>, stored: Job = once): string =>
    refusal('Job', stored, { ...stored, spec: { ...stored.spec, ...parts } });

  test('of a Job selector, template, completions and mode are immutable', () => {
    const prefix = 'Job.batch "once" is invalid: ';
    expect(job({ selector })).toMatch(`${prefix}spec.selector: Invalid value: `);
    expect(job({ template: makeTemplate({ app: 'y' }) })).toBe(
      `${prefix}spec.template: Invalid value: an object: field is immutable`,
    );
    expect(job({ completions: 3 })).toBe(`${prefix}spec.completions: Invalid value: 3: field is immutable`);
    expect(job({ completions: undefined, completionMode: 'Indexed' })).toBe(
      `${prefix}spec.completionMode: Invalid value: "Indexed": field is immutable`,
    );
    expect(job({ completions: 3, template: makeTemplate({}) })).toBe(
      `${prefix}[spec.completions: Invalid value: 3: field is immutable, spec.template: Invalid value: an object: field is immutable]`,
    );
  });

  test('of a Job its policies, its limit per index and who manages it are immutable too', () => {
    const of = (field: string, shown: string): string =>
      `Job.batch "once" is invalid: spec.${field}: Invalid value: ${shown}: field is immutable`;
    expect(job({ podFailurePolicy: { rules: [] } })).toBe(of('podFailurePolicy', 'an object'));
    expect(job({ successPolicy: { rules: [] } })).toBe(of('successPolicy', 'an object'));
    expect(job({ backoffLimitPerIndex: 2 })).toBe(of('backoffLimitPerIndex', '2'));
    expect(job({ managedBy: 'example.com/x' })).toBe(of('managedBy', '"example.com/x"'));
  });

  test('of a Job parallelism, suspension, deadlines and an equal template may change', () => {
    const template = makeTemplate({ app: 'once' }, { restartPolicy: 'Never' });
    expect(job({ parallelism: 5, suspend: true, activeDeadlineSeconds: 9, backoffLimit: 1, template })).toBe('');
  });

  test('completions of an indexed Job go with its parallelism', () => {
    const indexed = makeJob('once', { completionMode: 'Indexed' });
    expect(job({ completions: 4, parallelism: 4 }, indexed)).toBe('');
    expect(job({ completions: 4, parallelism: 3 }, indexed)).toBe(
      'Job.batch "once" is invalid: spec.completions: Invalid value: 4: can only be modified in tandem with spec.parallelism',
    );
  });

  test('a suspended Job that has never started may be told where its pods go', () => {
    const waiting = makeJob('once', { suspend: true });
    const elsewhere = makeTemplate({ app: 'once' }, { restartPolicy: 'Never', nodeSelector: { disk: 'ssd' } });
    expect(job({ template: elsewhere }, waiting)).toBe('');
    expect(job({ template: makeTemplate({}, { restartPolicy: 'OnFailure' }) }, waiting)).toContain('spec.template');
    expect(job({ template: elsewhere }, { ...waiting, status: { ...waiting.status, startTime: 5 } })).toContain(
      'spec.template',
    );
  });
});

describe('pods', () => {
  const stored = makePod('a', { spec: { tolerations: [], activeDeadlineSeconds: 100 } });
  const update = (parts: Partial<PodSpec>, from: PodSpec = stored.spec): string => {
    const before = podWith(stored, { spec: from });
    return refusal('Pod', before, podWith(stored, { spec: specWith(from, parts) }));
  };
  const otherChange =
    'Pod "a" is invalid: spec: Forbidden: pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)';

  test('images may change, bound or not', () => {
    const containers = [makeContainer({ image: 'app:2' })];
    expect(update({ containers })).toBe('');
    expect(update({ containers }, bindSpec(stored.spec, 'n1'))).toBe('');
  });

  test.each<[string, Partial<PodSpec>]>([
    ['resources of a container', { containers: [makeContainer({ requests: { cpu: 5 } })] }],
    ['restart policy', { restartPolicy: 'Never' }],
    ['node selector', { nodeSelector: { a: 'b' } }],
    ['affinity', { affinity: { nodeAffinity: undefined, podAffinity: undefined, podAntiAffinity: undefined } }],
    ['priority', { priority: 5 }],
    ['grace', { terminationGracePeriodSeconds: 5 }],
    ['scheduler', { schedulerName: 'other' }],
    ['volumes', { volumes: [{ name: 'v', source: 'emptyDir', claimName: undefined, raw: {} }] }],
  ])('%s may not', (_what, parts) => {
    expect(update(parts)).toBe(otherChange);
    expect(update(parts, bindSpec(stored.spec, 'n1'))).toBe(otherChange);
  });

  test('the node may not', () => {
    const bound = podWith(stored, { spec: bindSpec(stored.spec, 'n1') });
    expect(refusal('Pod', bound, podWith(stored, { spec: bindSpec(stored.spec, 'n2') }))).toBe(otherChange);
  });

  test('an equal spec is no change', () => {
    expect(update({ ...makePodSpec({ activeDeadlineSeconds: 100 }) })).toBe('');
  });

  test('containers are neither added nor removed', () => {
    expect(update({ containers: [makeContainer(), makeContainer({ name: 'd' })] })).toBe(
      'Pod "a" is invalid: spec.containers: Forbidden: pod updates may not add or remove containers',
    );
    expect(update({ initContainers: [makeContainer({ name: 'i' })] })).toBe(
      'Pod "a" is invalid: spec.initContainers: Forbidden: pod updates may not add or remove containers',
    );
  });

  test('a deadline may come nearer, not further, and not go', () => {
    const prefix = 'Pod "a" is invalid: spec.activeDeadlineSeconds: Invalid value: ';
    expect(update({ activeDeadlineSeconds: 50 })).toBe('');
    expect(update({ activeDeadlineSeconds: 50 }, makePodSpec())).toBe('');
    expect(update({ activeDeadlineSeconds: 101 })).toBe(`${prefix}101: must be less than or equal to previous value`);
    expect(update({ activeDeadlineSeconds: undefined })).toBe(
      `${prefix}null: must not update from a positive integer to nil value`,
    );
  });

  test('tolerations are added, or given another time', () => {
    const one: Toleration = { key: 'a', operator: 'Exists', value: '', effect: 'NoExecute', tolerationSeconds: 10 };
    const spec = makePodSpec({ tolerations: [one] });
    expect(update({ tolerations: [one, { ...one, key: 'b' }] }, spec)).toBe('');
    expect(update({ tolerations: [{ ...one, tolerationSeconds: 5 }] }, spec)).toBe('');
    expect(update({ tolerations: [{ ...one, key: 'b' }] }, spec)).toBe(
      'Pod "a" is invalid: spec.tolerations: Forbidden: existing toleration can not be modified except its tolerationSeconds',
    );
  });

  test('scheduling gates are removed, not added; a gated pod may still be told where to go', () => {
    const gated = makePodSpec({ schedulingGates: ['g', 'h'] });
    expect(update({ schedulingGates: ['h'] }, gated)).toBe('');
    expect(update({ schedulingGates: ['g', 'h', 'i'] }, gated)).toBe(
      'Pod "a" is invalid: spec.schedulingGates: Forbidden: only deletion is allowed, but found new scheduling gate \'i\'',
    );
    expect(update({ nodeSelector: { a: 'b' } }, gated)).toBe('');
  });
});

describe('others', () => {
  test('the range and the provider of a node are set once', () => {
    const node = (podCIDR: string, providerID: string) => makeNode('n1', { spec: { podCIDR, providerID } });
    expect(refusal('Node', node('', ''), node('10.0.0.0/24', 'cloud://1'))).toBe('');
    expect(refusal('Node', node('10.0.0.0/24', ''), node('10.0.1.0/24', ''))).toBe(
      'Node "n1" is invalid: spec.podCIDRs: Forbidden: node updates may not change podCIDR except from "" to valid',
    );
    expect(refusal('Node', node('', 'cloud://1'), node('', 'cloud://2'))).toBe(
      'Node "n1" is invalid: spec.providerID: Forbidden: node updates may not change providerID except from "" to valid',
    );
  });

  test('the address of a Service stays', () => {
    const service = (clusterIP: string, type: Service['type'] = 'ClusterIP'): Service => ({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: newObjectMeta({ name: 'web', namespace: 'shop' }),
      selector: undefined,
      type,
      clusterIP,
      publishNotReadyAddresses: false,
      ports: [],
    });
    expect(refusal('Service', service('None'), service('10.0.0.1'))).toBe(
      'Service "web" is invalid: spec.clusterIPs[0]: Invalid value: ["10.0.0.1"]: may not change once set',
    );
    expect(refusal('Service', service(''), service('10.0.0.1'))).toBe('');
    expect(refusal('Service', service('10.0.0.1'), service('', 'ExternalName'))).toBe('');
  });

  test('the value and the policy of a PriorityClass stay', () => {
    const gold: PriorityClass = {
      apiVersion: 'scheduling.k8s.io/v1',
      kind: 'PriorityClass',
      metadata: newObjectMeta({ name: 'gold' }),
      value: 10,
      globalDefault: false,
      preemptionPolicy: 'Never',
    };
    expect(refusal('PriorityClass', gold, { ...gold, globalDefault: true })).toBe('');
    expect(refusal('PriorityClass', gold, { ...gold, value: 11, preemptionPolicy: 'PreemptLowerPriority' })).toBe(
      'PriorityClass.scheduling.k8s.io "gold" is invalid: [value: Forbidden: may not be changed in an update., preemptionPolicy: Invalid value: "PreemptLowerPriority": field is immutable]',
    );
  });
});
