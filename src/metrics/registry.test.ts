import { describe, expect, test } from 'vitest';
import { SECOND } from '../engine/time.ts';
import { csvChunks } from '../report/csv.ts';
import { FactScript } from '../testing/fact-script.ts';
import { sampleTables } from '../testing/sample-tables.ts';
import type { MetricDefinition } from './metric.ts';
import { collect, metrics, startMetrics } from './registry.ts';
import { summaryMetrics } from './summary-metrics.ts';

/** A short life of a small cluster in which every fact occurs. */
function live(definitions: readonly MetricDefinition[]): ReturnType<typeof collect> {
  const script = new FactScript();
  const started = startMetrics(script.run, script.recorder, definitions);
  const { recorder } = script;
  script.node('a', 'True', { 'alibabacloud.com/gpu-count': 2 });
  script.node('b', 'True');
  const web = script.deployment('web', 2);
  const set = script.replicaSet('web-1', 2, web);
  script.job('batch', { parallelism: 1, completions: 1, suspend: false });
  const pods = ['a', 'b'].map((node) => {
    const pod = script.pod(`web-${node}`, { cpu: 100, memory: 1024 }, set);
    recorder.podHop(pod.metadata.uid, 'submitted', script.now);
    const attempt = {
      pod,
      attempt: 1,
      result: 'scheduled',
      nodeName: node,
      evaluatedNodes: 2,
      feasibleNodes: 2,
    } as const;
    recorder.schedulingAttempt({
      ...attempt,
      score: 1,
      ties: 1,
      durationUs: 1,
      message: '',
      startedAt: 0,
      initialAttemptAt: 0,
      refusals: [{ plugin: 'NodeName', reason: 'r', nodes: 1 }],
      profile: 'default',
    });
    return script.running(script.bind(pod, node), true);
  });
  const [urgent, victim] = [pods[0]!, pods[1]!];
  recorder.preemptionAttempt({
    ...{ preemptor: urgent, victims: [victim], nodeName: 'b', candidates: 1, violations: 0, profile: 'default' },
  });
  const fault = { id: 0, kind: 'nodeCrash', target: 'a', startsAt: 12 * SECOND, endsAt: undefined, nodes: ['a'] };
  script.at(12).recorder.faultStarted(fault);
  recorder.machineChanged('a', 'down');
  script.at(20).node('a', 'Unknown');
  const event = { type: 'Normal', reason: 'NodeNotReady', message: 'm', source: 's', involvedKind: 'Node' } as const;
  recorder.kubeEvent({ ...event, namespace: '', name: 'a' });
  script.at(25).recorder.containerExited(pods[1]!, 0, 1, 'Error');
  recorder.containerStarted(pods[1]!, 0, 1);
  script.at(30).terminate(pods[0]!);
  script.at(35).put('Deployment', { ...web, spec: { ...web.spec, template: { ...web.spec.template } } }, 'user');
  recorder.machineChanged('b', 'partitioned');
  recorder.zoneStateChanged('', 'FullDisruption');
  const state = { phase: 'running', reason: '', message: '', exitCode: 0, startedAt: 1, finishedAt: -1 } as const;
  const status = { index: 0, state, lastState: undefined, restartCount: 1, ready: true, started: true };
  script.at(40).terminate(script.status(pods[1]!, { containerStatuses: [status] }));
  return collect(started, 50 * SECOND);
}

const textOf = (tables: ReturnType<typeof collect>['tables'], name: string): string =>
  [...csvChunks(tables.get(name)!)].map((chunk) => chunk.text).join('');

describe('all metrics', () => {
  test('they make the tables that charts and report read, with their columns, and every cell can be written', () => {
    const { tables } = live(metrics);
    for (const [name, sample] of sampleTables({ nodes: 1, pods: 1 })) {
      // A replay in order has tables of its own, see `placement-tables.ts`.
      if (name === 'arrived_load') continue;
      const table = tables.get(name);
      expect(table, name).toBeDefined();
      const missing = sample.columns.filter((wanted) => !table!.columns.some((column) => column.name === wanted.name));
      expect(missing, name).toEqual([]);
    }
    // Nobody says beforehand which pods this run is to have.
    for (const name of tables.keys())
      expect(textOf(tables, name).split('\n').length, name).toBeGreaterThan(name === 'typical_pods' ? 1 : 2);
  });

  test('each makes the same alone as among all others', () => {
    const all = live(metrics);
    for (const definition of metrics) {
      const alone = live([definition]);
      for (const name of alone.tables.keys()) {
        if (name !== 'summary') expect(textOf(alone.tables, name)).toBe(textOf(all.tables, name));
      }
      for (const [name, value] of alone.figures) expect(all.figures.get(name)).toBe(value);
    }
  });

  test('no two tell one table or figure', () => {
    const parts = metrics.map((definition) => live([definition]));
    const figures = parts.flatMap((part) => [...part.figures.keys()]);
    const tables = parts.flatMap((part) => [...part.tables.keys()]).filter((name) => name !== 'summary');
    expect(new Set(figures).size).toBe(figures.length);
    expect(new Set(tables).size).toBe(tables.length);
  });

  test('a run without any fact has tables too, and the run may end at once', () => {
    const script = new FactScript();
    const { tables } = collect(startMetrics(script.run, script.recorder), 0);
    for (const name of tables.keys()) expect(() => textOf(tables, name)).not.toThrow();
  });
});

describe('summary', () => {
  test('figures stand in the order of their list, seconds as seconds', () => {
    const { tables, figures } = live(metrics);
    const rows = [...tables.get('summary')!.rows];
    const order = summaryMetrics.map(({ name }) => name).filter((name) => figures.has(name));
    expect(rows.map(([name]) => name)).toEqual(order);
    expect(rows.find(([name]) => name === 'faults.detected.max')).toEqual(['faults.detected.max', 8, 's']);
    expect(rows.find(([name]) => name === 'pods.created')).toEqual(['pods.created', 2, 'pods']);
  });

  test('names are unique, and descriptions are sentences', () => {
    expect(new Set(summaryMetrics.map(({ name }) => name)).size).toBe(summaryMetrics.length);
    for (const { description } of summaryMetrics) expect(description).toMatch(/^[\dA-Z].*\.$/);
  });
});
