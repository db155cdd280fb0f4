import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RunTables } from '../../experiment/steady-state/span-figures.ts';
import { spanFigures } from '../../experiment/steady-state/span-figures.ts';
import { capturedIo } from '../../testing/captured-io.ts';
import { runCli } from '../run-cli.ts';
import { readRunTables } from './run-tables.ts';

const root = join(import.meta.dirname, '../../..');
const out = mkdtempSync(join(tmpdir(), 'orrery-span-'));
afterAll(() => rmSync(out, { recursive: true, force: true }));

let tables: RunTables;
let figures: Readonly<Record<string, number>>;

// Nodes crash and come back, and a zone is lost.
beforeAll(async () => {
  const options = ['--out', out, '--no-charts', '--no-report', '-q', '-o', 'json'];
  const io = capturedIo(root);
  await runCli(['run', '-f', 'scenarios/quickstart.yaml', ...options], io);
  const { folder, figures: told } = JSON.parse(io.out()) as { folder: string; figures: Record<string, number> };
  tables = readRunTables(resolve(root, folder), 'quickstart');
  expect(readFileSync(resolve(root, folder, 'pods.csv'), 'utf8').length).toBeGreaterThan(1000);
  figures = told;
}, 120_000);

describe('figures of a part of a run', () => {
  const end = () => tables.steps.at(-1)!.start + tables.steps.at(-1)!.length;

  test('of the whole of it are those of the run', () => {
    const whole = spanFigures(tables, { from: 0, to: end() });
    expect(whole.size).toBeGreaterThan(12);
    for (const [name, value] of whole) {
      // Series are rounded in tables, and nodes of several sizes weigh the same here.
      if (name.endsWith('.mean') && !name.startsWith('pending')) expect(value, name).toBeCloseTo(figures[name]!, 2);
      else expect(value, name).toBeCloseTo(figures[name]!, 9);
    }
  });

  test('add up over its parts: node-hours and pods', () => {
    const middle = tables.steps[Math.floor(tables.steps.length / 3)]!.start;
    const parts = [
      { from: 0, to: middle },
      { from: middle, to: end() },
    ].map((span) => spanFigures(tables, span));
    for (const name of ['node.hours.used', 'pods.created', 'pods.never.bound'])
      expect(parts[0]!.get(name)! + parts[1]!.get(name)!, name).toBeCloseTo(figures[name]!, 9);
    expect(parts[1]!.get('pods.created')).toBeGreaterThan(0);
  });

  test('count a node as used while a pod is there that is neither terminal nor of a DaemonSet', () => {
    const pod = { ownerKind: 'Job', node: 'a', phase: '', created: 0, pending: 0, deleted: undefined };
    const hour = 3600e6;
    const pods = [
      { ...pod, bound: 0, finished: 2 * hour },
      { ...pod, bound: hour, finished: 3 * hour },
      { ...pod, node: 'b', bound: hour, finished: undefined, deleted: 5 * hour },
      { ...pod, ownerKind: 'DaemonSet', node: 'c', bound: 0, finished: undefined },
    ];
    // Node a from 0 to 3, node b from 1 on; of that what lies between 1 and 4.
    expect(spanFigures({ steps: [], pods }, { from: hour, to: 4 * hour }).get('node.hours.used')).toBe(2 + 3);
  });
});
