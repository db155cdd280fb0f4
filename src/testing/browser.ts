/** A browser for tests that look at a page as its reader does. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Path of a Chromium; undefined where there is none. */
export const browser = [
  process.env['CHROME'],
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
].find((path) => path !== undefined && existsSync(path));

/** A page after its scripts have run, and what they wrote to the console. */
export interface OpenedPage {
  readonly dom: string;
  readonly console: readonly string[];
}

/** Opens a page from disk, 1280 pixels wide; there has to be a browser. */
export function openPage(html: string): OpenedPage {
  const folder = mkdtempSync(join(tmpdir(), 'orrery-page-'));
  try {
    const file = join(folder, 'report.html');
    writeFileSync(file, html);
    const options = [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--enable-logging=stderr',
      '--window-size=1280,900',
    ];
    const rest = [`--user-data-dir=${join(folder, 'profile')}`, '--virtual-time-budget=30000', '--dump-dom'];
    const { stdout, stderr } = spawnSync(browser!, [...options, ...rest, `file://${file}`], {
      encoding: 'utf8',
      maxBuffer: 1 << 28,
    });
    return { dom: stdout, console: stderr.split('\n').filter((line) => line.includes('CONSOLE')) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The element of one chart in a page, from its opening tag to its end. */
export function figureIn({ dom }: OpenedPage, chart: string): string {
  const figure = dom.slice(dom.indexOf(`data-chart="${chart}"`));
  return figure.slice(0, figure.indexOf('</figure>'));
}
