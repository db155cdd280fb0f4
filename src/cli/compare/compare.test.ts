import { appendFileSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { CommandFolder } from '../../testing/command-folder.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const folder = new CommandFolder();
afterAll(() => folder.remove());

const job = `
apiVersion: batch/v1
kind: Job
metadata: { name: job, namespace: default }
spec:
  template:
    spec:
      restartPolicy: Never
      containers: [{ name: main, image: 'job:1', resources: { requests: { cpu: '1', memory: 1Gi } } }]
`;

const scenario = (more = ''): string => `
apiVersion: orrery.dev/v1alpha1
kind: Scenario
metadata: { name: tiny }
spec:
  description: What does packing save? Six nodes.
  horizon: 30m
  seed: '7'
  cluster:
    nodePools:
      - { name: pool, count: 6, capacity: { cpu: '8', memory: 32Gi, pods: '110' } }
  workload:
    - generator:
        name: jobs
        arrivals: { poisson: { ratePerHour: 60 } }
        template: job.yaml
        runDuration: { exponential: { mean: 5m } }
${more}`;

const mostAllocated = `
apiVersion: kubescheduler.config.k8s.io/v1
kind: KubeSchedulerConfiguration
profiles:
  - pluginConfig:
      - name: NodeResourcesFit
        args: { scoringStrategy: { type: MostAllocated, resources: [{ name: cpu, weight: 1 }, { name: memory, weight: 1 }] } }
`;

const tightPlugin = `
import { definePlugin } from 'kube-orrery/plugin';
export const tight = definePlugin({
  name: 'Tight',
  description: 'prefers nodes with many pods',
  create: () => ({ name: 'Tight', score: (_state, _pod, node) => Math.min(100, node.pods.length) }),
});
`;

const experiment = `
apiVersion: orrery.dev/v1alpha1
kind: Experiment
metadata: { name: packing }
spec:
  description: Which policy packs? At two sizes.
  scenario: tiny.yaml
  axes:
    - name: policy
      levels:
        - { label: spread }
        - { label: packed, scheduler: { profile: most-allocated } }
    - { name: nodes, path: 'spec.cluster.nodePools[0].count', values: [6, 9] }
  baseline: { policy: spread }
  replications: 3
  outputs: { tables: [timeseries], cells: merged }
  charts:
    - kind: curve
      name: utilisation
      title: Utilisation
      question: How full is the cluster?
      table: timeseries
      over: t_s
      value: value_timeavg
      series: policy
      facet: nodes
      where: { metric: cpu_requested_ratio }
`;

const ordered = `
apiVersion: orrery.dev/v1alpha1
kind: Scenario
metadata: { name: ordered }
spec:
  workload: [{ trace: { format: csv, nodes: list.csv, pods: list.csv, order: { shuffle: false } } }]
`;

beforeAll(() => {
  folder.write('job.yaml', job);
  folder.write('tiny.yaml', scenario());
  folder.write('by-name.yaml', scenario('  scheduler: { tieBreak: lowest-name }\n'));
  folder.write('list.csv', 'name,cpu,memory\na,1,1Gi\n');
  folder.write('ordered.yaml', ordered);
  folder.write('with-config.yaml', scenario('  scheduler: { config: mine.yaml }\n'));
  folder.write('mine.yaml', mostAllocated);
  folder.write('e.yaml', experiment);
});

const compare = (...argv: string[]) => folder.orrery('compare', '--workers', '0', ...argv);
const fast = ['--no-charts', '--no-report'];
const two = ['-f', 'tiny.yaml', '--profile', 'default', '--profile', 'most-allocated'];

interface Json {
  readonly policies: readonly string[];
  readonly worlds: number;
  readonly answer: string;
  readonly verdicts: readonly string[];
  readonly notes: readonly string[];
  readonly isSerial: boolean;
  readonly warmUp?: { readonly from_s: number; readonly reason: string };
  readonly ties?: string;
  readonly stopping?: string;
  readonly command: string;
  readonly comparison: readonly Record<string, unknown>[];
}

describe('profiles in the same random worlds', () => {
  test('are compared: table, verdicts, tables, charts and report', async () => {
    const { code, out, err } = await compare(...two, '-n', '6');
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toMatch(/^6 paired runs · same arrivals, run times and failures for all · level 95 %, Holm/);
    expect(out.replaceAll(/\s+/g, ' ')).toMatch(
      /most-allocated needs [\d.]+ % \([\d.]+\) fewer node-hours, 95 % CI [\d.]+ to [\d.]+, n = 6, d = −[\d.]+\./,
    );
    expect(out).toContain('ties broken uniform');
    expect(out.replaceAll(/\s+/g, ' ')).toContain('Ties are drawn anew in each world');
    expect(out).toContain('In all 6 worlds of each policy every pod found a node');
    expect(Math.max(...out.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
    const merged = folder.path('results/compare-tiny/merged');
    expect(readdirSync(merged).sort()).toEqual(
      [
        'charts',
        'comparison.csv',
        'comparison_means.csv',
        'comparison_outcomes.csv',
        'comparison_pairs.csv',
        'manifest.json',
        'report.html',
      ].sort(),
    );
    const report = folder.read('results/compare-tiny/merged/report.html');
    expect(report).toContain('<h1>Which profile for tiny: default or most-allocated?</h1>');
    expect(report.indexOf('class="answer"')).toBeLessThan(report.indexOf('data-chart="ranking"'));
    expect(report).toContain('orrery compare -f tiny.yaml --profile default --profile most-allocated -n 6');
  });

  test('give the same answer by file and by name, and the same bytes again', async () => {
    const byName = await compare(...two, '-n', '4', '-o', 'csv', ...fast);
    const byFile = await compare(
      '-f',
      'tiny.yaml',
      '--profile',
      'default',
      '--profile',
      'mine.yaml',
      '-n',
      '4',
      '-o',
      'csv',
      ...fast,
    );
    expect(byFile.out.replaceAll('mine', 'most-allocated')).toBe(byName.out);
    expect((await compare(...two, '-n', '4', '-o', 'csv', ...fast)).out).toBe(byName.out);
  });

  test('take the place of the configuration that the scenario has', async () => {
    const mixed = [
      '-f',
      'with-config.yaml',
      '--profile',
      'default',
      '--profile',
      'most-allocated',
      '-n',
      '4',
      '-o',
      'csv',
    ];
    expect((await compare(...mixed, ...fast)).out).toBe((await compare(...two, '-n', '4', '-o', 'csv', ...fast)).out);
  });

  test('may be a file anywhere in the working folder, and named by the user it need not lie beside the scenario', async () => {
    folder.write('mine/tight.ts', tightPlugin);
    folder.write('below/tiny.yaml', scenario());
    folder.write('below/job.yaml', job);
    const args = ['-f', 'below/tiny.yaml', '--profile', 'default', '--profile', 'mine/tight.ts', '-n', '2', ...fast];
    const { code, err, out } = await compare(...args);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toMatch(/metric +default +tight/);
    // The profile counts from the working folder, also where the scenario does not.
    expect(await compare('-f', folder.path('below/tiny.yaml'), ...args.slice(2))).toMatchObject({ code: 0, err: '' });
  });

  test.each([
    ['5', '95'],
    ['7', '99'],
  ])('in %s worlds, of which no two bound the median at %s %%, have none', async (count, level) => {
    const { code, err } = await compare(...two, '-n', count, '--level', level, '-q', ...fast);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    const [head, first] = folder.read('results/compare-tiny/merged/comparison_means.csv').split('\n');
    expect(first!.split(',')[head!.split(',').indexOf('median_low')]).toBe('');
  });

  test('in worlds of which nothing is drawn are alike, and it is said that more of them are of no use', async () => {
    const { code, out } = await compare('-f', 'ordered.yaml', ...two.slice(2), '-n', '3', '-q', ...fast);
    expect(code).toBe(0);
    expect(out.replaceAll(/\s+/g, ' ')).toContain('note: All 3 worlds are alike: no figure depends on what is drawn');
    expect(out).not.toContain('worlds are enough');
  });

  test('run until every difference is known, or for as long as is allowed', async () => {
    const metric = ['--metric', 'node.hours.used', '-o', 'json', ...fast];
    const known = JSON.parse((await compare(...two, '--until-half-width', '60%', ...metric)).out) as Json;
    expect([known.worlds, known.stopping]).toEqual([
      10,
      'After 10 worlds every difference is known to 60 % of the baseline.',
    ]);
    const more = await compare(...two, '--until-half-width', '60%', '-n', '11', ...metric);
    expect((JSON.parse(more.out) as Json).worlds).toBe(11);
    const limited = await compare(...two, '--until-half-width', '0.1%', '--replications-max', '12', ...metric);
    expect((JSON.parse(limited.out) as Json).stopping).toBe(
      'After 12 worlds, the most that were allowed, node-hours is not known to 0.1 % of the baseline.',
    );
  });

  test('say whether other tie-breaks would have ranked them so', async () => {
    const { out } = await compare(
      ...two,
      '-n',
      '4',
      '--metric',
      'node.hours.used',
      '--tie-salts',
      '2',
      '-o',
      'json',
      ...fast,
    );
    expect((JSON.parse(out) as Json).ties).toMatch(/under 2 other tie salts \(4 worlds each\): /);
    const refused = await compare(
      '-f',
      'by-name.yaml',
      '--profile',
      'default',
      '--profile',
      'mine.yaml',
      '--tie-salts',
      '2',
    );
    expect(refused.code).toBe(2);
    expect(refused.err).toContain('breaks ties by lowest-name');
  });

  test('are compared without their warm-up, and it is said of which figures', async () => {
    const metric = ['--metric', 'node.hours.used', '--metric', 'unavailability.mean,restarts.total'];
    const cut = await compare(...two, '-n', '4', ...metric, '--warm-up', '10m', '-o', 'json', ...fast);
    const whole = await compare(...two, '-n', '4', ...metric, '-o', 'json', ...fast);
    const told = JSON.parse(cut.out) as Json;
    expect(told.warmUp).toEqual({ from_s: 600, reason: 'as stated' });
    expect(told.command).toContain('--warm-up 10m');
    expect(told.notes.join()).toContain('Over the whole run, its beginning included: restarts total.');
    const rowOf = (text: string, metricName: string) =>
      (JSON.parse(text) as Json).comparison.find(({ metric: name }) => name === metricName)!;
    expect([rowOf(cut.out, 'node.hours.used')['from_t_s'], rowOf(cut.out, 'restarts.total')['from_t_s']]).toEqual([
      600, 0,
    ]);
    const hours = [cut, whole].map(({ out }) => Number(rowOf(out, 'node.hours.used')['baseline_mean']));
    expect(hours[0]! / hours[1]!).toBeGreaterThan(0.5);
    expect(hours[0]! / hours[1]!).toBeLessThan(0.9);
  });

  test('find their warm-up by themselves, or say why not', async () => {
    const auto = ['-n', '4', '--metric', 'utilisation.cpu.mean', '-o', 'json', ...fast];
    const found = JSON.parse((await compare(...two, '--until', '4h', '--warm-up', 'auto', ...auto)).out) as Json;
    // Jobs of 5 minutes at 60 an hour: the cluster is as full as it gets after a few of these.
    expect(found.warmUp!.reason).toBe('MSER-5 on cpu_requested_ratio of default');
    expect(found.warmUp!.from_s).toBeGreaterThan(60);
    expect(found.warmUp!.from_s).toBeLessThan(3600);
    const growing = await compare(
      ...two,
      '--set',
      'spec.workload[0].generator.runDuration={exponential: {mean: 5h}}',
      '--warm-up',
      'auto',
      ...auto,
    );
    expect([growing.code, growing.out]).toEqual([2, '']);
    expect(growing.err).toContain('it has not become steady');
    const unknown = await compare(...two, '--warm-up', 'auto:pending_pod', ...auto);
    expect([unknown.code, unknown.err]).toEqual([2, expect.stringContaining('did you mean "pending_pods"?')]);
    const long = await compare(...two, '--warm-up', '31m', ...auto);
    expect([long.code, long.err]).toEqual([2, 'orrery: --warm-up 31m00s leaves nothing of runs that last 30m00s\n']);
  });

  test('need no replications: one run each is compared batch by batch', async () => {
    const { code, out } = await compare(...two, '-n', '1', '--metric', 'node.hours.used', '-o', 'json', ...fast);
    const told = JSON.parse(out) as Json;
    expect([code, told.isSerial]).toEqual([0, true]);
    const [row] = told.comparison;
    expect(row!['n']).toBeGreaterThanOrEqual(10);
    expect(row!['n']).toBeLessThanOrEqual(30);
    expect(told.notes[0]).toContain('n are batches of its time');
    const text = await compare(...two, '-n', '1', ...fast);
    expect(text.out).toMatch(/^one run each, batch by batch/);
  });

  test('are a gate for regressions: the worse one fails, the better one passes', async () => {
    const gate = ['-n', '6', '--metric', 'node.hours.used', '--fail-on', 'regression', ...fast];
    const good = await compare(...two, ...gate);
    expect([good.code, good.err]).toEqual([0, 'PASS  nothing is surely worse by more than 2 %\n']);
    const bad = await compare(...two, '--baseline', 'most-allocated', ...gate);
    expect([bad.code, bad.err]).toEqual([1, 'FAIL  worse by more than 2 %: node-hours of default\n']);
    expect((await compare(...two, '--baseline', 'most-allocated', ...gate, '--tolerate', '900%')).code).toBe(0);
  });
});

test('the levels of a finished sweep are compared, averaged over its other axes; its report compares them too', async () => {
  const swept = await folder.orrery('sweep', '-f', 'e.yaml', '--workers', '0');
  expect(swept.code).toBe(0);
  const merged = folder.path('results/sweep-packing/merged');
  expect(existsSync(join(merged, 'charts/utilisation.png'))).toBe(true);
  const report = readFileSync(join(merged, 'report.html'), 'utf8');
  for (const text of ['<h1>Which policy packs?</h1>', 'data-chart="ranking"', 'data-chart="utilisation"'])
    expect(report).toContain(text);

  const over = (...args: readonly string[]) => compare('--sweep', 'results/sweep-packing', ...args);
  const json = ['-o', 'json', ...fast];
  const { code, out } = await over('--axis', 'policy', ...json);
  const told = JSON.parse(out) as Json;
  expect([code, told.policies, told.worlds]).toEqual([0, ['spread', 'packed'], 3]);
  const six = await over('--axis', 'policy', '-l', 'nodes=6', ...json);
  const nine = await over('--axis', 'policy', '-l', 'nodes=9', ...json);
  const meanOf = (text: string): number =>
    Number((JSON.parse(text) as Json).comparison.find(({ metric }) => metric === 'node.hours.used')!['mean']);
  expect(meanOf(out)).toBeCloseTo((meanOf(six.out) + meanOf(nine.out)) / 2, 9);

  const cells = ['--cell', 'policy=spread,nodes=6', '--cell', 'policy=packed,nodes=9'];
  const crossed = await over(...cells, '--half-width', '1%', ...json);
  const rowOf = (text: string) =>
    (JSON.parse(text) as Json).comparison.find(({ metric }) => metric === 'node.hours.used')!;
  expect(rowOf(crossed.out)).toMatchObject({
    ...{ policy: 'policy=packed,nodes=9', baseline: 'policy=spread,nodes=6', n: 3, wanted_half_width: 0.01 },
    ...{ mean: meanOf(nine.out), baseline_mean: rowOf(six.out)['baseline_mean'] },
  });
  for (const [chosen, said] of [
    [['policy=spread,nodes=6'], '--cell is written twice or more'],
    [
      ['policy=spread,nodes=6', 'policy=packed'],
      '--cell policy=packed means several cells of a world; name one level of each of policy, nodes',
    ],
    [['policy=spread', 'policy=pack'], '--cell: there is no level of policy "pack"; known: spread, packed'],
    [['policy=spread', 'polcy=packed'], '--cell: there is no axis "polcy"; did you mean "policy"?'],
  ] as const) {
    const refused = await over(...chosen.flatMap((text) => ['--cell', text]));
    expect(refused).toMatchObject({ code: 2, out: '', err: expect.stringContaining(said) as string });
  }

  const wrong = await over('--axis', 'polcy');
  expect([wrong.code, wrong.err]).toEqual([2, 'orrery: there is no axis "polcy"; did you mean "policy"?\n']);
  appendFileSync(join(merged, 'figures.csv'), 'packed,6,7,0,node.hours.used,1,hours\n');
  const altered = await over('--axis', 'policy');
  expect(altered.code).toBe(2);
  expect(altered.err).toBe(
    'orrery: hash mismatch: results/sweep-packing has a figures.csv that was changed after being written.\n' +
      'To merge it anew, with the cells that are there: orrery sweep -f e.yaml\n',
  );
});

describe('what cannot be compared is refused before anything runs', () => {
  test.each([
    [['-f', 'tiny.yaml', '--profile', 'default'], 'two or more --profile'],
    [['-f', 'tiny.yaml', '--profile', 'default', '--profile', 'default'], 'two profiles are called "default"'],
    [['-f', 'tiny.yaml', '--profile', 'default', '--profile', 'most-alocated'], 'did you mean "most-allocated"?'],
    [
      ['-f', 'stories/own.yaml', '--profile', 'default', '--profile', 'stories/none.yaml'],
      'orrery: --profile stories/none.yaml: there is no such file\n',
    ],
    [['-f', 'tiny.yaml', '--profile', 'none.ts', '--profile', 'default'], '--profile none.ts: there is no such file'],
    [['-f', 'tiny.yaml', '--profile', 'default', '--profile', './'], '--profile ./: it is a folder'],
    [
      ['-f', 'ordered.yaml', ...two.slice(2), '--warm-up', '5m'],
      '--warm-up takes runs in time; the trace of ordered.yaml is replayed in order, without a clock',
    ],
    [['-f', 'ordered.yaml', ...two.slice(2), '-n', '1'], '-n 1 takes runs in time; the trace of ordered.yaml'],
    [
      ['-f', 'ordered.yaml', ...two.slice(2), '--until', '1h'],
      'ordered.yaml:6:3 error E027: spec.workload: --until has no part',
    ],
    [['--profile', 'default'], 'compare takes -f with two or more --profile, or --sweep'],
    [[...two, '--metric', 'node.hour.used'], 'did you mean "node.hours.used"?'],
    [[...two, '--level', '195'], '--level "195"'],
    [[...two, '--level', '99.999'], '--level "99.999" is no confidence level from 50 to 99.99; write 95 for 95 %'],
    [[...two, '-n', '0'], '--replications "0"'],
    [[...two, '--warm-up', 'soon'], '--warm-up "soon" is no duration'],
    [[...two, '--warm-up', '5m', '--tie-salts', '2'], 'goes with neither --warm-up'],
    [[...two, '--until-half-width', '5'], '--until-half-width "5" is no share from 0.01% on; write 5%'],
    [[...two, '--until-half-width', '5%', '--replications-max', '9'], '--replications-max 9 is below the 10 worlds'],
    [[...two, '--set', 'spec.cluster.nodePool[0].count=9'], 'did you mean "nodePools"?'],
    [[...two, '--baseline', 'best-fit'], '--baseline "best-fit" is none of the profiles'],
    [
      [...two, '--until-half-width', '5%', '-n', '3'],
      '--until-half-width begins with 10 worlds or more; -n 3 is below',
    ],
    [['--sweep', 'nowhere', '--tie-salts', '3'], '--tie-salts goes with -f: a sweep has been run'],
    [['--sweep', 'nowhere', '-n', '3', '--seed', '4'], '--replications and --seed go with -f'],
    [
      [...two, '--half-width', '1%', '--until-half-width', '5%'],
      '--half-width and --until-half-width both say how exactly differences are wanted; state one',
    ],
    [[...two, '--replications-max', '20'], '--replications-max goes with --until-half-width'],
    [['--sweep', 'nowhere', '--until', '2h', '--allow-plugins'], '--until and --allow-plugins go with -f'],
    [[...two, '--axis', 'policy'], '--axis goes with --sweep'],
  ])('%j', async (argv, message) => {
    const { code, out, err } = await compare(...argv);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain(message);
  });

  test('a folder that is no sweep', async () => {
    const { code, err } = await compare('--sweep', 'nowhere');
    expect([code, err]).toEqual([
      2,
      'orrery: nowhere is no finished sweep: it has no manifest.json of merged tables\n',
    ]);
  });
});
