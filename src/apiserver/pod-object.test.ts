import { expect, test } from 'vitest';
import type { PodSpec } from '../api/core-v1.ts';
import { makePod, makePodSpec } from '../testing/builders.ts';
import { bindSpec, isPod, podWith, sharedSpec, specWith, withMetadata } from './pod-object.ts';

/** A spec in which no field has its default, so that a forgotten accessor shows. */
const unusual: PodSpec = makePodSpec({
  restartPolicy: 'Never',
  terminationGracePeriodSeconds: 3,
  activeDeadlineSeconds: 9,
  nodeSelector: { a: 'b' },
  schedulerName: 'mine',
  schedulingGates: ['g'],
  priorityClassName: 'gold',
  priority: 7,
  preemptionPolicy: 'Never',
  overhead: new Map([['cpu', 1]]),
  resources: { requests: new Map(), limits: new Map() },
  hostNetwork: true,
  readinessGates: ['r'],
  resourceClaims: ['c'],
  runtimeClassName: 'gvisor',
});

test('a bound spec has the node and everything else from its template', () => {
  const bound = bindSpec(unusual, 'n1');
  for (const field of Object.keys(unusual) as (keyof PodSpec)[]) {
    expect(bound[field], field).toBe(field === 'nodeName' ? 'n1' : unusual[field]);
  }
});

test('all pods of a template share its spec, however often it is bound', () => {
  const bound = bindSpec(bindSpec(unusual, 'n1'), 'n2');
  expect(bound.nodeName).toBe('n2');
  expect(sharedSpec(bound)).toBe(unusual);
  expect(sharedSpec(unusual)).toBe(unusual);
});

test('a bound spec with other parts stays bound', () => {
  const changed = specWith(bindSpec(unusual, 'n1'), { priority: 8 });
  expect(changed.nodeName).toBe('n1');
  expect(changed.priority).toBe(8);
  expect(changed.runtimeClassName).toBe('gvisor');
  expect(specWith(unusual, { priority: 8 })).toEqual({ ...unusual, priority: 8 });
});

test('a rebuilt pod is a pod, with the parts it was given', () => {
  const pod = makePod('a', { spec: unusual });
  const renamed = withMetadata(pod, { ...pod.metadata, name: 'b' });
  expect(isPod(renamed)).toBe(true);
  expect([renamed.apiVersion, renamed.kind, renamed.metadata.name]).toEqual(['v1', 'Pod', 'b']);
  expect(renamed.spec).toBe(pod.spec);
  expect(podWith(pod, { spec: bindSpec(pod.spec, 'n1') }).spec.nodeName).toBe('n1');
});
