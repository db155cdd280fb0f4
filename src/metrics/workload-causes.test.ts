import { expect, test } from 'vitest';
import type { Deployment, ReplicaSet } from '../api/apps-v1.ts';
import { FactScript } from '../testing/fact-script.ts';
import { CauseLog } from './cause-log.ts';
import { WorkloadCauses } from './workload-causes.ts';

/** A Deployment in the middle of a rollout: two ReplicaSets, and what became of it is followed. */
function rollingOut() {
  const script = new FactScript();
  const log = new CauseLog(100);
  const causes = new WorkloadCauses(log, () => script.now);
  const container = { name: 'main', image: 'web:1' };
  const templateOf = (image: string) =>
    ({
      labels: {},
      annotations: {},
      spec: { containers: [{ ...container, image }] },
    }) as unknown as Deployment['spec']['template'];
  const made = script.deployment('web', 6);
  const first = script.put('Deployment', { ...made, spec: { ...made.spec, template: templateOf('web:1') } });
  script.recorder.observe({
    committed: (kind, _slot, before, after, by) => void causes.committed(kind, before, after, by),
  });
  const old = script.replicaSet('web-1', 6, first);
  const changed = script.put(
    'Deployment',
    { ...first, spec: { ...first.spec, template: templateOf('web:2') } },
    'user',
  );
  const newest = script.replicaSet('web-2', 3, changed);
  return { script, log, causes, deployment: changed, old, newest };
}

const scaled = (set: ReplicaSet, replicas: number): ReplicaSet => ({ ...set, spec: { ...set.spec, replicas } });

test('an old ReplicaSet shrinks by the rollout even where its Deployment was scaled since; the newest by the scaling', () => {
  const { script, log, causes, deployment, old, newest } = rollingOut();
  script.at(5).put('Deployment', { ...deployment, spec: { ...deployment.spec, replicas: 2 } }, 'user');
  script.at(6).put('ReplicaSet', scaled(old, 4), 'deployment-controller');
  script.at(7).put('ReplicaSet', scaled(newest, 2), 'deployment-controller');
  const firstOf = (set: ReplicaSet): string => log.at(log.at(causes.lastOf(set.metadata.uid)).first).what;
  expect(firstOf(old)).toBe('new template (image web:2)');
  expect(firstOf(newest)).toBe('scaled from 6 to 2');
  expect(causes.isRollout(causes.lastOf(old.metadata.uid))).toBe(true);
  expect(causes.isRollout(causes.lastOf(newest.metadata.uid))).toBe(false);
});

test('what is empty or over is removed without a trace; everything else leaves a fact with its cause', () => {
  const { script, log, causes, deployment, old, newest } = rollingOut();
  const empty = script.put('ReplicaSet', scaled(old, 0), 'deployment-controller');
  const before = log.size;
  script.remove('ReplicaSet', empty, 'deployment-controller');
  script.remove(
    'Job',
    script.job('done', { completions: 1, parallelism: 1 }, 'Complete'),
    'ttl-after-finished-controller',
  );
  expect(log.size).toBe(before);
  script.remove('Deployment', deployment, 'user');
  script.remove('ReplicaSet', newest, 'garbage-collector-controller');
  expect(log.at(causes.removalOf(newest.metadata.uid))).toMatchObject({ what: 'deleted', cause: before });
});

test('a full log counts what it has no room for', () => {
  const log = new CauseLog(1);
  const fact = { event: 'fault', who: 'x', what: 'y', cause: -1 } as const;
  expect([log.add(1, fact), log.add(2, fact), log.size, log.dropped]).toEqual([0, -1, 1, 1]);
});
