import { expect, test } from 'vitest';
import { sampleReport } from '../testing/sample-tables.ts';
import { summaryText } from './summary-text.ts';
import type { SummaryInput } from './summary-text.ts';

const plain = { width: 80, bold: (text: string) => text, dim: (text: string) => text };
const { story, figures, answer } = sampleReport();

const sample: SummaryInput = {
  scenario: 'quickstart',
  seed: '42',
  replication: 0,
  kubernetesVersion: '1.37',
  nodeCount: 30,
  zoneCount: 3,
  podCount: 214,
  endsAt: 7_200_000_000,
  realMs: 400,
  eventCount: 611_204,
  answer,
  story,
  figures,
  unplacedReason: '0/30 nodes are available: 27 Insufficient cpu, 3 node(s) had untolerated taint(s).',
  notModelled: [{ kind: 'PodMonitor monitoring.coreos.com/v1', count: 12 }],
  folder: 'results/quickstart/42',
  hasReport: true,
  hasCharts: true,
  command: 'orrery run -f scenarios/quickstart.yaml --seed 42',
  fingerprint: '7f3a'.repeat(16),
  tieBreak: 'uniform',
  isReplay: false,
};

test('the summary reads as in the transcript', () => {
  expect(summaryText(sample, plain)).toMatchInlineSnapshot(`
    "quickstart · seed 42 · Kubernetes 1.37 semantics · 30 nodes in 3 zones ·
      214 pods · ties broken uniform
    2h00m00s virtual · 0.4 s real · 18,000x · 611,204 events

    The shop stays up, but checkout runs below its minimum for 6m36s until the pods
    of zone b are replaced.

    What happened
      00:12:00  node general-b-3 crashed
                Unknown after 47.4 s, 7 pods replaced and ready after 6m01s
      00:20:00  zone b lost power (10 nodes)
                61 pods lost, recovered after 11m12s
      01:20:00  registry.example is down
                no pod needed an image in that time

    What it cost
      availability of checkout  94.50 %  the worst of 6 workloads; 6m36s unavailable
      time pending, p99         48.2 s   p50 63 ms, 2 pods never fitted
      cpu requested             61 %     memory 48 %, stranded cpu 7 %
      not placed: 0/30 nodes are available: 27 Insufficient cpu, 3 node(s) had
        untolerated taint(s).
      not modelled: 12 objects, stored and inert: 12 PodMonitor
        monitoring.coreos.com/v1

    Where it is
      report   results/quickstart/42/report.html
      tables   results/quickstart/42/*.csv
      charts   results/quickstart/42/charts/
      same bytes again: orrery run -f scenarios/quickstart.yaml --seed 42
      fingerprint 7f3a7f3a7f3a7f3a
    "
  `);
});

test('no line is wider than 80 columns, however long names and reasons are', () => {
  const long = 'an-unreasonably-long-name-of-a-workload'.repeat(2).slice(0, 60);
  const items = Array.from({ length: 20 }, (_, t) => ({
    t,
    what: `node ${long} crashed`,
    detail: `Unknown after 47.3 s · tainted 47.4 s · ${'very '.repeat(30)}long · done`,
  }));
  const text = summaryText({ ...sample, story: items, unplacedReason: `${'0/30 nodes '.repeat(20)}` }, plain);
  expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
  expect(text).toContain('... and 12 more');
});

test('without a folder no path is promised', () => {
  const text = summaryText({ ...sample, folder: undefined }, plain);
  expect(text).not.toContain('report.html');
  expect(text).toContain('orrery run -f');
});

test('real time is left out where it is not told', () => {
  expect(summaryText({ ...sample, realMs: undefined }, plain)).not.toContain('real');
});
