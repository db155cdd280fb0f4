import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readCases } from './recording-folder.ts';
import { reportJson } from './report-json.ts';
import { reportLines } from './report-text.ts';
import { scheduler } from './scheduler.ts';
import type { FamilyReport, SuiteOptions } from './suite.ts';

/** The parts of recordings that these tests bend. */
interface Recording {
  id: string;
  steps?: { op: string; popped?: string }[];
  expect?: { preEnqueue?: { reasons: string[] }; feasible: string[] }[];
}

const own = fileURLToPath(new URL('./scheduler/', import.meta.url));
const recordingsOf = (family: string): Recording[] =>
  [...readCases(join(own, `${family}.jsonl.gz`))].map(({ value }) => value as Recording);

let dir: string;
beforeEach(() => void (dir = mkdtempSync(join(tmpdir(), 'recordings-'))));
afterEach(() => rmSync(dir, { recursive: true }));

function write(family: string, cases: readonly unknown[]): void {
  const text = cases.map((entry) => `${JSON.stringify(entry)}\n`).join('');
  writeFileSync(join(dir, `${family}.jsonl.gz`), gzipSync(text));
}

function reports(options: Partial<SuiteOptions> = {}): readonly FamilyReport[] {
  const found: FamilyReport[] = [];
  scheduler.run({ dir, family: undefined, caseId: undefined, ...options }, (report) => found.push(report));
  return found;
}

/** Cases of gated pods: they are decided before any plugin that looks at nodes. */
const gated = recordingsOf('misc')
  .filter(({ expect: entries }) => entries!.every(({ preEnqueue }) => preEnqueue !== undefined))
  .slice(0, 3);
const [queued] = recordingsOf('queue');

describe('the scheduler suite', () => {
  it('replays families that it has never seen by the format of their cases', () => {
    write('brand-new', gated);
    write('another', [queued]);
    const [another, brandNew] = reports();
    expect(brandNew).toMatchObject({ family: 'brand-new', cases: gated.length, agree: gated.length });
    expect(brandNew!.counts.get('pods')).toBeGreaterThanOrEqual(gated.length);
    expect(another).toMatchObject({ family: 'another', cases: 1, disagreements: [] });
    expect(another!.counts.get('queue steps')).toBeGreaterThan(0);
    expect(reports({ family: 'another' })).toHaveLength(1);
  });

  it('says what was expected, what came, and where the inputs are', () => {
    const bent = structuredClone(gated);
    bent[1]!.expect![0]!.preEnqueue!.reasons = ['another reason'];
    write('bent', bent);
    const [family] = reports();
    expect(family).toMatchObject({ cases: gated.length, agree: gated.length - 1 });
    expect(family!.disagreements).toMatchObject([{ case: bent[1]!.id, what: 'gates', line: 2 }]);
    expect(family!.disagreements[0]!.expected).toContain('another reason');
    expect(family!.disagreements[0]!.got).toContain('waiting for scheduling gates');
    const lines = reportLines(scheduler, [family!]);
    expect(lines).toContain(`  inputs    gzip -dc ${join(dir, 'bent.jsonl.gz')} | sed -n 2p`);
    expect(lines.at(-1)).toBe(`agree ${gated.length - 1} of ${gated.length}`);
  });

  it('notices a pod that the queue gave out in the wrong order', () => {
    const bent = structuredClone(queued!);
    const pop = bent.steps!.find(({ op }) => op === 'pop')!;
    pop.popped = 'nobody';
    write('order', [bent]);
    expect(reports()[0]!.disagreements).toMatchObject([{ what: 'popped pod and attempts', case: queued!.id }]);
  });

  it('never counts what it cannot read as agreement', () => {
    write('odd', [{ id: 'odd-1', script: [] }, ...gated]);
    expect(reports()[0]).toMatchObject({ cases: gated.length + 1, agree: gated.length, notCompared: 1 });
    write('odd', [{ ...gated[0], pods: [] }]);
    expect(reports()[0]).toMatchObject({ cases: 1, agree: 0 });
    write('odd', [{ ...gated[0], pods: null }]);
    expect(reports()[0]!.disagreements).toMatchObject([{ what: 'replay' }]);
  });

  it('finds one case by its id, and refuses ids and families that are not there', () => {
    write('some', gated);
    expect(reports({ caseId: gated[2]!.id })).toMatchObject([{ cases: 1 }]);
    expect(() => reports({ caseId: 'no-such-case' })).toThrow(`no case "no-such-case" in ${dir}`);
    expect(() => reports({ family: 'none' })).toThrow(`no family "none" in ${dir}; there are some`);
    expect(() => reports({ dir: join(dir, 'gone') })).toThrow('cannot read the folder');
  });

  it('says the same as data', () => {
    write('some', gated);
    expect(reportJson('scheduler', dir, reports())).toMatchObject({ agree: gated.length, of: gated.length });
  });
});
