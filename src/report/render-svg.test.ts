import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { chartHashes } from '../testing/chart-hashes.ts';
import { sampleOptions, sampleTables } from '../testing/sample-tables.ts';
import { charts } from './charts/registry.ts';
import { chartApplies } from './define-chart.ts';
import { loadPngRenderer } from './render-png.ts';
import { loadSvgRenderer } from './render-svg.ts';
import { themedSpec } from './theme.ts';

const input = { tables: sampleTables(), horizonUs: sampleOptions.horizonUs };
const warnings: string[] = [];
const toSvg = loadSvgRenderer((message) => warnings.push(message));

describe('every chart', () => {
  test.each(charts.map((chart) => [chart.name, chart] as const))('%s compiles without a warning', async (_, chart) => {
    warnings.length = 0;
    const svg = await toSvg(themedSpec(chart, input));
    expect(warnings).toEqual([]);
    expect(svg).toContain(chart.title);
    expect(svg).not.toMatch(/NaN|undefined|Infinity/);
  });

  test('a misspelt property is one of the warnings that would be seen', async () => {
    const spec = {
      data: { values: [{ a: 1 }] },
      mark: 'bar',
      encoding: { x: { field: 'a', type: 'quantitative' }, z: {} },
    };
    warnings.length = 0;
    await toSvg(spec);
    expect(warnings.join()).toContain('z');
  });

  test('is the same when it is drawn again after the others', async () => {
    const draw = async (): Promise<string[]> => {
      const drawn: string[] = [];
      for (const chart of charts) drawn.push(await toSvg(themedSpec(chart, input)));
      return drawn;
    };
    const [first, second] = [await draw(), await draw()];
    expect(second).toEqual(first);
  });

  // Both labels have ten letters: an estimate by their number would leave the same room for both.
  test('takes the width of texts from our own table', async () => {
    const labels = [{ a: 'iiiiiiiiii' }, { a: 'WWWWWWWWWW' }];
    const widthOf = async (values: unknown[]): Promise<number> => {
      const spec = { data: { values }, mark: 'point', encoding: { y: { field: 'a', type: 'nominal', title: null } } };
      return Number(/width="([\d.]+)"/.exec(await toSvg(spec))![1]);
    };
    expect((await widthOf(labels.slice(1))) - (await widthOf(labels.slice(0, 1)))).toBeGreaterThan(40);
  });
});

describe('a run without anything to show', () => {
  test.each([
    ['no tables', new Map()],
    ['tables without rows', new Map([...sampleTables()].map(([name, table]) => [name, { ...table, rows: [] }]))],
  ])('%s: no chart applies', (_, tables) => {
    expect(charts.filter((chart) => chartApplies(chart, { tables, horizonUs: 1 }))).toEqual([]);
  });
});

describe('the bytes of specification, SVG and PNG', () => {
  test('are the same in another time zone and language', async () => {
    const script = `import('./src/testing/chart-hashes.ts').then(async (m) => console.log((await m.chartHashes()).join('\\n')))`;
    const env = { ...process.env, TZ: 'Asia/Kathmandu', LANG: 'de_DE.UTF-8', LC_ALL: 'de_DE.UTF-8' };
    const cwd = new URL('../..', import.meta.url).pathname;
    const printed = execFileSync(process.execPath, ['--import', 'tsx', '-e', script], { cwd, env, encoding: 'utf8' });
    const lines = printed.trim().split('\n');
    expect(lines).toEqual(await chartHashes());
    expect(lines.map((line) => line.split(' ')[0])).toEqual(charts.map((chart) => chart.name));
  }, 120_000);

  test('a PNG is twice as large as its SVG and has its texts', async () => {
    const toPng = await loadPngRenderer();
    const svg = await toSvg(themedSpec(charts[0]!, input));
    const png = toPng(svg);
    const view = new DataView(png.buffer, png.byteOffset);
    expect([...png.subarray(1, 4)]).toEqual([...Buffer.from('PNG')]);
    expect(view.getUint32(16)).toBe(2 * Number(/ width="(\d+)"/.exec(svg)![1]));
    expect(view.getUint32(20)).toBe(2 * Number(/ height="(\d+)"/.exec(svg)![1]));
    expect(png.length).toBeGreaterThan(toPng(svg.replaceAll(/<text[^>]*>[^<]*<\/text>/g, '')).length);
  });

  test('a PNG is set in our own font, whatever fonts the machine has', async () => {
    const toPng = await loadPngRenderer();
    const write = (family: string): Uint8Array =>
      toPng(
        '<svg xmlns="http://www.w3.org/2000/svg" width="200" height="40"><text x="5" y="25" ' +
          `font-size="20" font-family="${family}">general-b-3</text></svg>`,
      );
    const empty = toPng('<svg xmlns="http://www.w3.org/2000/svg" width="200" height="40"></svg>');
    expect(write('Roboto').length).toBeGreaterThan(2 * empty.length);
    for (const family of ['DejaVu Sans', 'Liberation Serif', 'Arial', 'monospace']) {
      expect(Buffer.compare(write(family), write('Roboto')), family).toBe(0);
    }
  });
});
