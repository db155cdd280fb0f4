import { beforeAll, describe, expect, test } from 'vitest';
import { SECOND } from '../engine/time.ts';
import type { Cell } from '../record/table.ts';
import type { RunResult } from '../simulation.ts';
import { recordsOf } from '../testing/fact-script.ts';
import { deploymentText, soundScenario } from '../testing/load-from-memory.ts';
import { run } from '../testing/shipped-scenarios.ts';

type Record = { readonly [column: string]: Cell };

/** Something different happens to each of these workloads. */
const spec = `
cluster:
  nodePools:
    - { name: general, count: 6, zones: [a, b, c], capacity: { cpu: '4', memory: 8Gi, pods: '20' } }
    - { name: single, count: 1, zones: [a], capacity: { cpu: '4', memory: 8Gi, pods: '20' }, labels: { pool: single } }
workload:
  - manifests: [apps]
behaviors:
  - selector: { matchLabels: { app: crashing } }
    runDuration: 5s
    exitCode: 3
    failAfterRestarts: 1
actions:
  - { at: 5m, scale: { kind: Deployment, namespace: default, name: shrinking, replicas: 1 } }
  - { at: 6m, setImage: { kind: Deployment, namespace: default, name: rolling, image: 'shop/rolling:2' } }
  - { at: 7m, delete: { kind: Deployment, namespace: default, name: removed } }
  - { at: 8m, drain: { node: general-a-1 } }
  - { at: 9m, apply: [urgent.yaml] }
  - { at: 10m, delete: { kind: Namespace, name: doomed } }
  - { at: 11m, delete: { kind: Pod, namespace: default, name: alone } }
faults:
  - nodeCrash: { at: 20m, node: general-b-1 }
  - containerCrash: { at: 15m, selector: { matchLabels: { app: never } }, exitCode: 9 }
  - containerHang: { at: 16m, selector: { matchLabels: { app: probed } }, duration: 2m }
  - componentDown: { at: 50m, component: kube-scheduler, replicas: 2, duration: 2m }
  - apiServerOutage: { at: 55m, duration: 1m }
`;

const podText = (name: string, more: string): string => `apiVersion: v1
kind: Pod
metadata: { name: ${name}, namespace: default, labels: { app: ${name} } }
spec:
  containers: [{ name: c, image: 'x:1', resources: { requests: { cpu: '3' } } }]
${more}`;

const probedText = `apiVersion: v1
kind: Pod
metadata: { name: probed, namespace: default, labels: { app: probed } }
spec:
  restartPolicy: Never
  containers: [{ name: c, image: 'x:1', livenessProbe: { exec: { command: [live] }, periodSeconds: 10 } }]
`;

const lateText = `apiVersion: batch/v1
kind: Job
metadata: { name: late, namespace: default }
spec:
  activeDeadlineSeconds: 90
  template:
    spec:
      restartPolicy: Never
      nodeSelector: { topology.kubernetes.io/zone: c }
      containers: [{ name: c, image: 'x:1' }]
`;

const files = {
  'apps/all.yaml': [
    probedText,
    ...['shrinking', 'rolling', 'removed', 'crashing', 'steady'].map((name) => deploymentText(name)),
    'apiVersion: v1\nkind: Namespace\nmetadata: { name: doomed }\n',
    deploymentText('doomed', 'doomed'),
    podText('alone', '  nodeSelector: { topology.kubernetes.io/zone: c }\n'),
    podText('never', '  restartPolicy: Never\n  nodeSelector: { topology.kubernetes.io/zone: c }\n'),
    lateText,
    podText('victim', '  nodeSelector: { pool: single }\n'),
    'apiVersion: scheduling.k8s.io/v1\nkind: PriorityClass\nmetadata: { name: high }\nvalue: 1000\n',
  ].join('---\n'),
  'urgent.yaml': podText('urgent', '  priorityClassName: high\n  nodeSelector: { pool: single }\n'),
};

describe('the causes of a run', () => {
  let result: RunResult;
  let causes: Record[];
  beforeAll(async () => {
    result = await run(soundScenario(spec, files), { check: 'cheap' });
    causes = recordsOf(result.tables.get('causes'));
  });

  const endsOf = (prefix: string): Record[] =>
    causes.filter(({ event, name }) => event === 'pod_end' && String(name).startsWith(prefix));
  /** From an end back to the first cause. */
  const chainOf = (end: Record): string[] => {
    const chain: string[] = [];
    for (let at: Record | undefined = end; at !== undefined;) {
      chain.push(`${at['who']} ${at['event']} ${at['kind']}`);
      at = at['cause_id'] === undefined ? undefined : causes[at['cause_id'] as number];
    }
    return chain;
  };

  test.each([
    [
      'shrinking',
      1,
      'scale down',
      ['replicaset-controller pod_end Pod', 'deployment-controller change ReplicaSet', 'user change Deployment'],
    ],
    [
      'rolling',
      2,
      'rollout',
      ['replicaset-controller pod_end Pod', 'deployment-controller change ReplicaSet', 'user change Deployment'],
    ],
    [
      'removed',
      2,
      'owner removed',
      [
        'garbage-collector-controller pod_end Pod',
        'garbage-collector-controller removal ReplicaSet',
        'user removal Deployment',
      ],
    ],
    ['doomed', 2, 'namespace removed', ['namespace-controller pod_end Pod', 'user removal Namespace']],
    ['alone', 1, 'deleted by user', ['user pod_end Pod']],
    ['victim', 1, 'preemption', ['kube-scheduler pod_end Pod', 'kube-scheduler preemption Pod']],
  ])('of the pods of %s lead back to who decided it', (prefix, count, reason, chain) => {
    // The drain and the crash may have hit some of them too.
    const ends = endsOf(prefix).filter((end) => end['reason'] === reason);
    expect(ends).toHaveLength(count);
    for (const end of ends) expect(chainOf(end)).toEqual(chain);
  });

  test('of the pods of a Job that is too late name its deadline', () => {
    expect(endsOf('late').map(({ rule }) => rule)).toEqual(['activeDeadlineSeconds 90 of the Job']);
  });

  test('of a take-over are the loss of the leader and the fault that took it', () => {
    const chains = causes.filter(({ event }) => event === 'leader').map(chainOf);
    const chainOfTakeOver = (component: string, fault: string): string[] => [
      `${component} leader Lease`,
      `${component} leader Lease`,
      `fault ${fault} fault Fault`,
    ];
    expect(chains.filter((chain) => chain.length === 3)).toEqual([
      chainOfTakeOver('kube-scheduler', 'componentDown'),
      expect.arrayContaining(['fault apiServerOutage fault Fault']),
      expect.arrayContaining(['fault apiServerOutage fault Fault']),
    ]);
    const [down, outage] = recordsOf(result.tables.get('faults')).slice(-2);
    const taken = causes.find(({ event, what }) => event === 'leader' && String(what).includes('stood by'));
    expect(down!['taken_over_t_s']).toBe(taken!['t_s']);
    expect((down!['taken_over_t_s'] as number) / SECOND - 50 * 60).toBeGreaterThan(13);
    expect(outage!['taken_over_t_s']).toBeGreaterThan(56 * 60 * SECOND);
  });

  test('of evicted pods lead to the cordon of the drain', () => {
    const ends = causes.filter(({ reason }) => reason === 'eviction API');
    expect(ends.length).toBeGreaterThan(0);
    for (const end of ends) expect(chainOf(end)).toEqual(['user pod_end Pod', 'user node_cordoned Node']);
  });

  test('of pods of a dead node lead over taint, condition and machine to the fault', () => {
    const ends = causes.filter(({ reason }) => reason === 'taint eviction');
    expect(ends.length).toBeGreaterThan(0);
    for (const end of ends) {
      expect(end['rule']).toBe('tolerationSeconds 300');
      expect(chainOf(end)).toEqual([
        'taint-eviction-controller pod_end Pod',
        'node-lifecycle-controller node_taint Node',
        'node-lifecycle-controller node_condition Node',
        'machine general-b-1 machine Node',
        'fault nodeCrash fault Fault',
      ]);
    }
  });

  test('of one that its liveness probe has killed is the fault by which its processes stood still', () => {
    const [probed] = endsOf('probed');
    expect(probed).toMatchObject({ reason: 'crash', rule: 'restartPolicy Never' });
    expect(chainOf(probed!).slice(1)).toEqual(['fault containerHang fault Fault']);
  });

  test('of a failed pod are its container and, where there was one, the fault', () => {
    const [never] = endsOf('never');
    expect(never).toMatchObject({ reason: 'crash', rule: 'restartPolicy Never' });
    expect(never!['what']).toMatch(/exited with 9/);
    expect(chainOf(never!).slice(1)).toEqual(['fault containerCrash fault Fault']);
    // Those on the node that crashes later on end by its taint.
    const crashing = endsOf('crashing').filter(({ reason }) => reason !== 'taint eviction');
    expect(crashing.length).toBeGreaterThan(1);
    for (const end of crashing) {
      expect(end).toMatchObject({ reason: 'crash', rule: 'failAfterRestarts' });
      expect(chainOf(end)).toHaveLength(1);
    }
  });

  test('come after what they cause, and lead to the first', () => {
    for (const { id, cause_id: cause, first_id: first, t_s: time } of causes) {
      if (cause === undefined) {
        expect(first).toBe(id);
        continue;
      }
      expect(cause as number).toBeLessThan(id as number);
      expect(causes[cause as number]!['t_s'] as number).toBeLessThanOrEqual(time as number);
      expect(first).toBe(causes[cause as number]!['first_id']);
    }
  });

  test('a pod that nobody touched has none, and every pod that went early has one', () => {
    const ended = new Set(causes.filter(({ event }) => event === 'pod_end').map(({ uid }) => uid));
    const pods = recordsOf(result.tables.get('pods'));
    for (const { uid, phase, deleted_t_s: deleted } of pods) {
      const isEarly = phase === 'Failed' || (deleted !== undefined && phase !== 'Succeeded');
      if (isEarly) expect(ended.has(uid)).toBe(true);
    }
    expect(pods.some(({ uid }) => !ended.has(uid))).toBe(true);
  });

  test('are counted by workload and reason', () => {
    const counted = recordsOf(result.tables.get('disruptions'));
    const total = counted.reduce((sum, { pods }) => sum + (pods as number), 0);
    expect(total).toBe(causes.filter(({ event }) => event === 'pod_end').length);
    expect(counted).toContainEqual(
      expect.objectContaining({ kind: 'Deployment', workload: 'rolling', reason: 'rollout', pods: 2 }),
    );
  });

  test('of outages: the spans add up to the time that the table of workloads says', () => {
    const outages = recordsOf(result.tables.get('outages'));
    for (const { namespace, workload, kind, unavailable_s: unavailable } of recordsOf(result.tables.get('workloads'))) {
      const spans = outages.filter((outage) => outage['workload'] === workload && outage['namespace'] === namespace);
      const short = spans
        .filter(({ is_start: isStart }) => isStart === false)
        .reduce((sum, { from_t_s: from, to_t_s: to }) => sum + ((to as number) ?? 3600 * SECOND) - (from as number), 0);
      // A Job has no number of ready pods that it could be short of.
      if (kind === 'Job') expect([short, unavailable]).toEqual([0, undefined]);
      else expect(short).toBe(unavailable);
    }
  });

  test('an outage by a fault says so, who was lost and who brought it back', () => {
    const fault = causes.find(({ who }) => who === 'fault nodeCrash')!;
    const outages = recordsOf(result.tables.get('outages')).filter(
      ({ cause_id: cause }) => cause !== undefined && causes[cause as number]!['first_id'] === fault['id'],
    );
    expect(outages.length).toBeGreaterThan(0);
    const pods = new Set(recordsOf(result.tables.get('pods')).map(({ pod }) => pod));
    for (const outage of outages) {
      expect(outage).toMatchObject({ from_t_s: 1200 * SECOND, is_start: false });
      expect(pods.has(outage['restored_by'])).toBe(true);
    }
  });
});

test('evictions under node pressure lead to the fault that presses, before and after the condition is told', async () => {
  const full = `
cluster:
  nodePools:
    - { name: full, count: 2, zones: [a], capacity: { cpu: '4', memory: 8Gi, pods: '20', ephemeral-storage: 50Gi } }
workload:
  - manifests: [apps]
faults:
  - diskFull: { at: 5m, node: full-a-1, percent: 95, duration: 5m }
`;
  const scenario = soundScenario(full, { 'apps/web.yaml': deploymentText('web') });
  const causes = recordsOf((await run(scenario, { check: 'cheap' })).tables.get('causes'));
  const ends = causes.filter(({ reason }) => reason === 'node pressure');
  expect(ends.length).toBeGreaterThan(0);
  for (const end of ends) expect(causes[end['first_id'] as number]).toMatchObject({ who: 'fault diskFull' });
  for (const { what, rule } of ends)
    expect(rule).toBe(
      String(what).includes('Pod was rejected') ? 'admission by the kubelet' : 'eviction-hard or -soft',
    );
  const condition = causes.find(({ what }) => what === 'DiskPressure=True');
  expect(causes[condition!['cause_id'] as number]).toMatchObject({ who: 'fault diskFull' });
});
