import { test } from 'vitest';
import { newReplicaSetStatus } from '/work/main/src/api/apps-v1.ts';
import { newObjectMeta } from '/work/main/src/api/meta-v1.ts';
import { makeTemplate, makeJob } from '/work/main/src/testing/api-harness.ts';
import { ControlPlane } from '/work/main/src/testing/control-plane.ts';
import { SECOND } from '/work/main/src/engine/time.ts';
test('x', () => {
  for (const n of [500, 5000, 20000]) {
  const plane = new ControlPlane({ controllers: ['replicaset-controller'], hasKubelets: false });
  plane.create({ apiVersion: 'apps/v1', kind: 'ReplicaSet', metadata: newObjectMeta({ name: 'a', namespace: 'shop' }), spec: { replicas: n, selector: { matchLabels: { app: 'a' }, matchExpressions: [] }, template: makeTemplate({ app: 'a' }), minReadySeconds: 0 }, status: newReplicaSetStatus });
  let syncs = 0; plane.api.recorder.observe({ reconciled: () => void syncs++ });
  const t = performance.now();
  plane.runTo(10);
  console.log(n, 'rs pods', plane.list('Pod').length, 'syncs', syncs, 'events', plane.api.engine.eventCount, 'ms', performance.now() - t);
  }
  for (const n of [1000, 10000]) {
  const plane = new ControlPlane({ controllers: ['job-controller', 'garbage-collector-controller', 'pod-garbage-collector-controller'], behavior: () => ({ exitAfter: 30 * SECOND }) });
  for (let i = 0; i < n; i++) plane.create(makeJob('j' + i));
  let syncs = 0; plane.api.recorder.observe({ reconciled: () => void syncs++ });
  const t = performance.now();
  plane.runTo(100);
  console.log(n, 'jobs pods', plane.list('Pod').length, plane.list('Job').filter(j => j.status.completionTime >= 0).length, 'syncs', syncs, 'events', plane.api.engine.eventCount, 'ms', performance.now() - t);
  }
  for (const n of [1000, 20000]) {
  const plane = new ControlPlane({ controllers: ['job-controller', 'garbage-collector-controller', 'pod-garbage-collector-controller'], behavior: () => ({ exitAfter: 30 * SECOND }) });
  plane.create(makeJob('j', { completions: n, parallelism: 500 }));
  let syncs = 0; plane.api.recorder.observe({ reconciled: () => void syncs++ });
  const t = performance.now();
  plane.runTo(n < 2000 ? 200 : 3000);
  console.log(n, 'one job pods', plane.list('Pod').length, plane.list('Job')[0].status, 'syncs', syncs, 'events', plane.api.engine.eventCount, 'ms', performance.now() - t);
  }
}, 600000);
