import { describe, expect, test } from 'vitest';
import { soundScenario } from '../testing/load-from-memory.ts';
import { expectedPods } from './expected-pods.ts';

const template = (app: string): string => `
      metadata: { labels: { app: ${app} }, annotations: { app: ${app} } }
      spec: { restartPolicy: Never, containers: [{ name: main, image: app }] }`;

const job = (name: string, spec: string): string => `apiVersion: batch/v1
kind: Job
metadata: { name: ${name} }
spec:
  ${spec}
  template:${template(name)}
`;

const deployment = (name: string, replicas: number): string => `apiVersion: apps/v1
kind: Deployment
metadata: { name: ${name} }
spec:
  replicas: ${replicas}
  selector: { matchLabels: { app: ${name} } }
  template:${template(name).replace('restartPolicy: Never, ', '')}
`;

/** What is expected, by the annotation that names it. */
function expectedOf(spec: string, files: Readonly<Record<string, string>>): Record<string, number> {
  const scenario = soundScenario(spec, files);
  const sums: Record<string, number> = {};
  for (const { annotations, count } of expectedPods({ ...scenario, objects: scenario.cluster.objects })) {
    const name = annotations['app'] ?? '-';
    sums[name] = (sums[name] ?? 0) + count;
  }
  return sums;
}

describe('the pods that a workload is made of', () => {
  test('are the replicas of workloads, the completions of Jobs, and bare pods', () => {
    const texts = [
      deployment('web', 3),
      job('batch', 'completions: 5\n  parallelism: 2'),
      job('queue', 'parallelism: 4'),
      'apiVersion: v1\nkind: Pod\nmetadata: { name: bare }\nspec: { containers: [{ name: main, image: app }] }\n',
    ];
    const objects = texts.join('---\n');
    const spec = 'workload: [{ manifests: [objects.yaml] }]\nactions: [{ at: 1m, apply: [more.yaml] }]';
    const files = { 'objects.yaml': objects, 'more.yaml': `${deployment('web', 9)}---\n${deployment('late', 2)}` };
    // What is applied a second time is the same workload: the last version counts.
    expect(expectedOf(spec, files)).toEqual({ web: 9, batch: 5, queue: 4, '-': 1, late: 2 });
  });

  test('do not count pods twice whose controller is there', () => {
    const pod = (name: string, owner: string): string => `apiVersion: v1
kind: Pod
metadata:
  name: ${name}
  annotations: { app: ${owner} }
  ownerReferences: [{ apiVersion: batch/v1, kind: Job, name: ${owner}, uid: x, controller: true }]
spec: { restartPolicy: Never, containers: [{ name: main, image: app }] }
`;
    const files = { 'dump.yaml': [job('batch', 'completions: 2'), pod('a', 'batch'), pod('b', 'gone')].join('---\n') };
    expect(expectedOf('cluster: { manifests: [dump.yaml] }', files)).toEqual({ batch: 2, gone: 1 });
  });

  test('are the expected arrivals of generators until the end of the run', () => {
    const generators = [
      'name: a, arrivals: { poisson: { ratePerHour: 12 } }, template: job.yaml, start: 15m',
      'name: b, arrivals: { every: 1m }, template: other.yaml, limit: 5',
      'name: c, arrivals: { count: 7 }, template: third.yaml',
      'name: d, arrivals: { interval: { exponential: { mean: 6m } } }, template: fourth.yaml, until: 30m',
    ];
    const spec = `workload: [${generators.map((text) => `{ generator: { ${text} } }`).join(', ')}]`;
    const files = {
      'job.yaml': job('poisson', 'completions: 2'),
      'other.yaml': job('every', 'completions: 1'),
      'third.yaml': job('count', 'completions: 1'),
      'fourth.yaml': job('interval', 'completions: 1'),
    };
    const { horizon } = soundScenario(spec, files);
    const hours = horizon / 3_600_000_000;
    expect(expectedOf(spec, files)).toEqual({
      poisson: 2 * 12 * (hours - 0.25),
      every: 5,
      count: 7,
      interval: 5,
    });
  });

  test('are those of a trace in its window', () => {
    const times = [0, 100, 200, 300].map((at, index) => `p-${index},1000,1,1,500,${at}`).join('\n');
    const trace = `trace: { format: alibaba-openb, pods: pods.csv, nodes: nodes.csv, replay: timed, window: { from: 100s, to: 300s } }`;
    const scenario = soundScenario(`workload: [{ ${trace} }]`, {
      'pods.csv': `name,cpu_milli,memory_mib,num_gpu,gpu_milli,creation_time\n${times}\n`,
      'nodes.csv': 'sn,cpu_milli,memory_mib,gpu,model\nn,8000,65536,2,T4\n',
    });
    const found = expectedPods({ ...scenario, objects: scenario.cluster.objects });
    expect(found.map(({ annotations, count }) => [annotations['alibabacloud.com/gpu-milli'], count])).toEqual([
      ['500', 1],
      ['500', 1],
    ]);
  });
});
