import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createRequest, deleteRequest } from '../apiserver/requests.ts';
import { newObjectMeta } from '../api/meta-v1.ts';
import type { PersistentVolumeClaim } from '../api/persistent-volumes.ts';
import { makeApi } from '../testing/api-harness.ts';
import { makePod } from '../testing/builders.ts';
import { ClaimUsers } from './claim-users.ts';

const claims = ['a', 'b'];
const asClaim = (name: string): PersistentVolumeClaim =>
  ({ metadata: newObjectMeta({ name, namespace: 'shop' }) }) as PersistentVolumeClaim;

test('the users of a claim are those that a walk over all pods finds', () => {
  const step = fc.record({
    pod: fc.integer({ min: 0, max: 3 }),
    names: fc.subarray(claims),
    isCreated: fc.boolean(),
    isAsked: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
      const { server } = makeApi();
      const pods = server.informer('test', 0, 'Pod');
      const users = new ClaimUsers(pods);
      for (const { pod, names, isCreated, isAsked } of steps) {
        const volumes = names.map((claimName) => ({
          name: claimName,
          source: 'persistentVolumeClaim',
          claimName,
          raw: {},
        }));
        const made = makePod(`p${pod}`, { metadata: { namespace: 'shop' }, spec: { volumes } });
        server.execute(
          isCreated ? createRequest('Pod', made) : deleteRequest('Pod', 'shop', `p${pod}`, { gracePeriodSeconds: 0 }),
        );
        if (!isAsked) continue;
        for (const name of claims) {
          const naive = pods.list().filter(({ spec }) => spec.volumes.some(({ claimName }) => claimName === name));
          const found = users.of(asClaim(name)).map(({ metadata }) => metadata.uid);
          expect([...found].sort((a, b) => a - b)).toEqual(
            naive.map(({ metadata }) => metadata.uid).sort((a, b) => a - b),
          );
        }
      }
    }),
  );
});
