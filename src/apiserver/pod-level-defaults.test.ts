// What a kube-apiserver of 1.37.2 made of pods that say what they ask for as a whole.
import { expect, test } from 'vitest';
import type { Pod } from '../api/core-v1.ts';
import { makeApi } from '../testing/api-harness.ts';
import type { ApiHarness } from '../testing/api-harness.ts';
import { decodedAs, problemsOf, rawPod, rawWorkload } from '../testing/decode.ts';
import type { ApiResponse } from './requests.ts';
import { createRequest } from './requests.ts';

/** Containers are given 300m of cpu each. */
function makeLimited(): ApiHarness {
  const api = makeApi();
  const limits = [{ type: 'Container', defaultRequest: { cpu: '300m' } }];
  const raw = { apiVersion: 'v1', kind: 'LimitRange', metadata: { name: 'l', namespace: 'shop' }, spec: { limits } };
  api.server.install('LimitRange', decodedAs('LimitRange', raw));
  return api;
}

/** Creates a pod of two containers that request nothing. */
function create({ server }: ApiHarness, resources: object): ApiResponse<Pod> {
  const containers = ['c', 'd'].map((name) => ({ name, image: 'i' }));
  const pod = decodedAs('Pod', { ...rawPod({ containers, resources }), metadata: { name: 'p', namespace: 'shop' } });
  return server.execute(createRequest('Pod', pod));
}

test('what a LimitRange gives to containers counts', () => {
  const { object } = create(makeLimited(), { limits: { cpu: 1 } });
  expect([...object!.spec.resources!.requests]).toEqual([['cpu', 600]]);
  expect([...create(makeApi(), { limits: { cpu: 1 } }).object!.spec.resources!.requests]).toEqual([['cpu', 1000]]);
});

test('a pod for which that is too much is refused', () => {
  expect(create(makeLimited(), { limits: { cpu: '500m' } })).toMatchObject({
    code: 'Invalid',
    message:
      'Pod "p" is invalid: spec.resources.requests: Invalid value: "600m": must be less than or equal to cpu limit of 500m',
  });
  expect(create(makeLimited(), { requests: { cpu: '500m' } }).message).toBe(
    'Pod "p" is invalid: spec.resources.requests[cpu]: Invalid value: "500m": must be greater than or equal to aggregate container requests of 600m',
  );
});

test('a template is taken as it stands, and its pods are refused', () => {
  const containers = [{ name: 'c', image: 'i', resources: { requests: { cpu: 2 } } }];
  const raw = rawWorkload('Deployment', {}, { containers, resources: { limits: { cpu: 1 } } });
  const { template } = decodedAs('Deployment', raw).spec;
  expect([...template.spec.resources!.requests]).toEqual([]);
  const pod = decodedAs('Pod', rawPod({ containers }));
  const metadata = { ...pod.metadata, name: 'w-1', namespace: 'shop' };
  const made = makeApi().server.execute(createRequest('Pod', { ...pod, metadata, spec: template.spec }));
  expect(made.message).toBe(
    'Pod "w-1" is invalid: spec.resources.requests: Invalid value: "2": must be less than or equal to cpu limit of 1',
  );
  expect(problemsOf(rawWorkload('Deployment', {}, { containers, resources: { requests: { cpu: 1 } } }))).toEqual([
    'spec.template.spec.resources.requests[cpu]: Invalid value: "1": must be greater than or equal to aggregate container requests of 2',
  ]);
});
