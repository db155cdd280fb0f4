import { expect, test } from 'vitest';
import type { Pod, PodAffinityTerm } from '../api/core-v1.ts';
import { metadataWith } from '../api/meta-v1.ts';
import { makeApi } from '../testing/api-harness.ts';
import type { ApiHarness } from '../testing/api-harness.ts';
import { makePod } from '../testing/builders.ts';
import { podFrom } from '../testing/scheduler-fixture.ts';
import { bindSpec, podWith, specWith } from './pod-object.ts';
import { createRequest } from './requests.ts';

const term = {
  topologyKey: 'zone',
  labelSelector: { matchLabels: { app: 'web' } },
  matchLabelKeys: ['version', 'absent'],
  mismatchLabelKeys: ['tenant'],
};
const rules = {
  preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 1, podAffinityTerm: term }],
  requiredDuringSchedulingIgnoredDuringExecution: [term, { topologyKey: 'zone', matchLabelKeys: ['version'] }],
};
const template = podFrom({ metadata: {}, spec: { affinity: { podAffinity: rules, podAntiAffinity: rules } } }, 1);
const spec = specWith(makePod('a').spec, { affinity: template.spec.affinity });

/** What the API server stores of a new pod of the template with these labels. */
function create(api: ApiHarness, name: string, labels: Record<string, string>, from = spec): Pod {
  const pod = makePod(name);
  const metadata = metadataWith(pod.metadata, { labels });
  return api.server.execute(createRequest('Pod', podWith(pod, { metadata, spec: from }))).object!;
}

const expressionsOf = ({ labelSelector }: PodAffinityTerm): unknown => labelSelector?.matchExpressions;

test('a new pod’s values are written into the selectors of its terms, preferred and required', () => {
  const { affinity } = create(makeApi(), 'a', { version: '1', tenant: 'x' }).spec;
  const expected = [
    { key: 'version', operator: 'In', values: ['1'] },
    { key: 'tenant', operator: 'NotIn', values: ['x'] },
  ];
  expect(expressionsOf(affinity!.podAffinity!.preferred[0]!.podAffinityTerm)).toEqual(expected);
  expect(affinity!.podAntiAffinity!.required.map(expressionsOf)).toEqual([expected, undefined]);
});

test('pods of a template share a spec as long as their values are the same', () => {
  const api = makeApi();
  const [a, b, c] = ['1', '1', '2'].map((version, at) => create(api, `p${at}`, { version, other: `${at}` }).spec);
  expect(b).toBe(a);
  expect(c).not.toBe(a);
  // One that comes with a node keeps it.
  expect(create(api, 'bound', { version: '1' }, bindSpec(spec, 'n1')).spec).toMatchObject({ nodeName: 'n1' });
});

test('a pod from a dump, which has them already, stays as it is', () => {
  const api = makeApi();
  const stored = create(api, 'a', { version: '1' });
  const again = podWith(stored, { metadata: metadataWith(stored.metadata, { name: 'again' }) });
  expect(api.server.install('Pod', again).spec.affinity).toEqual(stored.spec.affinity);
});
