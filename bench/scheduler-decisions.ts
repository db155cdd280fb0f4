import type { Pod } from '../src/api/core-v1.ts';
import { bindSpec, newPod, podWith } from '../src/apiserver/pod-object.ts';
import { SchedulingAlgorithm } from '../src/scheduler/algorithm.ts';
import { SchedulerFixture } from '../src/testing/scheduler-fixture.ts';
import type { Bench, BenchFigure } from './bench.ts';
import { median } from './bench.ts';

/** Pods on each node while the clock runs: new ones are assumed, the oldest ones leave. */
const podsPerNode = 4;
const zoneCount = 3;

/** How many pods the readable scheduler places in a second of processor time, without API server, queue and binding. */
export const schedulerDecisions: Bench = {
  name: 'scheduler-decisions',
  description: 'decisions for pods that ask for cpu and memory, on cache and framework alone; nodes have the image',
  run: ({ isQuick }) =>
    [1_000, 5_000].flatMap((nodeCount) =>
      [0, 100].flatMap((percentage): BenchFigure[] => {
        const cluster = new SteadyCluster(nodeCount, percentage);
        const scored = cluster.decide(1);
        const decisions = Math.ceil((isQuick ? 20_000 : 200_000) / scored);
        for (let slice = 0; slice < (isQuick ? 1 : 5); slice++) cluster.decide(decisions);
        const us = Array.from({ length: isQuick ? 1 : 21 }, () => cluster.timedUs(decisions));
        const name = `${nodeCount} nodes, ${percentage === 0 ? 'default sampling' : 'all nodes'}`;
        return [
          { name: `${name} (${scored} scored)`, value: 1e6 / median(us), unit: 'decisions/s' },
          { name: `${name}, a decision`, value: median(us), unit: 'us' },
        ];
      }),
    ),
};

/** A cluster in which as many pods come as go. */
class SteadyCluster {
  private readonly fixture = new SchedulerFixture();
  private readonly algorithm: SchedulingAlgorithm;
  private readonly template: Pod;
  private readonly placed: Pod[] = [];
  private readonly size: number;
  private lastUid = 0;

  constructor(nodeCount: number, percentageOfNodesToScore: number) {
    const { fixture } = this;
    const status = {
      allocatable: { cpu: '16', memory: '64Gi', pods: '110' },
      images: [{ names: ['app:1'], sizeBytes: 50_000_000 }],
    };
    for (let at = 0; at < nodeCount; at++) {
      fixture.node(`node-${at}`, { labels: { 'topology.kubernetes.io/zone': `zone-${at % zoneCount}` }, status });
    }
    this.algorithm = new SchedulingAlgorithm(fixture.cache, { tieBreak: 'uniform', percentageOfNodesToScore });
    this.template = fixture.podWithRequests({ cpu: '500m', memory: '512Mi' });
    this.size = podsPerNode * nodeCount;
    for (let at = 0; at < this.size; at++) this.place(this.newPod(), `node-${at % nodeCount}`);
  }

  /** Places so many pods; the number of nodes that were scored for the last one. */
  decide(count: number): number {
    let scored = 0;
    for (let made = 0; made < count; made++) {
      const pod = this.newPod();
      const result = this.algorithm.schedulePod(this.fixture.framework, pod);
      if (result.type !== 'node') throw new Error(`no node: ${result.type}`);
      scored = result.feasibleNodes;
      this.place(pod, result.node.name);
      this.removeOldest();
    }
    return scored;
  }

  /** Processor time for a decision, microseconds. */
  timedUs(count: number): number {
    const before = process.cpuUsage();
    this.decide(count);
    const { user, system } = process.cpuUsage(before);
    return (user + system) / count;
  }

  private newPod(): Pod {
    const uid = ++this.lastUid;
    const { metadata, spec, status } = this.template;
    return newPod({ ...metadata, name: `pod-${uid}`, uid }, spec, status);
  }

  private place(pod: Pod, nodeName: string): void {
    const { cache, podInfos } = this.fixture;
    const bound = podWith(pod, { spec: bindSpec(pod.spec, nodeName) });
    cache.assumePod(podInfos.podInfo(bound));
    this.placed[bound.metadata.uid % (this.size + 1)] = bound;
  }

  private removeOldest(): void {
    this.fixture.cache.removePod(this.placed[(this.lastUid + 1) % (this.size + 1)]!);
  }
}
