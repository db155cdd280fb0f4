import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CommandFolder } from '../../testing/command-folder.ts';
import { csvRecords } from './csv-records.ts';
import type { CsvRecord } from './csv-records.ts';

let folder: CommandFolder;

beforeAll(async () => {
  folder = new CommandFolder({ 'web.yaml': web, 'patient.yaml': patient, 'small.yaml': scenario });
  expect((await folder.orrery('run', '-f', 'small.yaml', '--no-charts', '--no-report', '-q')).code).toBe(0);
});
afterAll(() => {
  folder.remove();
});

/** 130 nodes, so that 43 % of them are enough (adaptive sampling); half of them lose power for nine minutes. */
const scenario = `
apiVersion: orrery.dev/v1alpha1
kind: Scenario
metadata: { name: small }
spec:
  seed: '7'
  horizon: 12m
  cluster:
    nodePools:
      - { name: general, count: 120, zones: [a, b], capacity: { cpu: '4', memory: 8Gi, pods: '20' } }
      - { name: gpu, count: 10, zones: [a], capacity: { cpu: '16', memory: 8Gi, pods: '20' }, taints: [{ key: gpu, effect: NoSchedule }] }
  workload:
    - manifests: [web.yaml]
  actions:
    - { at: 2m, apply: [patient.yaml] }
  faults:
    - zoneOutage: { at: 1m, zone: b, duration: 9m }
`;

const web = `
apiVersion: apps/v1
kind: Deployment
metadata: { name: web, namespace: default }
spec:
  replicas: 6
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      containers: [{ name: web, image: 'web:1', resources: { requests: { cpu: '1', memory: 64Mi } } }]
---
apiVersion: v1
kind: Pod
metadata: { name: huge, namespace: default }
spec:
  containers: [{ name: c, image: 'huge:1', resources: { requests: { cpu: '5' } } }]
---
apiVersion: v1
kind: Pod
metadata: { name: gated, namespace: default }
spec:
  schedulingGates: [{ name: wait }]
  containers: [{ name: c, image: 'huge:1' }]
`;

/** Wants the zone that is dark until 00:10:00. */
const patient = `
apiVersion: v1
kind: Pod
metadata: { name: patient, namespace: default }
spec:
  nodeSelector: { topology.kubernetes.io/zone: b }
  containers: [{ name: c, image: 'patient:1' }]
`;

const explain = (pod: string, ...more: string[]) =>
  folder.orrery('explain', 'pod', pod, '--run', 'results/small/7', ...more);

interface ScoredNode {
  readonly node: string;
  readonly total: number;
  readonly plugins: readonly { weight: number; normalized: number; weighted: number }[];
}

interface DecisionJson {
  readonly changedInputs: readonly string[];
  readonly why?: string;
  readonly decision: {
    readonly attempt: number;
    readonly t_s: string;
    readonly outcome: { type: string; node: string; score: number; tied: string[]; message: string };
    readonly evaluatedNodes: number;
    readonly feasibleNodes: number;
    readonly filters: readonly { plugin: string; refused: number; refusedAlone: number; reasons: object }[];
    readonly nodes: readonly { node: string; isLookedAt: boolean; refusal?: { plugin: string; reasons: string[] } }[];
    readonly scores?: { readonly nodes: readonly ScoredNode[] };
    readonly scoresOfAllNodes?: { readonly nodes: readonly ScoredNode[] };
  };
}

async function decisionOf(pod: string, ...more: string[]): Promise<DecisionJson> {
  const { out, err } = await explain(pod, '--decision', '-o', 'json', ...more);
  expect(err).toBe('');
  return JSON.parse(out) as DecisionJson;
}

const table = (name: string): CsvRecord[] => csvRecords(folder.read(`results/small/7/${name}.csv`));
const webPods = (): CsvRecord[] => table('pods').filter(({ workload }) => workload === 'web');
const attemptsOf = (pod: string): CsvRecord[] => table('scheduling_attempts').filter((row) => row['pod'] === pod);

describe('a decision', () => {
  test('is the one of the run, with the scores that make up its total', async () => {
    for (const { pod } of webPods()) {
      const [row] = attemptsOf(pod!);
      const { decision } = await decisionOf(`default/${pod}`);
      const { outcome, evaluatedNodes, feasibleNodes, scores, nodes } = decision;
      expect(outcome).toMatchObject({ type: 'scheduled', node: row!['node'], score: Number(row!['score']) });
      expect(outcome.tied).toHaveLength(Number(row!['ties']));
      expect([evaluatedNodes, feasibleNodes].map(String)).toEqual([row!['evaluated_nodes'], row!['feasible_nodes']]);
      expect(nodes.filter(({ isLookedAt }) => isLookedAt)).toHaveLength(evaluatedNodes);
      expect(scores!.nodes).toHaveLength(feasibleNodes);
      for (const { total, plugins } of scores!.nodes) {
        expect(plugins.reduce((sum, { weighted }) => sum + weighted, 0)).toBe(total);
        expect(total).toBeLessThanOrEqual(outcome.score);
      }
    }
  });

  test('asks about all nodes where the search looked at some', async () => {
    const { decision } = await decisionOf(`default/${webPods()[0]!['pod']}`);
    expect(decision.nodes).toHaveLength(130);
    expect(decision.filters.find(({ plugin }) => plugin === 'TaintToleration')).toMatchObject({ refused: 10 });
    expect(decision.scoresOfAllNodes!.nodes).toHaveLength(120);
  });

  test('that found no node counts as the message of kube-scheduler counts', async () => {
    const { decision } = await decisionOf('huge', '--attempt', '1');
    expect(decision.outcome.message).toBe(
      '0/130 nodes are available: 10 node(s) had untolerated taint(s), 120 Insufficient cpu. ' +
        'preemption: 0/130 nodes are available: 130 Preemption is not helpful for scheduling.',
    );
    const fit = decision.filters.find(({ plugin }) => plugin === 'NodeResourcesFit')!;
    expect(fit).toMatchObject({ refused: 120, refusedAlone: 120, reasons: { 'Insufficient cpu': 120 } });
  });

  test('as text fits 80 columns and names who refused how many, the best five, and what was looked at', async () => {
    const { out } = await explain(`default/${webPods()[0]!['pod']}`, '--decision');
    expect(Math.max(...out.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
    expect(out.replaceAll(/\s+/g, ' ')).toMatch(/looked at \d+ of 130 nodes \(from \S+ to \S+\), \d+ feasible/);
    expect(out).toMatch(/TaintToleration +10 +\d+ +10 {2}node\(s\) had untolerated taint/);
    expect(out).toMatch(/ 1 {2}\S+ +\d+ {2}chosen/);
    expect(out).toMatch(/NodeResourcesFit x1 +raw( +\d+){5}/);
  });

  test('is the one that was taken by a time, though its outcome was known later only', async () => {
    const last = attemptsOf('patient').at(-1)!;
    expect(last['result']).toBe('scheduled');
    const { decision } = await decisionOf('patient', '--attempt', last['attempt']!);
    expect(Number(decision.t_s)).toBeLessThan(Number(last['t_s']) - Number(last['duration_s']));
    const at = `${Math.round(Number(decision.t_s) * 1e6)}us`;
    expect((await decisionOf('patient', '--at', at)).decision.attempt).toBe(decision.attempt);
  });

  test('is chosen by number, by time, and by the clock that the timeline prints', async () => {
    const attempts = attemptsOf('huge');
    expect(attempts.length).toBeGreaterThan(1);
    const second = (await decisionOf('huge', '--attempt', '2')).decision;
    expect(second.attempt).toBe(2);
    expect((await decisionOf('huge')).decision.attempt).toBe(attempts.length);
    const at = (text: string) => decisionOf('huge', '--at', text).then(({ decision }) => decision.attempt);
    const decidedUs = Math.round(Number(second.t_s) * 1e6);
    expect(await at(`${decidedUs}us`)).toBe(2);
    expect(await at(`${decidedUs - 1}us`)).toBe(1);
    const pod = webPods()[0]!['pod']!;
    const chose = /(\S+) +\S+ \S+ +kube-scheduler +chose/.exec((await explain(`default/${pod}`)).out)!;
    expect((await decisionOf(`default/${pod}`, '--at', chose[1]!)).decision.attempt).toBe(1);
  });
});

describe('one node', () => {
  test('that was refused is told by which filter, with what it has and what the pod asks for', async () => {
    const { out } = await explain('huge', '--node', 'general-a-1');
    expect(out).toContain('refused by NodeResourcesFit: Insufficient cpu');
    expect(out).toMatch(/TaintToleration +passes/);
    expect(out).toMatch(/cpu +5 +[34] +4\n/);
  });

  test('that was chosen, tied, worse, or not looked at, is told so', async () => {
    const pod = `default/${webPods()[5]!['pod']}`;
    const { decision } = await decisionOf(pod);
    const why = async (node: string) =>
      (JSON.parse((await explain(pod, '--node', node, '-o', 'json')).out) as DecisionJson).why;
    const { node, score, tied } = decision.outcome;
    expect(await why(node)).toBe('it is the node that was chosen');
    expect(await why(tied.find((name) => name !== node)!)).toMatch(/^as good as /);
    const worse = decision.scores!.nodes.find(({ total }) => total < score)!;
    expect(await why(worse.node)).toBe(`feasible, with score ${worse.total} against ${score} of ${node}`);
    const unseen = decision.nodes.find(({ isLookedAt, refusal }) => !isLookedAt && refusal === undefined)!;
    expect(await why(unseen.node)).toMatch(/^feasible, but not looked at: .* it would have been number \d+ with/);
  });

  test('that does not exist is met with the nearest one', async () => {
    const { code, err } = await explain('huge', '--node', 'generl-a-1');
    expect(code).toBe(2);
    expect(err).toContain('knew no node "generl-a-1" at that moment; did you mean general-a-1?');
  });
});

test('why a pod is pending names filters, what is asked for, and the fault that hit a node', async () => {
  const { out } = await explain('huge', '--why-pending');
  const text = out.replaceAll('\n', ' ');
  expect(text).toContain('default/huge has been pending for 12m00s, from 00:00:00.01');
  expect(text).toMatch(/NodeResourcesFit refuses \d+ \(Insufficient cpu\)/);
  expect(text).toContain('the largest has 4 in all, so that it can never take it');
  expect(text).toContain('10 by TaintToleration alone (gpu-a-1, ...)');
  expect(text).toContain('It asks for 5 cpu, which 120 nodes do not have free (the most is 4, on general-');
});

describe('the timeline', () => {
  test('tells every hop from the user to readiness, in order, with who and since when', async () => {
    const pod = webPods().find((row) => row['deleted_t_s'] === '')!;
    const { out } = await explain(`default/${pod['pod']}`, '-o', 'json');
    const { timeline } = JSON.parse(out) as { timeline: { t_s: string; delta_s: string; who: string; what: string }[] };
    const told = timeline.map(({ who, what }) => `${who}: ${what.replace(/\d+.*/, '')}`);
    expect(told.slice(0, 3)).toEqual([
      'user: created Deployment web',
      'kube-apiserver: stored Deployment web (revision ',
      'deployment controller: created ReplicaSet web-',
    ]);
    expect(told[3]).toBe('replicaset controller: created the pod, number ');
    expect(timeline.some(({ who, what }) => who === 'kube-apiserver' && what === `bound to ${pod['node']}`)).toBe(true);
    const ready = timeline.find(({ what }) => what === 'ready')!;
    expect([ready.who, ready.t_s]).toEqual([`kubelet ${pod['node']}`, pod['ready_t_s']]);
    const times = timeline.map(({ t_s: t }) => Number(t));
    expect(times).toEqual([...times].sort((a, b) => a - b));
    for (const [at, { delta_s: delta }] of timeline.entries())
      if (at > 0) expect(Number(delta)).toBeCloseTo(times[at]! - times[at - 1]!, 6);
  });

  test('tells of the loss of a node, the eviction, and the end', async () => {
    const lost = webPods().find((row) => row['deleted_t_s'] !== '')!;
    const { out } = await explain(`default/${lost['pod']}`);
    expect(out).toMatch(/taint-eviction-controller[\s\S]*marked for deletion[\s\S]*removed/);
  });

  test('puts attempts with the same outcome in one row', async () => {
    const { out } = await explain('huge');
    expect(out.replaceAll(/\s+/g, ' ')).toMatch(
      /unschedulable: 0\/130 nodes are available: .*\(\d+ times, the last at/,
    );
  });
});

describe('what cannot be explained ends with exit code 2 and one message', () => {
  test.each([
    [['default/hug'], 'had no pod "default/hug"; the nearest of its'],
    [['default/hug'], 'default/huge'],
    [['a/b/c'], '"a/b/c" is no pod: write NAMESPACE/NAME'],
    [['gated', '--decision'], 'pod default/gated was never tried by a scheduler: it is held back by scheduling gates'],
    [['huge', '--attempt', '99'], 'pod default/huge has no attempt 99; its attempts: 1-'],
    [['huge', '--attempt', 'x'], '--attempt "x" is not a whole number'],
    [['huge', '--at', '5'], '--at "5" is no time'],
    [['huge', '--at', '1us'], 'no decision for pod default/huge was taken by 00:00:00.000001'],
    [['huge', '--at', '5m', '--attempt', '1'], 'mutually exclusive'],
  ])('%j', async (argv, message) => {
    const { code, out, err } = await explain(argv[0]!, ...argv.slice(1));
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err.replaceAll(/\s+/g, ' ')).toContain(message);
    expect(err).not.toContain('    at ');
  });

  test('a pod that was scheduled at once was never refused', async () => {
    const { code, err } = await explain(`default/${webPods()[0]!['pod']}`, '--why-pending');
    expect(code).toBe(2);
    expect(err).toMatch(/was never refused: it was bound to \S+ at \S+, \S+ after it was created/);
  });

  test('a folder that is no run, and the runs below it', async () => {
    const { code, err } = await folder.orrery('explain', 'pod', 'huge', '--run', 'results');
    expect(code).toBe(2);
    expect(err).toBe('orrery: results is no result of a run: it has no manifest.json; did you mean results/small/7?\n');
    mkdirSync(folder.path('nothing'), { recursive: true });
    expect((await folder.orrery('explain', 'pod', 'huge', '--run', 'nothing')).err).toBe(
      'orrery: nothing is no result of a run: it has no manifest.json\n',
    );
  });

  test('a mistyped subcommand, and none', async () => {
    expect(await folder.orrery('explain', 'pdo', 'x')).toMatchObject({
      code: 2,
      err: 'orrery: unknown command "explain pdo"; did you mean "pod"?\nTry: orrery explain --help\n',
    });
    expect((await folder.orrery('explain')).err).toContain('explain what? It is one of: pod');
    expect((await folder.orrery('explain', 'pod', 'x', '--run', 'y', '--nde', 'n')).err).toContain(
      'did you mean "--node"?\nTry: orrery explain pod',
    );
  });
});

describe('a run that is not what it was', () => {
  const path = (name: string): string => folder.path('results/small/7', name);
  const withFile = async (name: string, change: (text: string) => string, work: () => Promise<void>): Promise<void> => {
    const text = readFileSync(name, 'utf8');
    writeFileSync(name, change(text));
    try {
      await work();
    } finally {
      writeFileSync(name, text);
    }
  };

  test('is explained from its copies where the scenario has changed since, which is said', async () => {
    const before = (await explain('huge', '--decision')).out;
    await withFile(
      folder.path('web.yaml'),
      (text) => text.replace("cpu: '5'", "cpu: '6'"),
      async () => {
        const { code, out } = await explain('huge', '--decision');
        expect(code).toBe(0);
        expect(out.startsWith(before)).toBe(true);
        expect(out).toContain('note: web.yaml has changed since; this is the run as it was made');
        expect((await decisionOf('huge')).changedInputs).toEqual(['web.yaml']);
      },
    );
  });

  test.each([
    ['manifest.json', /"orrery": "[^"]*"/, '"orrery": "0.0.1"', 'was made by orrery 0.0.1', 2],
    ['inputs/web.yaml', /cpu: '5'/, "cpu: '6'", 'is not the web.yaml that was run', 2],
    ['pods.csv', /huge/, 'hugo', 'was changed after the run', 2],
    ['manifest.json', /orrery\.dev\/run-manifest\/v1/, 'x/v1', 'is no manifest that this version reads', 2],
    ['manifest.json', /"files": \[/, '"fils": [', 'is damaged', 2],
  ])('is refused: %s %s', async (name, from, to, message, exitCode) => {
    await withFile(
      path(name),
      (text) => text.replace(from, to),
      async () => {
        const { code, err } = await explain('huge', '--decision');
        expect(code).toBe(exitCode);
        expect(err).toContain(message);
      },
    );
  });
});

test('why a pod was pending during a fault names the fault and the nodes that it hit', async () => {
  const during = attemptsOf('huge').find((row) => Number(row['t_s']) > 200 && Number(row['t_s']) < 500)!;
  const { out } = await explain('huge', '--why-pending', '--attempt', during['attempt']!);
  expect(out.replaceAll('\n', ' ')).toContain('The fault zoneOutage b has hit 60 of these nodes since 00:01:00.');
});
