/** Runs a recorded case on the simulator and compares what it shows. */
import { ApiServer } from '../../apiserver/apiserver.ts';
import { instantLatency } from '../../apiserver/latency.ts';
import { bindSpec, podWith, specWith } from '../../apiserver/pod-object.ts';
import { createRequest, deleteRequest, patchRequest, patchStatusRequest } from '../../apiserver/requests.ts';
import type { Pod } from '../../api/core-v1.ts';
import { labelsOf } from '../../api/labels.ts';
import type { Condition } from '../../api/meta-v1.ts';
import { metadataWith } from '../../api/meta-v1.ts';
import { statusWith } from '../../api/pod-status.ts';
import { constant } from '../../engine/distributions.ts';
import { Engine } from '../../engine/engine.ts';
import { SECOND } from '../../engine/time.ts';
import { Kubelets } from '../../kubelet/kubelets.ts';
import { Recorder } from '../../record/recorder.ts';
import { nodeSha256 } from '../sha256.ts';
import {
  behaviorsOf,
  imagesOf,
  kubeletOptions,
  nodeName,
  nodeOf,
  playImages,
  podName,
  podOf,
  trackName,
} from './build.ts';
import type { CaseComparison } from './compare.ts';
import { agrees, compareCase } from './compare.ts';
import type { KubeletCase, RecordedAction } from './recording.ts';
import type { TrackItem } from './tracks.ts';
import { TrackRecorder } from './tracks.ts';

/** Plays of a case with other phases of the kubelet's clocks and other draws; the best one counts. */
const defaultPlays = 16;

/**
 * Replays one case and compares it with the recording.
 *
 * @param plays how often it is played at most: the draws of the back-off and the phases of the clocks differ between plays, as they
 * did in the recording; the first play that agrees counts, else the one with the fewest misses.
 */
export function replayKubeletCase(recorded: KubeletCase, plays = defaultPlays): CaseComparison {
  let best: CaseComparison | undefined;
  for (let play = 0; play < plays; play++) {
    const comparison = replayOnce(recorded, play);
    if (agrees(comparison) && comparison.timeMisses.length === 0) return comparison;
    if (best === undefined || rank(comparison) < rank(best)) best = comparison;
  }
  return best!;
}

function rank({ trackMisses, timeMisses }: CaseComparison): number {
  return trackMisses.length * 1000 + timeMisses.length;
}

/** One play of a case. */
export function replayOnce(recorded: KubeletCase, play: number): CaseComparison {
  const { tracks, firstDropAt } = playCase(recorded, play);
  return compareCase(recorded, tracks, firstDropAt);
}

/** What one play of a case shows; `firstDropAt` is when the spam filter of its events began to drop, seconds. */
export function playCase(
  recorded: KubeletCase,
  play: number,
): { readonly tracks: ReadonlyMap<string, readonly TrackItem[]>; readonly firstDropAt: number } {
  return new CaseReplay(recorded, play).run();
}

/** A kubelet that has been up for more than a minute when the case begins. */
class CaseReplay {
  private readonly recorded: KubeletCase;
  private readonly engine: Engine;
  private readonly server: ApiServer;
  private readonly kubelets: Kubelets;
  private readonly recorder = new Recorder();
  private readonly startsAt: number;

  constructor(recorded: KubeletCase, play: number) {
    this.recorded = recorded;
    this.engine = new Engine({ seed: `${recorded.id}/${play}`, createHash: nodeSha256 });
    this.startsAt = 600 * SECOND + this.engine.random('replay/phase').below(SECOND);
    this.server = new ApiServer({
      engine: this.engine,
      recorder: this.recorder,
      latency: instantLatency,
      admission: [],
    });
    this.kubelets = new Kubelets({
      server: this.server,
      behaviors: behaviorsOf(recorded),
      images: imagesOf(recorded),
      registry: { bandwidth: undefined, latency: constant(0) },
      kubelet: kubeletOptions(recorded),
    });
    this.server.install('Node', nodeOf(recorded));
  }

  run(): { readonly tracks: ReadonlyMap<string, readonly TrackItem[]>; readonly firstDropAt: number } {
    const { recorded, engine } = this;
    const names = new Map(recorded.pods.map((pod) => [podName(pod), trackName(pod)]));
    const secondsOf = (time: number): number => (time - this.startsAt) / SECOND;
    const isEviction = recorded.node === 'press' || recorded.node === 'soft';
    const isShutdown = recorded.actions?.some((action) => action.do === 'shutdown') === true;
    this.kubelets.start();
    const clock = engine.register({ name: 'replay', phase: 0, handle: (step) => steps[step]!() });
    const tracks = new TrackRecorder(names, isEviction || isShutdown, () => secondsOf(engine.now), secondsOf);
    const steps: (() => void)[] = [() => this.recorder.observe(tracks.observer)];
    engine.at(this.startsAt, clock, 0);
    for (const pod of recorded.pods) {
      steps.push(() => this.create(podOf(pod)));
      engine.at(this.startsAt + Math.round((pod.at ?? 0) * SECOND), clock, steps.length - 1);
    }
    for (const action of recorded.actions ?? []) {
      steps.push(() => this.act(action));
      engine.at(this.startsAt + Math.round(action.at * SECOND), clock, steps.length - 1);
    }
    const until = this.startsAt + Math.round((recorded.seconds * 1.1 + 15) * SECOND);
    steps.push(() => undefined);
    engine.at(until, clock, steps.length - 1);
    engine.run({ until });
    this.kubelets.tellProbes();
    return { tracks: tracks.tracks, firstDropAt: tracks.firstDropAt };
  }

  private create(pod: Pod): void {
    this.server.execute(createRequest('Pod', podWith(pod, { spec: bindSpec(pod.spec, nodeName) })));
  }

  private act(action: RecordedAction): void {
    const target = this.recorded.pods.find((pod) => trackName(pod) === (action.pod ?? 'pod'));
    const name = target === undefined ? '' : podName(target);
    switch (action.do) {
      case 'delete':
        this.server.execute(deleteRequest('Pod', 'oracle', name, { gracePeriodSeconds: action.grace ?? -1 }));
        return;
      case 'patch-status':
        this.server.execute(patchStatusRequest('Pod', 'oracle', name, withConditions, action.patch ?? '{}'));
        return;
      case 'memory':
        this.kubelets.machines.setOtherMemory(nodeName, action.used ?? 0);
        return;
      case 'shutdown':
        this.kubelets.machines.beginShutdown(nodeName);
        return;
      case 'patch':
        this.server.execute(patchRequest('Pod', 'oracle', name, patched, playImages(action.patch ?? '{}')));
        return;
    }
  }
}

function withConditions(pod: Pod, argument: unknown): Pod {
  const { status = {} } = JSON.parse(argument as string) as { status?: { conditions?: Partial<Condition>[] } };
  const otherConditions = (status.conditions ?? []).map((condition) => ({
    type: condition.type ?? '',
    status: condition.status ?? 'Unknown',
    lastTransitionTime: 0,
    reason: condition.reason ?? '',
    message: condition.message ?? '',
  }));
  const isOther = ({ type }: Condition): boolean => otherConditions.every((each) => each.type !== type);
  const kept = pod.status.otherConditions.filter(isOther);
  return podWith(pod, { status: statusWith(pod.status, { otherConditions: [...kept, ...otherConditions] }) });
}

interface PodPatch {
  readonly metadata?: { readonly labels?: Record<string, string>; readonly annotations?: Record<string, string> };
  readonly spec?: {
    readonly activeDeadlineSeconds?: number;
    readonly containers?: readonly { readonly name: string; readonly image?: string }[];
  };
}

/** What may be changed of a pod that runs: labels, annotations, images, the deadline. */
function patched(pod: Pod, argument: unknown): Pod {
  const { metadata = {}, spec = {} } = JSON.parse(argument as string) as PodPatch;
  const containers = pod.spec.containers.map((container) => {
    const image = spec.containers?.find(({ name }) => name === container.name)?.image;
    return image === undefined ? container : { ...container, image };
  });
  const changed = specWith(pod.spec, {
    ...(spec.containers !== undefined && { containers }),
    ...(spec.activeDeadlineSeconds !== undefined && { activeDeadlineSeconds: spec.activeDeadlineSeconds }),
  });
  return podWith(pod, {
    spec: changed,
    metadata: metadataWith(pod.metadata, {
      labels: labelsOf(Object.entries({ ...pod.metadata.labels, ...metadata.labels })),
      annotations: labelsOf(Object.entries({ ...pod.metadata.annotations, ...metadata.annotations })),
    }),
  });
}
