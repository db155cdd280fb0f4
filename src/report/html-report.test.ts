import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { sampleReport } from '../testing/sample-tables.ts';
import { charts } from './charts/registry.ts';
import { escapeHtml, inlineScript, jsonForScript } from './html-escape.ts';
import { htmlReport as reportPieces } from './html-report.ts';
import type { ReportAssets } from './html-page.ts';
import { renderHtmlReport } from './render-html.ts';

const hashBase64 = (text: string): string => createHash('sha256').update(text).digest('base64');

const assets: ReportAssets = {
  scripts: ['const vega = 1;', 'const vegaLite = 2;', 'const vegaEmbed = 3;'],
  fonts: { regular: 'AAAA', bold: 'BBBB' },
  hashBase64,
};

const htmlReport = (...input: Parameters<typeof reportPieces>): string => reportPieces(...input).join('');
const html = htmlReport(sampleReport(), assets);
const scriptsOf = (page: string): string[] =>
  [...page.matchAll(/<script>([\s\S]*?)<\/script>/g)].map((match) => match[1]!);
const chartsOf = (page: string) =>
  JSON.parse(/<script type="application\/json" id="charts">(.*?)<\/script>/s.exec(page)![1]!) as {
    specs: Record<string, unknown>;
  };

describe('the report', () => {
  test('answers before it explains', () => {
    const order = ['<h1>What happens to the shop', 'The shop stays up', '94.50 %', 'data-chart="cluster-timeline"'];
    const ids = ['happened', 'workloads', 'scheduling', 'nodes', 'limits', 'reproduce', 'dictionary'];
    const places = [...order, ...ids.map((id) => `<section id="${id}">`)].map((text) => html.indexOf(text));
    expect(places.every((place) => place > 0)).toBe(true);
    expect(places).toEqual([...places].sort((a, b) => a - b));
  });

  test('has every chart once, with its data and its specification beside it', () => {
    for (const { name, tables } of charts) {
      expect(html.split(`data-chart="${name}"`)).toHaveLength(2);
      expect(html).toContain(`href="charts/${name}.vl.json"`);
      for (const table of tables) expect(html).toContain(`href="${table}.csv"`);
    }
    expect(Object.keys(chartsOf(html).specs).sort()).toEqual(charts.map((chart) => chart.name).sort());
  });

  test('explains every column of every table', () => {
    const dictionary = html.slice(html.indexOf('<section id="dictionary">'));
    for (const table of sampleReport().tables.values()) {
      expect(dictionary).toContain(`<code>${table.name}.csv</code>`);
      for (const column of table.columns)
        expect(dictionary).toContain(`<td>${column.name}</td><td>${column.type}</td>`);
    }
  });

  test('says how to repeat the run', () => {
    for (const text of ['orrery run -f scenarios/quickstart.yaml --seed 42', '20.20.2', '7f3a'.repeat(16)]) {
      expect(html.slice(html.indexOf('<section id="reproduce">'))).toContain(text);
    }
  });

  test('leaves out what there is nothing to say about', () => {
    const empty = htmlReport(
      { ...sampleReport(), tables: new Map(), story: [], notModelled: [], warnings: [] },
      assets,
    );
    expect(empty).not.toContain('data-chart=');
    expect(empty).not.toMatch(/<h2>[^<]*<\/h2>\s*<\/section>/);
    expect(empty).not.toContain('href="#nodes"');
    expect(empty).toContain('the workload ran undisturbed');
    expect(empty).toContain('nothing was warned about');
  });

  test('folds away what happened after the first 25 events', () => {
    const story = Array.from({ length: 40 }, (_, i) => ({ t: i * 1_000_000, what: `fault ${i}`, detail: '' }));
    const page = htmlReport({ ...sampleReport(), story }, assets);
    const fold = page.indexOf('<summary>15 more</summary>');
    expect(page.indexOf('fault 24 ')).toBeLessThan(fold);
    expect(page.indexOf('fault 25 ')).toBeGreaterThan(fold);
  });

  test('is the same text every time', () => expect(htmlReport(sampleReport(), assets)).toBe(html));

  test('shows pictures where scripts are switched off', () => {
    const pictures = new Map([['utilisation', '<svg xmlns="http://www.w3.org/2000/svg"><text>it\'s</text></svg>']]);
    const page = htmlReport(sampleReport(), { ...assets, pictures });
    const address = /<noscript><img alt="[^"]*" src="data:image\/svg\+xml,([^"]*)"><\/noscript>/.exec(page)![1]!;
    expect(decodeURIComponent(address)).toBe(pictures.get('utilisation'));
  });
});

describe('nothing comes from outside', () => {
  test('no address of a network is loaded or linked to', () => {
    const page = renderHtmlReport(sampleReport()).join('');
    const visible = page.replaceAll(/<script[^>]*>[\s\S]*?<\/script>/g, '').replaceAll(/base64,[\w+/=]+/g, '');
    const found = (text: string, pattern: RegExp): string[] => [...text.matchAll(pattern)].map((match) => match[0]);
    expect(visible.length).toBeLessThan(100_000);
    expect(found(visible, /.{0,20}(https?:|\/\/\w).{0,20}/gi)).toEqual([]);
    expect(found(visible, /<(script|link|img|iframe)[^>]*(src|href)=(?!"data:)[^>]*>/g)).toEqual([]);
    expect(found(JSON.stringify(chartsOf(page)), /.{20}https?:.{20}/g)).toEqual([]);
  });

  test('the policy allows these scripts, and no others', () => {
    const policy = /Content-Security-Policy" content="([^"]*)"/.exec(html)![1]!.replaceAll('&#39;', "'");
    expect(policy).toMatch(/^default-src 'none'; script-src /);
    expect(policy).not.toMatch(/unsafe-eval|script-src[^;]*unsafe-inline|https?:|\*/);
    const scripts = scriptsOf(html);
    expect(scripts).toHaveLength(4);
    const hashes = /script-src ([^;]*)/.exec(policy)![1]!.split(' ');
    expect(hashes).toEqual(scripts.map((script) => `'sha256-${hashBase64(script)}'`));
  });
});

describe('hostile texts', () => {
  const evil = `</script><img src=x onerror="alert('1')">&\u2028`;
  const sample = sampleReport();
  const rename = (name: string, column: string) => {
    const table = sample.tables.get(name)!;
    const index = table.columns.findIndex((candidate) => candidate.name === column);
    const rows = [...table.rows].map((row) => row.map((cell, i) => (i === index ? evil : cell)));
    return [name, { ...table, description: evil, rows }] as const;
  };
  const places: [string, string][] = [
    ['pods', 'reason'],
    ['pod_lifecycle', 'hop'],
    ['scheduling_attempts', 'message'],
    ['nodes', 'pool'],
    ['node_timeseries', 'node'],
    ['pods', 'pod'],
    ['workloads', 'workload'],
    ['faults', 'target'],
    ['events', 'message'],
  ];
  const page = htmlReport(
    {
      ...sample,
      ...{ title: evil, question: evil, answer: evil, seed: evil, scenarioName: evil, command: evil, warnings: [evil] },
      versions: { orrery: evil, node: evil, kubernetes: evil },
      figures: [{ label: evil, value: evil, detail: evil }],
      story: [{ t: 1, what: evil, detail: evil, chain: [{ t: 2, text: evil }] }],
      fingerprints: new Map([[evil, evil]]),
      notModelled: [{ kind: evil, count: 1 }],
      tables: new Map([...sample.tables, ...places.map(([name, column]) => rename(name, column))]),
    },
    assets,
  );

  test('stay texts: no element and no end of a script comes from them', () => {
    expect([...page.matchAll(/.{20}<img.{20}/g)].map((match) => match[0])).toEqual([]);
    expect(page.split('</script>')).toHaveLength(scriptsOf(html).length + 2);
    expect(/<script type="application\/json"[\s\S]*?<\/script>/.exec(page)![0]).not.toContain('\u2028');
  });

  test('arrive in the charts as they were', () => {
    expect(JSON.stringify(chartsOf(page))).toContain(JSON.stringify(evil).slice(1, 20));
  });

  test.each([
    ['&<>"\'', '&amp;&lt;&gt;&quot;&#39;'],
    ['plain ≥ 中', 'plain ≥ 中'],
  ])('%s is escaped as %s', (text, escaped) => expect(escapeHtml(text)).toBe(escaped));

  test('JSON for a script reads back the same', () => {
    const value = { a: [`${evil}<!--`, '\u2029'] };
    expect(jsonForScript(value)).not.toMatch(/[<\u2028\u2029]/);
    expect(JSON.parse(jsonForScript(value))).toEqual(value);
  });

  test.each(['x</SCRIPT >', 'a = "<!--"'])('a script with %s in it is refused', (source) =>
    expect(() => inlineScript(source)).toThrow('end tag'),
  );
});
