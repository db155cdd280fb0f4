import { expect, test } from 'vitest';
import { decodedAs } from '../../testing/decode.ts';
import { decodeObject } from './decode-object.ts';

const scaleTargetRef = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' };
const raw = (spec: object, version = 'v1', annotations: object = {}): object => ({
  apiVersion: `autoscaling/${version}`,
  kind: 'HorizontalPodAutoscaler',
  metadata: { name: 'web', annotations },
  spec: { scaleTargetRef, maxReplicas: 5, ...spec },
});
const cpu = (averageUtilization: number): object => ({
  metrics: [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization } } }],
});

test.each([
  [{ targetCPUUtilizationPercentage: 50 }, cpu(50)],
  [{ minReplicas: 2 }, { minReplicas: 2, ...cpu(80) }],
])('%j of v1 is %j of v2', (v1, v2) => {
  const converted = decodedAs('HorizontalPodAutoscaler', raw(v1));
  expect(converted).toEqual(decodedAs('HorizontalPodAutoscaler', raw(v2, 'v2')));
});

test.each([
  [
    { targetCPUUtilizationPercentage: 0 },
    'spec.metrics[0].resource.target.averageUtilization: Invalid value: 0: must be greater than 0',
    ['spec', 'targetCPUUtilizationPercentage'],
  ],
  [
    { targetCPUUtilizationPercentage: '50%' },
    'spec.targetCPUUtilizationPercentage: Invalid value: "50%": must be an integer',
    ['spec', 'targetCPUUtilizationPercentage'],
  ],
  [
    { minReplicas: 9 },
    'spec.maxReplicas: Invalid value: 5: must be greater than or equal to `minReplicas`',
    ['spec', 'maxReplicas'],
  ],
])('%j is refused where it stands', (spec, message, path) => {
  expect(decodeObject(raw(spec))).toEqual({
    ok: false,
    problems: [expect.objectContaining({ message, path })],
  });
});

test('what v1 does not have is warned of and passed over', () => {
  const annotations = { 'autoscaling.alpha.kubernetes.io/behavior': '{}' };
  const decoded = decodeObject(raw({ behavior: {}, metrics: [] }, 'v1', annotations));
  expect(decoded.ok && decoded.warnings.map(({ message }) => message)).toEqual([
    'annotation "autoscaling.alpha.kubernetes.io/behavior" is not read: use autoscaling/v2, which has `spec.behavior`',
    'unknown field "spec.behavior"',
    'unknown field "spec.metrics"',
  ]);
  expect(decoded.ok && decoded.object).toMatchObject({ spec: { behavior: undefined, metrics: [{ name: 'cpu' }] } });
});

test.each([
  [{}, [': Required value', ': Required value'], 'apiVersion must specify API group'],
  [{ apiVersion: 'v1', kind: 'Deployment', name: 'r' }, [], 'apiVersion must specify API group'],
  [{ apiVersion: 'a/b/c', kind: 'X', name: 'r' }, [], 'unexpected GroupVersion string: a/b/c'],
])('a target %j is none', (target: { readonly apiVersion?: string }, others, detail) => {
  const decoded = decodeObject(raw({ scaleTargetRef: target }, 'v2'));
  const at = 'spec.scaleTargetRef';
  expect(decoded.ok ? [] : decoded.problems.map(({ message }) => message)).toEqual([
    `${at}.apiVersion: Invalid value: "${target.apiVersion ?? ''}": ${detail}`,
    ...others.map((other, index) => `${at}.${index === 0 ? 'kind' : 'name'}${other}`),
  ]);
});

test('a ReplicationController is a target, with its version or without', () => {
  for (const apiVersion of ['v1', undefined]) {
    const scaleTargetRef = { apiVersion, kind: 'ReplicationController', name: 'r' };
    expect(decodeObject(raw({ scaleTargetRef }, 'v2')).ok).toBe(true);
  }
});
