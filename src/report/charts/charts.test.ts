import { describe, expect, test } from 'vitest';
import { sampleOptions, sampleTables } from '../../testing/sample-tables.ts';
import type { Table } from '../../record/table.ts';
import type { View } from '../define-chart.ts';
import { themedSpec } from '../theme.ts';
import { charts } from './registry.ts';

type Datum = Record<string, unknown>;

const MINUTE = 60_000_000;
const input = { tables: sampleTables(), horizonUs: sampleOptions.horizonUs };

const chartOf = (name: string) => charts.find((chart) => chart.name === name)!;

/** All rows of data anywhere in a specification. */
function dataOf(spec: unknown): Datum[] {
  if (spec === null || typeof spec !== 'object') return [];
  if (Array.isArray(spec)) return spec.flatMap(dataOf);
  const { data, ...rest } = spec as { data?: { values?: Datum[] } };
  return [...(data?.values ?? []), ...Object.values(rest).flatMap(dataOf)];
}

const rowsOf = (name: string, tables = input.tables): Datum[] =>
  dataOf(themedSpec(chartOf(name), { ...input, tables }));

function withRows(name: string, rows: Table['rows']): Map<string, Table> {
  return new Map([...input.tables, [name, { ...input.tables.get(name)!, rows }]]);
}

describe('the charts', () => {
  test('have names fit for files, each once', () => {
    const names = charts.map((chart) => chart.name);
    expect(new Set(names).size).toBe(names.length);
    expect(names.filter((name) => !/^[a-z]+(-[a-z]+)*$/.test(name))).toEqual([]);
  });

  test.each(charts.map((chart) => [chart.name, chart] as const))('%s asks one question of known tables', (_, chart) => {
    expect(chart.question).toMatch(/^[A-Z].*\?$/);
    expect(chart.tables.filter((table) => !input.tables.has(table))).toEqual([]);
  });

  test.each(charts.map((chart) => [chart.name, chart] as const))('%s is plain JSON without dates', (_, chart) => {
    const text = JSON.stringify(themedSpec(chart, input));
    expect(JSON.parse(text)).toEqual(themedSpec(chart, input));
    expect(text).not.toMatch(/"temporal"|timeUnit|timeFormat|"utc"|"url"/);
  });

  test('stay below 2 MB with 1,000 nodes and 10,000 pods', () => {
    const tables = sampleTables({ nodes: 1000, pods: 10_000 });
    const sizes = charts.map((chart) => JSON.stringify(themedSpec(chart, { ...input, tables })).length);
    expect(Math.max(...sizes)).toBeLessThan(2_000_000);
    // Not for lack of content: a thousand nodes are on it.
    expect(Math.max(...sizes)).toBeGreaterThan(100_000);
  });
});

describe('pods by phase', () => {
  test('stacks Running at the bottom and gives every pod a place at every instant', () => {
    const at = rowsOf('pods-by-phase').filter((row) => row['t'] === 40 * 60 && row['phase'] !== undefined);
    const sorted = at.sort((a, b) => Number(a['order']) - Number(b['order']));
    expect(sorted.map((row) => row['phase'])).toEqual(['Running', 'Succeeded', 'Pending', 'Unknown', 'Failed']);
    expect(sorted.reduce((sum, row) => sum + Number(row['pods']), 0)).toBeCloseTo(200, 1);
  });

  test('leaves out phases no pod was ever in', () => {
    const rows = [...input.tables.get('timeseries')!.rows].filter((row) => row[3] !== 'Failed');
    const phases = rowsOf('pods-by-phase', withRows('timeseries', rows)).map((row) => row['phase']);
    expect(new Set(phases.filter((phase) => phase !== undefined)).size).toBe(4);
  });
});

describe('time pending', () => {
  /** Pods that waited 1, 2, … 100 s; the last one is never bound. */
  const columns = input.tables.get('pods')!.columns.map((column) => column.name);
  const rows = Array.from({ length: 100 }, (_, i) =>
    columns.map((name) => {
      if (name === 'pending_s') return (i + 1) * 1_000_000;
      return name === 'bound_t_s' && i < 99 ? 500_000_000 : undefined;
    }),
  );
  const drawn = rowsOf('pending-time', withRows('pods', rows));

  test('the quantiles are those of the nearest rank', () => {
    const texts = drawn.map((row) => row['text']).filter((text) => String(text).startsWith('p'));
    expect([...new Set(texts)]).toEqual(['p50 · 50 s', 'p90 · 1m30s', 'p99 · 1m39s']);
  });

  test('every pod is in one bin, and a bin holds what it says', () => {
    const bins = drawn.filter((row) => row['fate'] !== undefined);
    expect(bins.reduce((sum, bin) => sum + Number(bin['high']) - Number(bin['low']), 0)).toBe(100);
    for (const bin of bins.filter((candidate) => candidate['fate'] === 'bound')) {
      const [from, to] = [Number(bin['from']), Number(bin['to'])];
      const expected = rows.slice(0, 99).filter((_, i) => i + 1 >= from - 1e-9 && i + 1 < to - 1e-9).length;
      expect(bin['high']).toBe(expected);
    }
  });

  test('a pod that was never bound is shown apart', () => {
    const waiting = drawn.filter((row) => row['fate'] === 'still pending at the end');
    expect(waiting.map((bin) => Number(bin['high']) - Number(bin['low']))).toEqual([1]);
  });
});

describe('workload availability', () => {
  test('a row is green up to what is ready and red from there to what is desired', () => {
    const pieces = rowsOf('workload-availability').filter((row) => row['row'] === 0 && row['kind'] !== undefined);
    const at = pieces.filter((piece) => Number(piece['t']) <= 1300 && Number(piece['u']) > 1300);
    const [ready, missing] = [at.find((piece) => piece['kind'] === 'ready')!, at.find((p) => p['kind'] === 'missing')!];
    // checkout has lost 55 % of its 24 pods at 21m40s.
    expect([ready['ready'], ready['desired']]).toEqual([10.8, 24]);
    expect(ready['to']).toBe(missing['from']);
    const share = (Number(ready['from']) - Number(ready['to'])) / (Number(ready['from']) - Number(missing['to']));
    expect(share).toBeCloseTo(0.45, 3);
  });

  test('the longest unavailable come first, and no more than 30 of them', () => {
    const rows = Array.from({ length: 50 }, (_, i) => ['n', 'Deployment', `w${i}`, 1, 1, 1, i * MINUTE, 0, 0, 1]);
    const tables = withRows('workloads', rows);
    const names = rowsOf('workload-availability', tables).flatMap((row) => (row['availability'] ? [row['text']] : []));
    expect([...new Set(names)].slice(0, 2)).toEqual(['n/w49 (1)', 'n/w48 (1)']);
    expect(new Set(names).size).toBe(30);
    const title = themedSpec(chartOf('workload-availability'), { ...input, tables })['title'] as View;
    expect(title['subtitle']).toContain('30 of 50 workloads');
  });
});

describe('recovery', () => {
  test('what stands upon a dark bar is white', () => {
    const row = ['f', 'nodeCrash', 'n1', 0, undefined, 1, 60_000_000, undefined, undefined, 60_000_001, 0];
    const spec = JSON.stringify(chartOf('recovery-waterfall').spec({ ...input, tables: withRows('faults', [row]) }));
    expect(spec).toContain('"align":"upon dark"');
    expect(spec).toContain('"color":"#ffffff"');
  });

  test('stages follow each other without gaps from the fault to the recovery', () => {
    const rows = rowsOf('recovery-waterfall').filter((row) => row['stage'] !== undefined);
    // The longest comes first, step by step; the crash has the same steps and is one bar.
    const outage = rows.slice(
      0,
      rows.findIndex((row, index) => index > 0 && row['t'] === 0),
    );
    expect(outage.map((row) => [row['stage'], row['t'], row['u']])).toEqual([
      ['unnoticed', 0, 42],
      ['noticed, not yet tainted', 42, 48],
      ['waiting for eviction', 48, 354],
      ['replacing pods', 354, 357],
      ['replacing pods', 357, 360],
      ['replacing pods', 360, 600],
      ['replacing pods', 600, 672],
    ]);
    const texts = rowsOf('recovery-waterfall').map((row) => String(row['text']));
    for (const rule of ['node-monitor-grace-period 50s', 'tolerationSeconds 300'])
      expect(texts.some((text) => text.endsWith(` · ${rule}`))).toBe(true);
  });

  test('what did not recover is red, runs off the edge and says so', () => {
    const rows = [
      ['f1', 'nodeCrash', 'n1', 0, 60 * MINUTE, 1, MINUTE, MINUTE, 6 * MINUTE, 10 * MINUTE, 1, MINUTE, 10 * MINUTE],
      ['f2', 'nodeCrash', 'n2', 0, undefined, 1, MINUTE, MINUTE, undefined, undefined, 1, MINUTE, undefined],
    ];
    const tables = withRows('faults', rows);
    const drawn = rowsOf('recovery-waterfall', tables);
    expect(drawn.filter((row) => row['stage'] === 'not recovered').map((row) => [row['t'], row['u']])).toEqual([
      [60, 7200],
    ]);
    expect(drawn.some((row) => String(row['story']).endsWith('not recovered by the end of the run'))).toBe(true);
    expect(JSON.stringify(chartOf('recovery-waterfall').spec({ ...input, tables }))).toContain('"domain":[0,720]');
  });

  test('a lost leader has recovered with the next one', () => {
    const none = (count: number): undefined[] => Array<undefined>(count).fill(undefined);
    const row = ['f1', 'componentDown', 'kube-scheduler', 0, 2 * MINUTE, 0, ...none(16), 3 * MINUTE, undefined, 1];
    const drawn = rowsOf('recovery-waterfall', withRows('faults', [row]));
    expect(drawn.flatMap(({ stage, t, u }) => (stage === undefined ? [] : [[stage, t, u]]))).toEqual([
      ['without a leader', 0, 180],
    ]);
  });
});

describe('the way of a pod', () => {
  test('shows the three slowest, slowest first, and their hops add up', () => {
    const rows = rowsOf('pod-waterfall');
    const bars = rows.filter((row) => row['name'] !== undefined);
    const heads = rows.filter((row) => String(row['text']).endsWith('in all'));
    const totals = heads.map((row) => Number(/([\d.]+) s in all$/.exec(String(row['text']))![1]));
    expect(totals).toHaveLength(3);
    expect(totals).toEqual([...totals].sort((a, b) => b - a));
    expect(Math.max(...bars.map((bar) => Number(bar['to'])))).toBeCloseTo(totals[0]!, 1);
  });
});

describe('many faults', () => {
  const faults = (count: number) =>
    Array.from({ length: count }, (_, i) => [
      `f${i}`,
      'nodeCrash',
      `n${i}`,
      i * MINUTE,
      undefined,
      ...Array(8).fill(1),
    ]);

  test.each([
    [8, true, false],
    [9, false, false],
    [17, false, true],
  ])('%d of them: named %s, short marks %s', (count, isNamed, isShort) => {
    const tables = withRows('faults', faults(count));
    const text = JSON.stringify(chartOf('utilisation').spec({ ...input, tables }));
    expect(text.includes('"text":"nodeCrash n0"')).toBe(isNamed);
    expect(text.includes('"y2":{"value":7}')).toBe(isShort);
  });
});
