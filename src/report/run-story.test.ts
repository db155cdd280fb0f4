import { expect, test } from 'vitest';
import type { Cell, Row, Table } from '../record/table.ts';
import { sampleOptions, sampleTables } from '../testing/sample-tables.ts';
import { runStory } from './run-story.ts';
import { crashLoopItems } from './story-crash-loops.ts';

const MINUTE = 60_000_000;
const { horizonUs } = sampleOptions;

const none = (count: number): undefined[] => Array<undefined>(count).fill(undefined);

/** The sample with the rows of one table replaced. */
function withRows(name: string, rows: readonly Row[]): Map<string, Table> {
  const tables = sampleTables();
  return tables.set(name, { ...tables.get(name)!, rows });
}

test('faults are told in order of time, with what came of each', () => {
  const { story } = runStory({ tables: sampleTables(), horizonUs, actions: [] });
  expect(story.map(({ t, what, detail }) => [t / MINUTE, what, detail])).toEqual([
    [
      12,
      'node general-b-3 crashed',
      'Unknown after 47.4 s · tainted 48 s · pods evicted 5m48s · 7 pods lost, all replaced and ready 6m01s',
    ],
    [
      20,
      'zone b was lost (10 nodes)',
      'Unknown after 42 s · tainted 48 s · pods evicted 5m54s · 61 pods lost, all replaced and ready 11m12s',
    ],
    [80, 'image registry was out of order', 'for 15m00s'],
  ]);
});

test('the chain of a crash names each step once, in order of time, ending with the reboot or the recovery', () => {
  const [crash] = runStory({ tables: sampleTables(), horizonUs, actions: [] }).story;
  const times = crash!.chain!.map(({ t }) => t);
  expect(times).toEqual([...times].sort((a, b) => a - b));
  expect(crash!.chain!.map(({ text }) => text.split(':')[0])).toEqual([
    'general-b-3 without power',
    'node lifecycle controller',
    'node lifecycle controller',
    'taint eviction controller',
    'their controllers make new pods (as many pods as replicas)',
    'kube-scheduler',
    'kubelet',
    'general-b-3 boots again',
    '7 replaced pods are ready (readiness probe)',
  ]);
  const rules = ['node-monitor-grace-period 50s', 'node-eviction-rate 0.1/s', 'tolerationSeconds 300'];
  for (const [index, rule] of rules.entries()) expect(crash!.chain![index + 1]!.text).toContain(rule);
});

test('who said that a node is not ready is told by its condition, however soon that came', () => {
  const stopOf = (id: string, ready: string): Row => {
    const head = [id, 'kubeletStop', `n${id}`, 3 * MINUTE, 4 * MINUTE, 1, 3.25 * MINUTE];
    return [...head, undefined, undefined, 3 * MINUTE, 0, ...none(15), ready];
  };
  const tables = withRows('faults', [stopOf('1', 'Unknown'), stopOf('2', 'False')]);
  const { story } = runStory({ tables, horizonUs, actions: [] });
  expect(story.map(({ detail }) => detail)).toEqual([
    'Unknown after 15 s · back after 1m00s, no pod lost',
    'not ready after 15 s · back after 1m00s, no pod lost',
  ]);
});

test('a single pod is not spoken of as all, and only faults that cost pods say how long it took', () => {
  const crashOf = (id: string, lost: number, recovered: number): Row => {
    const head = [id, 'nodeCrash', `n${id}`, 3 * MINUTE, 40 * MINUTE, 1, 4 * MINUTE, 4 * MINUTE, 9 * MINUTE];
    return [...head, recovered * MINUTE, lost, ...none(15), 'Unknown'];
  };
  const tables = withRows('faults', [crashOf('1', 1, 10), crashOf('2', 0, 40)]);
  const { story, answer } = runStory({ tables, horizonUs, actions: [] });
  expect(story[0]!.detail).toContain('1 pod lost, replaced and ready 7m00s');
  expect(answer).toContain('2 faults cost 1 pod, which was replaced and ready again 7m00s after the fault.');
});

test('containers that are killed again and again are one item, with who healed them', () => {
  const crashOf = (id: string, minute: number, isReplaced: boolean): Row => {
    const at = minute * MINUTE;
    const [detected, recovered] = [at + 1_000_000, at + 20_000_000];
    const steps = isReplaced ? [undefined, at + 2_000_000, at + 3_000_000, undefined] : [at + 11_000_000];
    return [
      ...[id, 'containerCrash', 'pods app=web', at, at, 0, detected, undefined, undefined, recovered],
      ...[isReplaced ? 1 : 0, undefined, undefined, ...steps],
    ];
  };
  const tables = withRows('faults', [crashOf('a', 1, false), crashOf('b', 2, false), crashOf('c', 3, true)]);
  const { story } = runStory({ tables, horizonUs, actions: [] });
  expect(story).toHaveLength(1);
  expect(story[0]).toMatchObject({
    t: MINUTE,
    what: 'containers killed: pods app=web (3 times)',
    detail:
      '2 restarted in the same pod, ready again after 20 s at most · 1 replaced by a new pod, ready again after 20 s',
  });
  expect(story[0]!.chain!.filter(({ text }) => text.includes('CrashLoopBackOff'))).toHaveLength(2);
  expect(story[0]!.chain!.at(-1)!.text).toContain('1 replaced pod is ready');
});

test('one kill of many containers is told without a number of kills, whatever it was by', () => {
  const at = 12 * MINUTE;
  const kill = ['a', 'oomKill', 'pods app=web', at, at, 0, at + 1_000_000, undefined, undefined, at + 4_000_000, 0];
  const { story } = runStory({ tables: withRows('faults', [kill]), horizonUs, actions: [] });
  expect(story[0]!.detail).toBe('restarted in the same pod, ready again after 4 s');
});

test.each([
  ['no probe noticed', undefined, undefined, undefined],
  ['noticed after 15 s · ready again after 1m00s', 15, undefined, 60],
  ['noticed after 15 s · restarted in the same pod, ready again after 50 s', 15, 48, 50],
])('a container that hangs: %s', (text, detected, restarted, recovered) => {
  const at = (seconds: number | undefined): number | undefined =>
    seconds === undefined ? undefined : MINUTE + seconds * 1_000_000;
  const hang = ['a', 'containerHang', 'pods app=web', MINUTE, 2 * MINUTE, 0, at(detected), undefined, undefined];
  const row: Row = [...hang, at(recovered), 0, undefined, undefined, at(restarted)];
  const { story } = runStory({ tables: withRows('faults', [row]), horizonUs, actions: [] });
  expect(story[0]!.detail).toBe(`for 1m00s · ${text}`);
  expect(story[0]!.chain!.some(({ text: step }) => step.includes('a probe has failed'))).toBe(detected !== undefined);
});

test('a component whose leader ends is not said to be gone: another process may have taken over', () => {
  const down = ['a', 'componentDown', 'kube-scheduler', MINUTE, 6 * MINUTE, 0];
  const { story } = runStory({ tables: withRows('faults', [down]), horizonUs, actions: [] });
  expect(story[0]!.what).toBe('the leading kube-scheduler process was gone');
});

test('what keeps the lease has no silence that could go unnoticed', () => {
  const slow = ['f', 'nodeSlow', 'n1', MINUTE, 2 * MINUTE, 1, undefined, undefined, undefined, MINUTE, 0];
  const { story } = runStory({ tables: withRows('faults', [slow]), horizonUs, actions: [] });
  expect(story[0]!.detail).toBe('for 1m00s');
});

test('a fault on a node that was not ready already is not told as unnoticed', () => {
  const crash = ['0', 'nodeCrash', 'n1', MINUTE, undefined, 1, 2 * MINUTE, undefined, undefined, MINUTE, 0];
  const stop: Row = ['1', 'kubeletStop', 'n1', 3 * MINUTE, 4 * MINUTE, 1, ...none(3), 3 * MINUTE, 0, ...none(14), 0, 0];
  const { story } = runStory({ tables: withRows('faults', [crash, stop]), horizonUs, actions: [] });
  expect(story[1]!.detail).toBe('for 1m00s; not ready already, since node n1 crashed');
});

test.each([
  [70, 'kube-controller-manager, which could not renew its lease, leads again after 1m10s', 2],
  [undefined, '1 without a leader until the end of the run', 1],
])('an outage that takes two leaders tells of each', (seconds, text, count) => {
  const last = seconds === undefined ? undefined : MINUTE + seconds * 1_000_000;
  const outage: Row = ['0', 'apiServerOutage', '', MINUTE, 2 * MINUTE, 0, ...none(16), MINUTE + 65_000_000, last, 2];
  const { story } = runStory({ tables: withRows('faults', [outage]), horizonUs, actions: [] });
  const first = 'kube-scheduler, which could not renew its lease, leads again after 1m05s';
  expect(story[0]!.detail).toBe(`for 1m00s · ${first} · ${text}`);
  expect(story[0]!.chain!.filter(({ text: step }) => step.includes('leads again'))).toHaveLength(count);
});

test('a crash that is shorter than the grace period is told as unnoticed', () => {
  const crash = ['f', 'nodeCrash', 'n1', MINUTE, 1.5 * MINUTE, 1, undefined, undefined, undefined, undefined, 0];
  const tables = withRows('faults', [[...crash, undefined, undefined]]);
  const { story } = runStory({ tables, horizonUs, actions: [] });
  expect(story[0]!.detail).toBe('for 30 s; the control plane did not notice');
});

test('a fault without recovery is said to be open, in its line and in the answer', () => {
  const crash = ['f', 'nodeCrash', 'n1', MINUTE, undefined, 1, 2 * MINUTE, 2 * MINUTE, 7 * MINUTE, undefined, 3];
  const tables = withRows('faults', [[...crash, MINUTE, undefined]]);
  const { story, answer } = runStory({ tables, horizonUs, actions: [] });
  expect(story[0]!.detail).toContain('3 pods lost, not recovered by the end');
  expect(answer).toMatch(/^1 fault cost 3 pods, and recovery was not complete by the end\./);
});

test.each([
  [
    1,
    '3 pods lost, 1 without a controller and not replaced, the others replaced and ready 2m00s',
    /; 1 without a controller stays lost, the others were/,
  ],
  [3, '3 pods lost, 3 without a controller and not replaced', /cost 3 pods, which no controller replaces\./],
])('of three lost pods %i without a controller stay lost', (bare, text, sentence) => {
  const crash = ['f', 'nodeCrash', 'n1', MINUTE, undefined, 1, 2 * MINUTE, 2 * MINUTE, 7 * MINUTE, 3 * MINUTE, 3];
  const rest = [undefined, undefined, undefined, undefined, undefined, undefined, undefined, undefined, undefined];
  const { story, answer } = runStory({
    tables: withRows('faults', [[...crash, ...rest, undefined, bare]]),
    horizonUs,
    actions: [],
  });
  expect(story[0]!.detail).toContain(text);
  expect(story[0]!.detail.endsWith(text)).toBe(true);
  expect(answer).toMatch(sentence);
});

/** A row of the table of faults from cells by name. */
function faultRow(cells: Readonly<Record<string, Cell>>): Row {
  return sampleTables()
    .get('faults')!
    .columns.map(({ name }) => cells[name]);
}

function detailsOf(...rows: Readonly<Record<string, Cell>>[]): string[] {
  const tables = withRows('faults', rows.map(faultRow));
  return runStory({ tables, horizonUs, actions: [] }).story.map(({ detail }) => detail);
}

const crashed = { id: '0', kind: 'nodeCrash', target: 'n1', starts_t_s: MINUTE, nodes: 1 };

test('pressure is told with the condition, from when until when, and with how its pods were lost', () => {
  const full = { ...crashed, kind: 'diskFull', ends_t_s: 3 * MINUTE };
  const lost = { pods_lost: 12, pods_evicted: 2, pods_refused: 10, recovered_t_s: 9 * MINUTE };
  const details = detailsOf(
    { ...full, pressure_t_s: 1.25 * MINUTE, relieved_t_s: 8 * MINUTE, ...lost },
    { ...full, id: '1', pods_lost: 2, pods_evicted: 2 },
    { ...full, id: '2', kind: 'memoryPressure', pressure_t_s: 1.25 * MINUTE, pods_lost: 0, recovered_t_s: MINUTE },
    { ...full, id: '3', noticed_under: '0', relieved_t_s: 8 * MINUTE, pods_lost: 0, recovered_t_s: MINUTE },
  );
  expect(details).toEqual([
    'for 2m00s · DiskPressure from 15 s until 7m00s · ' +
      '12 pods lost (2 evicted, 10 not admitted), all replaced and ready 8m00s',
    'for 2m00s · no DiskPressure was told · 2 pods evicted, not recovered by the end',
    'for 2m00s · MemoryPressure from 15 s until the end of the run',
    'for 2m00s · DiskPressure already, since disk of n1 filled up',
  ]);
});

test('several nodes of one fault are named, not all where they are many; none is said to be none', () => {
  const spot = { ...crashed, kind: 'spotReclaim' };
  const rows = [
    { ...spot, target: 'a b', nodes: 2 },
    { ...spot, id: '1', target: 'a b c d', nodes: 4 },
    { ...spot, id: '2', target: 'a b c d e', nodes: 5 },
    { ...spot, id: '3', target: '', nodes: 0 },
  ];
  const { story } = runStory({ tables: withRows('faults', rows.map(faultRow)), horizonUs, actions: [] });
  expect(story.map(({ what }) => what)).toEqual([
    ...['spot machines a and b were reclaimed', 'spot machines a, b, c and d were reclaimed'],
    ...['spot machines a, b, c and 2 more were reclaimed', 'spotReclaim found no node'],
  ]);
});

test('an outage that hits no node, a partition that cuts off nodes, and an API server without writes are told', () => {
  const rows = [
    { ...crashed, kind: 'zoneOutage', target: 'c', nodes: 0 },
    { ...crashed, id: '1', kind: 'domainOutage', target: 'c-1', nodes: 0 },
    { ...crashed, id: '2', kind: 'zonePartition', target: 'a - b', nodes: 2 },
    { ...crashed, id: '3', kind: 'apiServerOutage', target: 'writes of kube-apiserver', nodes: 0 },
  ];
  const { story } = runStory({ tables: withRows('faults', rows.map(faultRow)), horizonUs, actions: [] });
  expect(story.map(({ what }) => what)).toEqual([
    ...['outage of zone c hit no node', 'outage of failure domain c-1 hit no node'],
    ...['zones a - b lost contact (2 nodes cut off)', 'API server refused writes'],
  ]);
});

test('leaders that are missing until the end have names', () => {
  const outage = { ...crashed, kind: 'apiServerOutage', target: '', nodes: 0, leaders_lost: 2 };
  expect(detailsOf({ ...outage, without_leader: 'kube-scheduler, kube-controller-manager' })).toEqual([
    'until the end of the run · kube-scheduler and kube-controller-manager without a leader until the end of the run',
  ]);
});

test('an outage of the registry is told with its pulls; one that answers late was slow', () => {
  const outage = { ...crashed, kind: 'registryOutage', target: 'image registry', nodes: 0, ends_t_s: 2 * MINUTE };
  const rows = [
    { ...outage, pulls: 60, pulls_failed: 57 },
    { ...outage, id: '1', pulls: 0, pulls_failed: 0 },
    { ...outage, id: '2', target: 'slow image registry', pulls: 1, pulls_failed: 0 },
  ];
  expect(detailsOf(...rows)).toEqual([
    ...['for 1m00s · 57 of 60 pulls failed', 'for 1m00s · no image was pulled meanwhile'],
    'for 1m00s · 1 pull meanwhile',
  ]);
  const { story } = runStory({ tables: withRows('faults', rows.map(faultRow)), horizonUs, actions: [] });
  expect(story[2]!.what).toBe('image registry was slow');
});

test('every kill is accounted for: restarted, replaced, not replaced, open, or without anything to kill', () => {
  const kill = { ...crashed, kind: 'oomKill', target: 'pods', nodes: 0, pods_hit: 1, pods_lost: 0 };
  const healed = { detected_t_s: 1.1 * MINUTE, recovered_t_s: 2 * MINUTE };
  const [detail] = detailsOf(
    { ...kill, ...healed, pods_hit: 3 },
    { ...kill, id: '1', ...healed, pods_lost: 1 },
    { ...kill, id: '2', ...healed, pods_lost: 1, bare_pods_lost: 1 },
    { ...kill, id: '3', pods_hit: 2, detected_t_s: 1.1 * MINUTE },
    { ...kill, id: '4', pods_hit: 0, pods_lost: undefined },
    { ...kill, id: '5', pods_hit: 0, pods_lost: undefined },
  );
  expect(detail).toBe(
    '3 restarted in the same pod, ready again after 1m00s at most · ' +
      '1 replaced by a new pod, ready again after 1m00s · ' +
      '1 without a controller and not replaced · 2 not healed by the end · 2 times none ran',
  );
});

test('one kill tells of each of its pods, or that there was none', () => {
  const kill = { ...crashed, kind: 'oomKill', target: 'pods', nodes: 0, pods_hit: 3, pods_lost: 1 };
  const healed = { detected_t_s: 1.1 * MINUTE, recovered_t_s: 2 * MINUTE, restarted_t_s: 1.2 * MINUTE };
  expect(detailsOf({ ...kill, ...healed })).toEqual([
    '1 replaced by a new pod, 2 restarted in the same pods, ready again after 1m00s',
  ]);
  const bare = { ...kill, ...healed, pods_hit: 1, pods_lost: 0, recovered_t_s: MINUTE };
  expect(detailsOf(bare)).toEqual(['restarted in the same pod after 12 s']);
  expect(detailsOf({ ...kill, pods_hit: 0, pods_lost: undefined })).toEqual(['no container of theirs ran']);
});

test('a hang that a kill ended is not told as one that no probe noticed', () => {
  const hang = { ...crashed, kind: 'containerHang', target: 'pods', nodes: 0, pods_hit: 1, recovered_t_s: MINUTE };
  const kill = { ...crashed, id: '1', kind: 'oomKill', target: 'pods', starts_t_s: 1.5 * MINUTE, nodes: 0 };
  expect(detailsOf({ ...hang, overtaken_by: '1', pods_lost: 0 }, { ...kill, pods_hit: 1, pods_lost: 0 })[0]).toBe(
    'until the end of the run · over after 30 s, before a probe noticed: containers killed for want of memory: pods',
  );
});

test('a node that is lost for ever without a lost pod is told to the end, here and in the answer', () => {
  const open = { ...crashed, detected_t_s: 2 * MINUTE, pods_lost: 0 };
  expect(detailsOf(open)).toEqual([
    'Unknown after 1m00s · until the end of the run, no pod lost, not recovered by the end',
  ]);
  const tables = withRows('faults', [open, { ...open, id: '1', recovered_t_s: 3 * MINUTE }].map(faultRow));
  expect(runStory({ tables, horizonUs, actions: [] }).answer).toMatch(
    /^2 faults cost no pod, and recovery from 1 of them was not complete by the end\./,
  );
});

test('pods that were away for a while without being lost are told of', () => {
  const short = { ...crashed, ends_t_s: 1.5 * MINUTE, pods_lost: 0, recovered_t_s: 3 * MINUTE };
  expect(detailsOf(short, { ...short, id: '1', kind: 'kubeletStop', noticed_under: '0' })).toEqual([
    'for 30 s; the control plane did not notice, workloads complete again after 2m00s',
    'for 30 s; silent already, since node n1 crashed',
  ]);
});

test('one of two lost pods that is replaced is spoken of as the other', () => {
  const lost = { ...crashed, detected_t_s: 2 * MINUTE, pods_lost: 2, bare_pods_lost: 1, recovered_t_s: 3 * MINUTE };
  const { story, answer } = runStory({ tables: withRows('faults', [faultRow(lost)]), horizonUs, actions: [] });
  expect(story[0]!.detail).toContain('2 pods lost, 1 without a controller and not replaced, the other replaced and');
  expect(answer).toContain('; 1 without a controller stays lost, the other was replaced and ready again 2m00s after');
});

test('a take-over is told with who took over', () => {
  const down = ['f', 'componentDown', 'kube-scheduler', MINUTE, 5 * MINUTE, 0];
  const tables = withRows('faults', [[...down, ...none(16), 1.25 * MINUTE, undefined, 1]]);
  const [item] = runStory({ tables, horizonUs, actions: [] }).story;
  expect(item!.detail).toBe('for 4m00s · a standby of kube-scheduler took over after 15 s');
  expect(item!.chain!.map(({ text }) => text)[1]).toBe('a standby of kube-scheduler took over (lease-duration 15s)');
});

test('a fault that begins after the end of the run did not happen', () => {
  const { story } = runStory({ tables: sampleTables(), horizonUs: 15 * MINUTE, actions: [] });
  expect(story.map(({ what }) => what)).toEqual(['node general-b-3 crashed']);
});

test('what users did is told among the faults; manifests applied at the beginning are not', () => {
  const actions = [
    { t: 0, verb: 'apply', target: 'Deployment shop/web', message: '' },
    { t: 15 * MINUTE, verb: 'scale', target: 'Deployment shop/web', message: 'scaled' },
    ...['a', 'b', 'c'].map((name, at) => ({ t: 90 * MINUTE + at, verb: 'apply', target: `Job ${name}`, message: '' })),
  ];
  const { story } = runStory({ tables: sampleTables(), horizonUs, actions });
  expect(story.map(({ what }) => what)).toEqual([
    'node general-b-3 crashed',
    'user scaled Deployment shop/web',
    'zone b was lost (10 nodes)',
    'image registry was out of order',
    'user applied Job a, Job b and 1 more',
  ]);
});

test('containers that end again and again are a crash loop; two restarts, or those of a reboot, are none', () => {
  const names = 'namespace kind workload container reason exit_code restarts first_t_s last_t_s most_of_pod'.split(' ');
  const columns = names.map((name) => ({ name, type: 'string' as const, description: '' }));
  const loop = (name: string, code: number | undefined, count: number, reason = 'Error'): Row => [
    ...['shop', 'Deployment', name, 'main', reason, code, count, MINUTE, 65 * MINUTE, count],
  ];
  const rows = [
    ...[loop('bad', 1, 7), loop('rare', 1, 2), loop('rebooted', undefined, 9)],
    loop('gone', 137, 9, 'ContainerStatusUnknown'),
  ];
  const tables = sampleTables().set('restarts', { name: 'restarts', description: '', columns, rows });
  const { story } = runStory({ tables, horizonUs, actions: [] });
  expect(story[0]).toMatchObject({
    t: MINUTE,
    what: 'shop/bad crash-looped (container main)',
    detail: '7 restarts · exit code 1 (Error) · the last at 01:05:00',
  });
  expect(story).toHaveLength(4);
});

test('many pods that a fault ends once each are no crash loop', () => {
  const names = 'namespace kind workload container reason exit_code restarts first_t_s last_t_s most_of_pod'.split(' ');
  const restartColumns = names.map((name) => ({ name, type: 'string' as const, description: '' }));
  const storyWith = (perPod: number) => {
    const rows = [['shop', 'Deployment', 'web', 'main', 'Error', 137, 18, MINUTE, MINUTE, perPod]];
    return crashLoopItems(
      new Map([['restarts', { name: 'restarts', description: '', columns: restartColumns, rows }]]),
    );
  };
  expect(storyWith(1)).toEqual([]);
  expect(storyWith(3)).toHaveLength(1);
});

test('a container that ends less often than its back-off is forgotten is no crash loop', () => {
  const names = 'namespace kind workload container reason exit_code restarts first_t_s last_t_s most_of_pod'.split(' ');
  const columns = names.map((name) => ({ name, type: 'string' as const, description: '' }));
  const rows: Row[] = [
    ['shop', 'Deployment', 'rare', 'main', 'Error', 137, 4, MINUTE, 50 * MINUTE, 4],
    ['shop', 'Deployment', 'often', 'main', 'Error', 137, 4, MINUTE, 40 * MINUTE, 4],
  ];
  const tables = sampleTables().set('restarts', { name: 'restarts', description: '', columns, rows });
  expect(crashLoopItems(tables).map(({ what }) => what)).toEqual([
    'shop/rare was restarted now and then (container main)',
    'shop/often crash-looped (container main)',
  ]);
});

test('the figures are the lowest availability, the wait for a node, and how full the cluster is', () => {
  const { figures } = runStory({ tables: sampleTables(), horizonUs, actions: [] });
  // checkout: 0.55 of 12 minutes of two hours; then recommender, 0.4 of them.
  expect(figures[0]).toEqual({
    label: 'service availability',
    value: '94.50 %',
    detail: 'shop/checkout, below its wish for 6m36s; then data/recommender 96.00 %',
  });
  expect(figures.map(({ label }) => label)).toEqual(['service availability', 'pending time p99', 'requested cpu']);
  expect(figures[1]!.detail).toMatch(/; 2 pods never placed$/);
  expect(figures[2]!.detail).toMatch(/^memory \d+ %, stranded cpu [\d.]+ %$/);
});

test('pods that never found a node are told with the words of kube-scheduler', () => {
  const { unplacedReason, answer } = runStory({ tables: sampleTables(), horizonUs, actions: [] });
  expect(unplacedReason).toBe('0/30 nodes are available: 27 Insufficient cpu.');
  expect(answer).toMatch(/2 pods never found a node\.$/);
});

test('pods that no scheduler has tried are told as such', () => {
  const tables = withRows('scheduling_attempts', []);
  expect(runStory({ tables, horizonUs, actions: [] }).unplacedReason).toBe(
    'no scheduler has tried it; is there one of its schedulerName?',
  );
});

test('a pod that failed without having been started never got running', () => {
  const { columns } = sampleTables().get('pods')!;
  const pod = (cells: Readonly<Record<string, Cell>>): Row => columns.map(({ name }) => cells[name]);
  const rows = [pod({ uid: 1, finished_t_s: MINUTE }), pod({ uid: 2, started_t_s: MINUTE, finished_t_s: MINUTE })];
  const tables = withRows('pods', rows);
  tables.set('faults', { ...tables.get('faults')!, rows: [] });
  expect(runStory({ tables, horizonUs, actions: [] }).answer).toMatch(/^1 of 2 pods got running\./);
});

test('a run without anything has a story all the same', () => {
  expect(runStory({ tables: new Map(), horizonUs, actions: [] })).toEqual({
    story: [],
    figures: [],
    answer: 'No pod was ever created.',
    unplacedReason: '',
  });
});

test('faults of which none struck are not passed over', () => {
  const tables = withRows('faults', []);
  const answer = (hasFaults: boolean): string => runStory({ tables, horizonUs, actions: [], hasFaults }).answer;
  expect(answer(true)).toBe(`None of the faults of the scenario struck. ${answer(false)}`);
});
