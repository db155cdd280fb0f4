import { afterAll, beforeAll, expect, test } from 'vitest';
import { CommandFolder } from '../../testing/command-folder.ts';
import { LeaderOutages } from './leader-outages.ts';

const folder = new CommandFolder();
afterAll(() => folder.remove());

const scenario = (name: string, horizon: string): string => `
apiVersion: orrery.dev/v1alpha1
kind: Scenario
metadata: { name: ${name} }
spec:
  horizon: ${horizon}
  cluster: { nodePools: [{ name: pool, count: 1, capacity: { cpu: '4', memory: 8Gi, pods: '20' } }] }
  actions: [{ at: 2m, apply: [late.yaml] }]
  faults: [{ componentDown: { at: 1m, component: kube-scheduler, duration: 2m } }]
`;
const late = `
apiVersion: v1
kind: Pod
metadata: { name: late, namespace: default }
spec: { containers: [{ name: c, image: 'late:1' }] }
`;

beforeAll(async () => {
  folder.write('late.yaml', late);
  for (const [name, horizon] of [
    ['over', '10m'],
    ['cut', '2m30s'],
  ] as const) {
    folder.write(`${name}.yaml`, scenario(name, horizon));
    expect((await folder.orrery('run', '-f', `${name}.yaml`, '--no-charts', '--no-report', '-q')).code).toBe(0);
  }
});

const explain = (name: string, ...more: string[]) =>
  folder.orrery('explain', 'pod', 'default/late', '--run', `results/${name}/1`, ...more);

test('the way of a pod that waited for a scheduler tells when there was none', async () => {
  const { out } = await explain('over', '-o', 'json');
  const { timeline } = JSON.parse(out) as { timeline: { who: string; what: string }[] };
  const told = timeline.filter(({ who }) => who === 'kube-scheduler').map(({ what }) => what);
  expect(told).toEqual([
    'the process that leads is gone: nobody does its work',
    'held again by a process that was begun anew',
    'seen',
    expect.stringMatching(/^chose /),
  ]);
  const { err } = await explain('over', '--why-pending');
  expect(err).toMatch(/; kube-scheduler had no leader from 00:01:00 to 00:03:[01]\d\.\d+\n/);
});

test('a run that ends before another one leads says no more than that', async () => {
  const { out } = await explain('cut');
  expect(out).toContain('the process that leads is');
  expect(out).not.toMatch(/held again|Infinity|NaN/);
  expect((await explain('cut', '--decision')).err).toMatch(/; kube-scheduler had no leader from 00:01:00\n/);
});

test('what was over before a span, or began after it, is none of its business', () => {
  const leaders = new LeaderOutages();
  leaders.changed('a', 'none', 10);
  leaders.changed('b', 'none', 15);
  leaders.changed('a', 'standby', 20);
  leaders.changed('a', 'none', 50);
  expect(leaders.during('a', 20, 50)).toEqual([]);
  expect(leaders.during('a', 19, 50).map(({ at }) => at)).toEqual([10, 20]);
  expect(leaders.during('a', 30, 51).map(({ at }) => at)).toEqual([50]);
});
