import { expect, test } from 'vitest';
import { SECOND } from '../engine/time.ts';
import { recordsOf } from '../testing/fact-script.ts';
import { deploymentText, soundScenario } from '../testing/load-from-memory.ts';
import { run } from '../testing/shipped-scenarios.ts';

/** Upstream: FullDisruption without any ready node, PartialDisruption with more than two not ready that are 55 % or more. */
const spec = (fault: string): string => `
horizon: 20m
cluster:
  nodePools:
    - { name: general, count: 15, zones: [a, b, c], capacity: { cpu: '4', memory: 8Gi, pods: '20' } }
workload:
  - manifests: [web.yaml]
faults:
  - ${fault}
`;

const states = async (fault: string) => {
  const text = spec(fault).replace('horizon: 20m\n', '');
  const result = await run(soundScenario(text, { 'web.yaml': deploymentText('web') }), { check: 'off' });
  return { rows: recordsOf(result.tables.get('zone_states')), figures: result.figures };
};

test('a zone whose nodes are all silent is fully disrupted until the first is back', async () => {
  const { rows, figures } = await states('zoneOutage: { at: 5m, zone: b, duration: 10m }');
  const ofB = rows.filter(({ zone }) => zone === 'b');
  // The nodes fall silent by their leases: a pass may find only some of them.
  const full = ofB.find(({ state }) => state === 'FullDisruption');
  expect(ofB.map(({ state }) => state).filter((state) => state !== 'PartialDisruption')).toEqual([
    ...['Normal', 'FullDisruption', 'Normal'],
  ]);
  // Noticed with the nodes, 40 to 56 s after the fault, and over at the pass after their return.
  expect((full!['from_t_s'] as number) / SECOND).toBeGreaterThan(340);
  expect((full!['from_t_s'] as number) / SECOND).toBeLessThan(367);
  expect((full!['to_t_s'] as number) / SECOND).toBeGreaterThanOrEqual(900);
  expect((full!['to_t_s'] as number) / SECOND).toBeLessThan(960);
  expect(rows.filter(({ zone }) => zone !== 'b').map(({ state }) => state)).toEqual(['Normal', 'Normal']);
  expect(figures.get('zones.disrupted')).toBe(ofB.length - 2);
});

test('three of five nodes are a partial disruption, two of five are none', async () => {
  const three = await states('nodeCrash: { at: 5m, zone: b, count: 3 }');
  expect(three.rows.filter(({ zone }) => zone === 'b').map(({ state }) => state)).toEqual([
    'Normal',
    'PartialDisruption',
  ]);
  const two = await states('nodeCrash: { at: 5m, zone: b, count: 2 }');
  expect(two.figures.get('zones.disrupted')).toBe(0);
});
