/** Nodes with GPUs and pods that share them, for tests of the plugins that look at devices. */
import type { Pod } from '../api/core-v1.ts';
import { bindSpec, podWith } from '../apiserver/pod-object.ts';
import { CycleState } from '../scheduler/framework/cycle-state.ts';
import { devicesOfKind } from '../scheduler/framework/pod-info.ts';
import { Status } from '../scheduler/framework/status.ts';
import { assert } from '../util/assert.ts';
import { SchedulerFixture } from './scheduler-fixture.ts';

/** What a pod asks for: milliCPU, and GPUs if any. */
export interface GpuPod {
  readonly cpu?: string;
  readonly count?: number;
  readonly milli?: number;
  readonly models?: string;
}

/** A scheduler with one policy beside GpuShare, and a cluster to ask it about. */
export class GpuCluster extends SchedulerFixture {
  constructor(policy: string, args?: unknown, gpuSelection = 'best') {
    super({
      apiVersion: 'kubescheduler.config.k8s.io/v1',
      kind: 'KubeSchedulerConfiguration',
      percentageOfNodesToScore: 100,
      profiles: [
        {
          plugins: {
            multiPoint: {
              disabled: [{ name: '*' }],
              enabled: ['PrioritySort', 'NodeResourcesFit', 'GpuShare', policy, 'DefaultBinder']
                .filter((name, at, names) => names.indexOf(name) === at)
                .map((name) => ({ name })),
            },
            preScore: { disabled: [{ name: 'NodeResourcesFit' }] },
            score: { disabled: [{ name: 'NodeResourcesFit' }] },
          },
          pluginConfig: [
            { name: 'GpuShare', args: { gpuSelection } },
            ...(args === undefined ? [] : [{ name: policy, args }]),
          ],
        },
      ],
    });
  }

  /** A node with so many GPUs; 0 = none at all. */
  gpuNode(name: string, gpus: number, { cpu = '96', model = 'T4' } = {}): void {
    this.node(name, {
      labels: gpus === 0 ? {} : { 'alibabacloud.com/gpu-card-model': model },
      status: {
        allocatable: {
          cpu,
          memory: '512Gi',
          pods: '110',
          ...(gpus > 0 && { 'alibabacloud.com/gpu-count': String(gpus) }),
        },
      },
    });
  }

  /** A pod that waits. @param index GPUs that it says it has: `0-1`. */
  gpuPod({ cpu = '1', count, milli, models }: GpuPod = {}, index?: string): Pod {
    const annotations = {
      ...(count !== undefined && { 'alibabacloud.com/gpu-count': String(count) }),
      ...(milli !== undefined && { 'alibabacloud.com/gpu-milli': String(milli) }),
      ...(models !== undefined && { 'alibabacloud.com/gpu-card-model': models }),
      ...(index !== undefined && { 'alibabacloud.com/gpu-index': index }),
    };
    const containers = [{ name: 'c', image: 'app:1', resources: { requests: { cpu } } }];
    return this.pod({ containers }, { metadata: { annotations } });
  }

  /** A pod on a node with these GPUs. */
  occupy(node: string, pod: GpuPod, index: string): Pod {
    return this.bind(this.gpuPod(pod, index), node);
  }

  /** One cycle up to the raw scores of the policy, in the order of the nodes. */
  scored(pod: Pod): { readonly state: CycleState; readonly scores: readonly number[] } {
    const state = new CycleState();
    const { framework, nodes } = this;
    framework.runPreFilter(state, pod, nodes);
    framework.runPreScore(state, pod, nodes);
    const totals = framework.runScore(state, pod, nodes, true);
    assert(!(totals instanceof Status), 'the score failed');
    return { state, scores: [...totals.byPlugin[0]!.raw!] };
  }

  /** The GPUs that the pod gets on a node at Reserve; a text where it gets none. */
  reserved(state: CycleState, pod: Pod, nodeName: string): readonly number[] | string {
    const assumed = podWith(pod, { spec: bindSpec(pod.spec, nodeName) });
    const info = this.podInfos.podInfo(assumed);
    this.cache.assumePod(info);
    this.cache.updateSnapshot();
    const status = this.framework.binding.runReserve(state, assumed, nodeName);
    return status === undefined ? (devicesOfKind(info.devices, 'gpu') ?? []) : status.message;
  }
}
