import fc from 'fast-check';
import { expect, test } from 'vitest';
import { podWith } from '../apiserver/pod-object.ts';
import type { ReplicaSet } from '../api/apps-v1.ts';
import { newReplicaSetStatus } from '../api/apps-v1.ts';
import type { Pod } from '../api/core-v1.ts';
import type { Labels } from '../api/meta-v1.ts';
import { metadataWith, newObjectMeta } from '../api/meta-v1.ts';
import { isPodActive, isPodTerminal } from '../api/pod-conditions.ts';
import type { PodPhase } from '../api/pod-status.ts';
import { packCondition, statusWith } from '../api/pod-status.ts';
import { makeTemplate } from '../testing/api-harness.ts';
import { makePod } from '../testing/builders.ts';
import { ReplicaTallies, concernsTally, tallyOf } from './replica-tallies.ts';
import { controllerReference } from './ownership.ts';

const full: Labels = { app: 'web', tier: 'front' };
const partial: Labels = { app: 'web' };
const foreign: Labels = { app: 'other' };
const matches = (labels: Labels): boolean => labels['app'] === 'web';

function makeSet(uid: number, minReadySeconds = 0): ReplicaSet {
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: metadataWith(newObjectMeta({ name: `set-${uid}`, namespace: 'shop' }), { uid }),
    spec: {
      replicas: 1,
      selector: { matchLabels: partial, matchExpressions: [] },
      template: makeTemplate(full),
      minReadySeconds,
    },
    status: newReplicaSetStatus,
  };
}

const sets = [makeSet(1), makeSet(2)];
const owners = [...sets.map((set) => [controllerReference(set)]), []];

/** One version of a pod; undefined = it is not there. */
const version = fc.option(
  fc.record({
    owner: fc.integer({ min: 0, max: 2 }),
    labels: fc.constantFrom(full, partial, foreign),
    phase: fc.constantFrom<PodPhase>('Pending', 'Running', 'Succeeded', 'Failed'),
    isReady: fc.boolean(),
    isDeleted: fc.boolean(),
  }),
  { nil: undefined },
);

type Version = NonNullable<typeof version extends fc.Arbitrary<infer T> ? T : never>;

function podOf(at: number, { owner, labels, phase, isReady, isDeleted }: Version): Pod {
  const pod = makePod(`p${at}`);
  const deletionTimestamp = isDeleted ? 5 : undefined;
  return podWith(pod, {
    metadata: metadataWith(pod.metadata, { uid: 10 + at, labels, ownerReferences: owners[owner]!, deletionTimestamp }),
    status: statusWith(pod.status, { phase, ready: packCondition(isReady, 3) }),
  });
}

function unfinishedOf(pods: Iterable<Pod>, set: ReplicaSet): Pod[] {
  const isOwn = (pod: Pod): boolean => pod.metadata.ownerReferences[0]?.uid === set.metadata.uid;
  return [...pods].filter((pod) => isOwn(pod) && !isPodTerminal(pod));
}

test('what is kept from change to change is what a walk over the pods counts', () => {
  const changes = fc.array(fc.tuple(fc.integer({ min: 0, max: 5 }), version), { maxLength: 60 });
  fc.assert(
    fc.property(changes, (history) => {
      const tallies = new ReplicaTallies('ReplicaSet');
      const pods = new Map<number, Pod>();
      for (const [at, next] of history) {
        const before = pods.get(at);
        const after = next === undefined ? undefined : podOf(at, next);
        // Who is being deleted stays so.
        if (before?.metadata.deletionTimestamp !== undefined && next?.isDeleted === false) continue;
        if (after === undefined) pods.delete(at);
        else pods.set(at, after);
        if (concernsTally(before, after)) tallies.changed(before, after);
        for (const set of sets) {
          const own = unfinishedOf(pods.values(), set);
          const active = own.filter(isPodActive);
          const walked = tallyOf(set, active, own.length - active.length, 100);
          const areAllOurs = own.every((pod) => matches(pod.metadata.labels));
          expect(tallies.of(set, matches)).toEqual(areAllOurs ? walked : undefined);
        }
      }
    }),
  );
});

test('a set that waits for its pods to turn available has to be walked', () => {
  expect(new ReplicaTallies('ReplicaSet').of(makeSet(1, 10), matches)).toBeUndefined();
});
