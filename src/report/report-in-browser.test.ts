import { describe, expect, test } from 'vitest';
import { browser, figureIn, openPage } from '../testing/browser.ts';
import { sampleComparison } from '../testing/sample-comparison.ts';
import { sampleReport } from '../testing/sample-tables.ts';
import { charts } from './charts/registry.ts';
import { renderComparisonReport, renderHtmlReport } from './render-html.ts';

describe('the report in a browser', () => {
  if (browser === undefined) {
    test('cannot be opened here', () => {
      process.stderr.write('\nNOT RUN: no Chromium found, so the report was not opened; set CHROME to its path.\n\n');
      expect(renderHtmlReport(sampleReport()).join('').length).toBeGreaterThan(1_000_000);
    });
    return;
  }

  test('draws every chart from disk without a word on the console', () => {
    const page = openPage(renderHtmlReport(sampleReport()).join(''));
    expect(page.console).toEqual([]);
    expect(page.dom).toContain('data-ready="yes"');
    for (const { name } of charts) {
      const figure = figureIn(page, name);
      expect(figure.slice(0, figure.indexOf('>'))).toContain('data-drawn="yes"');
      expect(figure).toMatch(/<svg[\s\S]*mark-/);
    }
  }, 120_000);

  test('of a comparison draws its charts too, none wider than the page', () => {
    const input = sampleComparison();
    const page = openPage(renderComparisonReport(input, new Map()).join(''));
    expect(page.console).toEqual([]);
    expect(page.dom).toContain('data-ready="yes"');
    expect(input.charts.map(({ name }) => name)).toEqual(['ranking', 'paired-differences', 'utilisation', 'cost']);
    for (const { name } of input.charts) {
      const figure = figureIn(page, name);
      expect(figure.slice(0, figure.indexOf('>')), name).toContain('data-drawn="yes"');
      expect(figure, name).toMatch(/<svg[\s\S]*mark-/);
      const [, width] = /<svg[^>]* width="([\d.]+)"/.exec(figure)!;
      expect(Number(width), name).toBeLessThanOrEqual(1192);
    }
    const ranking = figureIn(page, 'ranking');
    for (const text of [
      'default',
      'most-allocated',
      'unavailability of shop/checkout',
      'hours (less is better)',
      '11.1',
    ])
      expect(ranking.includes(text), text).toBe(true);
    expect(page.dom.includes('which is not told from 0: pending time p99, fragmentation.')).toBe(true);
  }, 120_000);

  test('complaints would be seen: a script the policy does not know is refused', () => {
    const page = openPage(renderHtmlReport(sampleReport()).join('').replace("'use strict';", "'use strict'; "));
    expect(page.console.join()).toContain('Content Security Policy');
    expect(page.dom).not.toContain('data-ready="yes"');
  }, 120_000);
});
