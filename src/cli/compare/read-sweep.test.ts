import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test, vi } from 'vitest';
import { CommandFolder } from '../../testing/command-folder.ts';

vi.setConfig({ testTimeout: 120_000 });

const scenario = `
apiVersion: orrery.dev/v1alpha1
kind: Scenario
metadata: { name: tiny }
spec:
  horizon: 1m
  cluster: { nodePools: [{ name: pool, count: 2, capacity: { cpu: '4', memory: 8Gi } }] }
  workload: [{ manifests: [pod.yaml] }]
`;
const pod = `
apiVersion: v1
kind: Pod
metadata: { name: p }
spec: { containers: [{ name: c, image: 'i:1', resources: { requests: { cpu: '1' } } }] }
`;
const experiment = `
apiVersion: orrery.dev/v1alpha1
kind: Experiment
metadata: { name: two }
spec:
  scenario: tiny.yaml
  axes:
    - name: policy
      levels: [{ label: spread }, { label: first, overrides: [{ path: spec.scheduler.tieBreak, value: first }] }]
  seeds: 1-2
`;

const folder = new CommandFolder({ 'tiny.yaml': scenario, 'pod.yaml': pod, 'two.yaml': experiment });
afterAll(() => folder.remove());

test('a sweep that was merged by a version without a column that this takes, or by halves, says how to merge it anew', async () => {
  expect(await folder.orrery('sweep', '-f', 'two.yaml', '--out', 'old', '--workers', '0')).toMatchObject({ code: 0 });
  const merged = folder.path('old/sweep-two/merged');
  const again = 'To merge it anew, with the cells that are there: orrery sweep -f two.yaml --out old\n';
  const over = () =>
    folder.orrery('compare', '--sweep', 'old/sweep-two', '--axis', 'policy', '--no-charts', '--no-report');
  expect((await over()).code).toBe(0);
  expect((await folder.orrery('compare', '--sweep', 'old', '--axis', 'policy')).err).toBe(
    'orrery: old is no finished sweep: it has no manifest.json of merged tables; did you mean old/sweep-two?\n',
  );
  const whole = readFileSync(join(merged, 'cells.csv'), 'utf8');
  const lines = whole.split('\n').map((line) =>
    line
      .split(',')
      .filter((_, at) => at !== 3)
      .join(','),
  );
  expect(lines[0]).toBe('policy,seed,replication,key,status,problem');
  writeFileSync(join(merged, 'cells.csv'), lines.join('\n'));
  expect(await over()).toMatchObject({
    code: 2,
    out: '',
    err: `orrery: old/sweep-two was merged by another version, or changed: its cells.csv has no column tie_break.\n${again}`,
  });
  rmSync(join(merged, 'cells.csv'));
  expect(await over()).toMatchObject({ code: 2, out: '', err: `orrery: old/sweep-two has no cells.csv.\n${again}` });
  rmSync(merged, { recursive: true });
  expect(await over()).toMatchObject({
    code: 2,
    err: 'orrery: old/sweep-two is no finished sweep: it has no manifest.json of merged tables; orrery sweep, or merge, writes them\n',
  });
  expect((await folder.orrery('sweep', '-f', 'two.yaml', '--out', 'old')).out).toContain('0 ran, 4 kept');
  expect((await over()).code).toBe(0);
});
