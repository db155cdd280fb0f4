import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { sampleReport } from '../testing/sample-tables.ts';
import { charts } from './charts/registry.ts';
import { renderHtmlReport } from './render-html.ts';

const browser = [
  process.env['CHROME'],
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
].find((path) => path !== undefined && existsSync(path));

const folder = mkdtempSync(join(tmpdir(), 'orrery-report-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Opens a page from disk and gives its elements after its scripts have run, and what they wrote to the console. */
function open(html: string): { dom: string; console: string[] } {
  const file = join(folder, 'report.html');
  writeFileSync(file, html);
  const options = ['--headless', '--no-sandbox', '--disable-gpu', '--enable-logging=stderr', '--window-size=1280,900'];
  const rest = [`--user-data-dir=${join(folder, 'profile')}`, '--virtual-time-budget=30000', '--dump-dom'];
  const { stdout, stderr } = spawnSync(browser!, [...options, ...rest, `file://${file}`], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  return { dom: stdout, console: stderr.split('\n').filter((line) => line.includes('CONSOLE')) };
}

describe('the report in a browser', () => {
  if (browser === undefined) {
    test('cannot be opened here', () => {
      process.stderr.write('\nNOT RUN: no Chromium found, so the report was not opened; set CHROME to its path.\n\n');
      expect(renderHtmlReport(sampleReport()).length).toBeGreaterThan(1_000_000);
    });
    return;
  }

  test('draws every chart from disk without a word on the console', () => {
    const { dom, console } = open(renderHtmlReport(sampleReport()));
    expect(console).toEqual([]);
    expect(dom).toContain('data-ready="yes"');
    for (const { name } of charts) {
      const figure = dom.slice(dom.indexOf(`data-chart="${name}"`));
      expect(figure.slice(0, figure.indexOf('>'))).toContain('data-drawn="yes"');
      expect(figure.slice(0, figure.indexOf('</figure>'))).toMatch(/<svg[\s\S]*mark-/);
    }
  }, 120_000);

  test('complaints would be seen: a script the policy does not know is refused', () => {
    const page = renderHtmlReport(sampleReport()).replace("'use strict';", "'use strict'; ");
    const { dom, console } = open(page);
    expect(console.join()).toContain('Content Security Policy');
    expect(dom).not.toContain('data-ready="yes"');
  }, 120_000);
});
