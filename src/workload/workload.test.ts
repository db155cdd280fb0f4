import { describe, expect, test } from 'vitest';
import type { Job } from '../api/batch-v1.ts';
import type { Pod } from '../api/core-v1.ts';
import { constant } from '../engine/distributions.ts';
import { HOUR, MINUTE, SECOND } from '../engine/time.ts';
import { defaultLatency } from '../apiserver/latency.ts';
import type { ApiHarness } from '../testing/api-harness.ts';
import { makeApi, makeJob } from '../testing/api-harness.ts';
import { makePod } from '../testing/builders.ts';
import { generatorLabel } from './generator.ts';
import type { GeneratorSpec } from './generator-spec.ts';
import { Workload } from './workload.ts';

const podTemplate = { kind: 'Pod', object: makePod('template', { labels: { app: 'batch' } }) } as const;

const generator = (name: string, parts: Partial<GeneratorSpec> = {}): GeneratorSpec => ({
  name,
  arrivals: { type: 'poisson', ratePerHour: 120 },
  template: podTemplate,
  runDuration: undefined,
  limit: undefined,
  start: 0,
  until: undefined,
  ...parts,
});

/** Runs generators and returns when each object was stored, by name. */
function storedAt(
  generators: readonly GeneratorSpec[],
  until: number,
  api: ApiHarness = makeApi(),
): Map<string, number> {
  const times = new Map<string, number>();
  api.recorder.observe({
    committed: (kind, _slot, before, after) => {
      if (before === undefined && kind !== 'Namespace') times.set(after!.metadata.name, api.engine.now);
    },
  });
  new Workload(api.server, [], { generators, trace: undefined }).start();
  api.engine.run({ until });
  return times;
}

describe('generators', () => {
  test('number their objects from 0 and stop at the limit', () => {
    const every = generator('batch', { arrivals: { type: 'every', periodUs: MINUTE }, limit: 3 });
    expect([...storedAt([every], HOUR)]).toEqual([
      ['batch-0', 0],
      ['batch-1', MINUTE],
      ['batch-2', 2 * MINUTE],
    ]);
  });

  test('keep one event pending, however many arrivals are to come', () => {
    const { engine, server } = makeApi();
    const every = { type: 'every', periodUs: SECOND } as const;
    new Workload(server, [], {
      generators: [generator('a', { arrivals: every }), generator('b', { arrivals: every })],
      trace: undefined,
    }).start();
    expect(engine.pendingCount).toBe(2);
    engine.run({ until: 10 * SECOND });
    expect(engine.pendingCount).toBe(2);
  });

  test('pods share one spec, one set of labels and of annotations, and say who made them', () => {
    const { server, engine } = makeApi();
    new Workload(server, [], {
      generators: [generator('batch', { arrivals: { type: 'count', count: 100 } })],
      trace: undefined,
    }).start();
    engine.run({ until: 0 });
    const pods = [...server.state.list('Pod')];
    expect(pods).toHaveLength(100);
    for (const part of ['labels', 'annotations'] as const) {
      expect(new Set(pods.map((pod) => pod.metadata[part])).size).toBe(1);
    }
    expect(new Set(pods.map((pod) => pod.spec)).size).toBe(1);
    expect(pods[0]!.metadata.labels).toEqual({ app: 'batch', [generatorLabel]: 'batch' });
  });

  test('the pods of generated Jobs carry the label of the generator', () => {
    const { server, engine } = makeApi();
    const template = { kind: 'Job', object: makeJob('template') } as const;
    new Workload(server, [], {
      generators: [generator('jobs', { template, arrivals: { type: 'count', count: 2 } })],
      trace: undefined,
    }).start();
    engine.run({ until: 0 });
    const jobs: Job[] = [...server.state.list('Job')];
    expect(jobs.map((job) => job.metadata.name)).toEqual(['jobs-0', 'jobs-1']);
    expect(jobs.map((job) => job.spec.template.labels[generatorLabel])).toEqual(['jobs', 'jobs']);
    expect(jobs[0]!.spec.template.spec).toBe(jobs[1]!.spec.template.spec);
    expect(jobs[0]!.metadata.labels).toEqual({ [generatorLabel]: 'jobs' });
  });

  test('another generator shifts no arrival', () => {
    const alone = storedAt([generator('a')], HOUR);
    const both = storedAt(
      [generator('b', { arrivals: { type: 'interval', interval: constant(SECOND) } }), generator('a')],
      HOUR,
    );
    expect([...both].filter(([name]) => name.startsWith('a-'))).toEqual([...alone]);
    expect(both.size).toBeGreaterThan(3600);
  });

  test('the same seed gives the same run, another seed another one', () => {
    const run = (seed: string): [string, number][] => [
      ...storedAt([generator('a'), generator('b')], HOUR, makeApi({ seed, latency: defaultLatency })),
    ];
    expect(run('1')).toEqual(run('1'));
    expect(run('1')).not.toEqual(run('2'));
  });

  test('submit again every second while nobody answers, each object once', () => {
    const api = makeApi();
    api.server.condition.available = false;
    const back = api.engine.register({
      name: 'back',
      phase: 0,
      handle: () => void (api.server.condition.available = true),
    });
    api.engine.at(3.5 * SECOND, back, 0);
    const every = generator('a', { arrivals: { type: 'every', periodUs: SECOND }, limit: 5 });
    const at = 4 * SECOND;
    expect(Object.fromEntries(storedAt([every], MINUTE, api))).toEqual({
      'a-0': at,
      'a-1': at,
      'a-2': at,
      'a-3': at,
      'a-4': at,
    });
    expect(api.userActions).toEqual([]);
  });

  test('a refused object is told with the message of the server and not sent again', () => {
    const api = makeApi();
    const object: Pod = makePod('template', { spec: { priorityClassName: 'gold' } });
    const template = { kind: 'Pod', object } as const;
    storedAt([generator('a', { template, arrivals: { type: 'count', count: 1 } })], MINUTE, api);
    expect(api.userActions).toEqual([
      {
        verb: 'create',
        target: 'Pod default/a-0',
        startedAt: 0,
        message: 'pods "a-0" is forbidden: no PriorityClass with name gold was found',
      },
    ]);
  });
});
