import { describe, expect, test } from 'vitest';
import { sampleOptions, sampleTables } from '../testing/sample-tables.ts';
import { compareNames, occupancyOf, ROWS_MAX } from './occupancy-cells.ts';
import type { Occupancy } from './occupancy-cells.ts';
import { groupBy } from './read-table.ts';

const { horizonUs } = sampleOptions;

const areaOf = ({ cells }: Occupancy): number => cells.reduce((sum, cell) => sum + (cell.u - cell.t), 0);

describe('the heat map', () => {
  const tables = sampleTables();
  const occupancy = occupancyOf({ tables, horizonUs });

  test('has a row per node, zone by zone, in the order people count', () => {
    expect(occupancy.zones).toEqual([
      { zone: 'a', from: 0, to: 10 },
      { zone: 'b', from: 10, to: 20 },
      { zone: 'c', from: 20, to: 30 },
    ]);
    expect(occupancy.rows.slice(0, 2)).toEqual(['general-a-0', 'general-a-1']);
    expect(['n-10', 'n-9', 'm-11', 'n-9-b', 'n'].sort(compareNames)).toEqual(['m-11', 'n', 'n-9', 'n-9-b', 'n-10']);
  });

  test('covers every node for the whole run, without overlap', () => {
    expect(areaOf(occupancy)).toBeCloseTo(30 * 7200, 6);
    const ends = new Map<number, number>();
    for (const { row, t, u } of occupancy.cells) {
      expect(t).toBe(ends.get(row) ?? 0);
      ends.set(row, u);
    }
  });

  test('says of each instant what the table says', () => {
    const cellsOf = groupBy(occupancy.cells, (cell) => occupancy.rows[cell.row]!);
    for (const row of tables.get('node_timeseries')!.rows) {
      const t = Number(row[0]) / 1_000_000;
      const cell = cellsOf.get(String(row[2]))!.find((candidate) => candidate.t <= t && candidate.u > t)!;
      expect([Math.abs(cell.full - Number(row[4])) < 0.0051, cell.down]).toEqual([true, 1 - Number(row[5])]);
    }
  });

  test('averages neighbours of one zone when there are many nodes', () => {
    const large = occupancyOf({ tables: sampleTables({ nodes: 1000 }), horizonUs });
    expect(large.nodeCount).toBe(1000);
    // One row more per zone where its nodes do not divide evenly.
    expect(large.rows.length).toBeLessThanOrEqual(ROWS_MAX + 3);
    expect(areaOf(large)).toBeCloseTo(large.rows.length * 7200, 6);
    const down = large.cells.filter((cell) => cell.down === 1);
    const zoneB = large.zones.find((zone) => zone.zone === 'b')!;
    expect(down.length).toBeGreaterThan(0);
    expect(down.every((cell) => cell.row >= zoneB.from && cell.row < zoneB.to)).toBe(true);
  });

  test('leaves a gap where a node does not exist', () => {
    const series = tables.get('node_timeseries')!;
    const rows = [...series.rows].filter((row) => row[2] !== 'general-a-0' || Number(row[0]) >= 3_600_000_000);
    const partial = occupancyOf({ tables: new Map([['node_timeseries', { ...series, rows }]]), horizonUs });
    expect(Math.min(...partial.cells.filter((cell) => cell.row === 0).map((cell) => cell.t))).toBe(3600);
  });
});
