import { describe, expect, test } from 'vitest';
import type { Pod, PodSpec, Toleration } from '../../api/core-v1.ts';
import { metadataWith, newObjectMeta } from '../../api/meta-v1.ts';
import type { RuntimeClass } from '../../api/node-v1.ts';
import { makeApi } from '../../testing/api-harness.ts';
import type { ApiHarness } from '../../testing/api-harness.ts';
import { makePod } from '../../testing/builders.ts';
import { decodedAs, problemsOf } from '../../testing/decode.ts';
import { podWith } from '../pod-object.ts';
import type { ApiResponse } from '../requests.ts';
import { createRequest, patchRequest } from '../requests.ts';

const rawClass = (more: object): object => ({
  apiVersion: 'node.k8s.io/v1',
  kind: 'RuntimeClass',
  metadata: { name: 'vm' },
  handler: 'vm',
  ...more,
});
const withClass = (more: object): ApiHarness => {
  const api = makeApi();
  api.server.install('RuntimeClass', decodedAs('RuntimeClass', rawClass(more)));
  return api;
};
const create = ({ server }: ApiHarness, spec: Partial<PodSpec>): ApiResponse<Pod> =>
  server.execute(createRequest('Pod', makePod('p', { spec })));
const said = ({ code, message }: ApiResponse): string => `${code} ${message}`.trim();
const same = { key: 'a', operator: 'Exists', effect: 'NoExecute' };
const cpu = (amount: number): ReadonlyMap<string, number> => new Map([['cpu', amount]]);

describe('RuntimeClass', () => {
  test('a class that does not exist is refused', () => {
    expect(said(create(makeApi(), { runtimeClassName: 'gone' }))).toBe(
      'Forbidden pods "p" is forbidden: pod rejected: RuntimeClass "gone" not found',
    );
  });

  test.each<[string, object, Partial<PodSpec>]>([
    ['without a class', {}, {}],
    ['of a class without one', {}, { runtimeClassName: 'vm' }],
  ])('an overhead %s is refused', (_, more, spec) => {
    expect(said(create(withClass(more), { ...spec, overhead: cpu(100) }))).toBe(
      'Forbidden pods "p" is forbidden: pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead',
    );
  });

  test('another overhead than that of the class is refused, the same one is not', () => {
    const api = withClass({ overhead: { podFixed: { cpu: '250m' } } });
    expect(said(create(api, { runtimeClassName: 'vm', overhead: cpu(100) }))).toBe(
      "Forbidden pods \"p\" is forbidden: pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead",
    );
    expect(create(api, { runtimeClassName: 'vm', overhead: cpu(250) }).code).toBe('Created');
  });

  test('a class gives its overhead, its nodes and its tolerations', () => {
    const tolerations = [{ key: 'vm', operator: 'Exists' }];
    const scheduling = { nodeSelector: { kind: 'vm' }, tolerations };
    const api = withClass({ overhead: { podFixed: { cpu: '250m' } }, scheduling });
    const { object } = create(api, { runtimeClassName: 'vm', nodeSelector: { disk: 'ssd' } });
    expect(object!.spec.overhead).toEqual(cpu(250));
    expect(object!.spec.nodeSelector).toEqual({ disk: 'ssd', kind: 'vm' });
    expect(object!.spec.tolerations.map(({ key }) => key)).toEqual([
      'node.kubernetes.io/not-ready',
      'node.kubernetes.io/unreachable',
      'vm',
    ]);
  });

  test('nodes of the class and of the pod must agree', () => {
    const api = withClass({ scheduling: { nodeSelector: { kind: 'vm' } } });
    expect(create(api, { runtimeClassName: 'vm', nodeSelector: { kind: 'vm' } }).code).toBe('Created');
    expect(
      said(
        create(withClass({ scheduling: { nodeSelector: { kind: 'vm' } } }), {
          runtimeClassName: 'vm',
          nodeSelector: { kind: 'metal' },
        }),
      ),
    ).toBe(
      'Forbidden pods "p" is forbidden: conflict: runtimeClass.scheduling.nodeSelector[kind] = vm; pod.spec.nodeSelector[kind] = metal',
    );
  });

  test.each<[string, Partial<Toleration>, Partial<Toleration>, number]>([
    ['equal ones', {}, {}, 1],
    ['a wider one of the class', {}, { operator: 'Exists', value: '' }, 1],
    ['one for all effects', { effect: 'NoExecute' }, {}, 1],
    ['one of all keys', {}, { key: '', operator: 'Exists', value: '' }, 1],
    ['another value', {}, { value: 'w' }, 2],
    ['a longer time', { effect: 'NoExecute', tolerationSeconds: 5 }, { effect: 'NoExecute', tolerationSeconds: 6 }, 1],
    ['a time without an end', { effect: 'NoExecute', tolerationSeconds: 5 }, { effect: 'NoExecute' }, 1],
    ['another effect', { effect: 'NoSchedule' }, { effect: 'NoExecute' }, 2],
  ])('of tolerations the widest are kept: %s', (_, ofPod, ofClass, count) => {
    const base = { key: 'k', operator: 'Equal', value: 'v', effect: '', tolerationSeconds: undefined } as const;
    const api = withClass({ scheduling: { tolerations: [{ ...base, ...ofClass }] } });
    const { object } = create(api, { runtimeClassName: 'vm', tolerations: [{ ...base, ...ofPod }] });
    const own = object!.spec.tolerations.filter(({ key }) => !key.startsWith('node.kubernetes.io/'));
    expect(own.length).toBe(count);
  });

  test('pods of one template share one spec', () => {
    const api = withClass({ overhead: { podFixed: { cpu: '250m' } } });
    const template = makePod('t', { spec: { runtimeClassName: 'vm' } });
    const [a, b] = ['a', 'b'].map((name) => {
      const pod = podWith(template, { metadata: metadataWith(template.metadata, { name }) });
      return api.server.execute(createRequest('Pod', pod)).object!.spec;
    });
    expect(a).toBe(b);
  });

  test('its handler never changes', () => {
    const api = withClass({});
    const other = (stored: RuntimeClass): RuntimeClass => ({ ...stored, handler: 'kata' });
    expect(said(api.server.execute(patchRequest('RuntimeClass', '', 'vm', other)))).toBe(
      'Invalid RuntimeClass.node.k8s.io "vm" is invalid: handler: Invalid value: "kata": field is immutable',
    );
  });

  test.each([
    [{ handler: undefined }, 'handler: Required value'],
    [
      { scheduling: { tolerations: [same, { ...same, tolerationSeconds: 5 }] } },
      'scheduling.tolerations[1]: Duplicate value: {"Key":"a","Operator":"Exists","Value":"","Effect":"NoExecute","TolerationSeconds":5}',
    ],
    [
      { overhead: { podFixed: { gpu: 1 } } },
      'overhead.limits[gpu]: Invalid value: "gpu": must be a standard resource for containers',
    ],
  ])('%j is refused', (more, message) => {
    expect(problemsOf(rawClass(more))).toContain(message);
  });
});

test('a name that is still to be generated is shown without its end', () => {
  const { server } = makeApi();
  const owner = {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    name: 'web',
    uid: 7,
    controller: true,
    blockOwnerDeletion: true,
  };
  const spec = { runtimeClassName: 'gone' };
  const metadata = newObjectMeta({ name: 'web-bcdfg', namespace: 'default', ownerReferences: [owner] });
  const pod = podWith(makePod('web-bcdfg', { spec }), { metadata });
  expect(server.execute(createRequest('Pod', pod)).message).toMatch(/^pods "web-" is forbidden/);
  const alone = { apiVersion: 'v1', kind: 'Pod', metadata: { generateName: 'job-' } };
  const raw = { ...alone, spec: { ...spec, containers: [{ name: 'c', image: 'i:1' }] } };
  expect(server.execute(createRequest('Pod', decodedAs('Pod', raw))).message).toMatch(/^pods "job-" is forbidden/);
});
