import { expect, test } from 'vitest';
import { decodedAs, problemsOf, rawPod, rawWorkload } from '../testing/decode.ts';
import { makeApi } from '../testing/api-harness.ts';
import { makePod } from '../testing/builders.ts';
import { patchRequest } from '../apiserver/requests.ts';
import { podWith } from '../apiserver/pod-object.ts';
import { annotationBytesMax, areTooLong } from './annotation-size.ts';
import { metadataWith } from './meta-v1.ts';

const tooLong = 'Too long: may not be more than 262144 bytes';
const full = 'x'.repeat(annotationBytesMax - 1);

test('keys and values count in bytes', () => {
  expect(areTooLong({ k: full })).toBe(false);
  expect(areTooLong({ k: full, l: '' })).toBe(true);
  // Three bytes each.
  expect(areTooLong({ k: '\u20ac'.repeat(87381) })).toBe(false);
  expect(areTooLong({ k: '\u20ac'.repeat(87382) })).toBe(true);
});

test('an object that carries too much is refused, also one that gets it later', () => {
  const annotations = { k: `${full}x` };
  const metadata = { name: 'p', annotations };
  expect(problemsOf({ ...rawPod({}), metadata })).toEqual([`metadata.annotations: ${tooLong}`]);
  const { server } = makeApi();
  server.install('Pod', makePod('a'));
  const patch = patchRequest('Pod', 'default', 'a', (pod) =>
    podWith(pod, { metadata: metadataWith(pod.metadata, { annotations }) }),
  );
  expect(server.execute(patch).message).toBe(`Pod "a" is invalid: metadata.annotations: ${tooLong}`);
});

test('so is a template, whose place is named as upstream does', () => {
  const raw = rawWorkload('Deployment') as { spec: { template: { metadata: object } } };
  const { template } = raw.spec;
  const metadata = { ...template.metadata, annotations: { k: `${full}x` } };
  expect(problemsOf({ ...raw, spec: { ...raw.spec, template: { ...template, metadata } } })).toEqual([
    `spec.template.annotations: ${tooLong}`,
  ]);
  expect(decodedAs('Deployment', raw).spec.template.annotations).toEqual({});
});
