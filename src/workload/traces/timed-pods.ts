/** A trace replayed with its own times: every pod is created when it arrived, and runs as long as it ran. */
import { runDurationAnnotation } from '../../api/annotations.ts';
import { metadataWith } from '../../api/meta-v1.ts';
import type { ApiRequest } from '../../apiserver/requests.ts';
import { createRequest } from '../../apiserver/requests.ts';
import { podWith } from '../../apiserver/pod-object.ts';
import { TracePods, copiesOf } from './trace-objects.ts';
import type { TracePod } from './trace.ts';

/** Which pods of a trace are replayed, and when. Microseconds of the trace. */
export interface TraceTiming {
  /** 2 = everything takes twice as long: arrivals and run times. */
  readonly scale: number;
  /** What arrived before is left out; this instant is the start of the run. */
  readonly fromUs: number;
  /** What arrived at or after it is left out; undefined = nothing is. */
  readonly untilUs: number | undefined;
  /** The share of the pods that is kept, 0..1, chosen pod by pod. */
  readonly thin: number;
}

interface Arrival {
  /** Microseconds of the run. */
  readonly at: number;
  readonly pod: TracePod;
}

/** The pods of a trace one after the other. */
export class TimedPods {
  private readonly arrivals: readonly Arrival[];
  private readonly scale: number;
  private readonly objects = new TracePods('Never');
  private next = 0;

  /** @param drawOf a number in [0, 1) for a pod of this name, the same in every run of a seed. */
  constructor(pods: readonly TracePod[], timing: TraceTiming, drawOf: (name: string) => number) {
    const { scale, fromUs, untilUs = Infinity, thin } = timing;
    this.scale = scale;
    this.arrivals = pods
      .flatMap(copiesOf)
      .map((pod) => ({ pod, at: pod.arrivalUs ?? fromUs }))
      .filter(({ at, pod }) => at >= fromUs && at < untilUs && (thin === 1 || drawOf(pod.name) < thin))
      .map(({ pod, at }) => ({ pod, at: Math.round((at - fromUs) * scale) }))
      .sort((a, b) => a.at - b.at);
  }

  /** Time of the next arrival, microseconds, never before the one last given; undefined when there are no more. */
  nextArrival(): number | undefined {
    return this.arrivals[this.next]?.at;
  }

  /** The request that creates the next pod. */
  nextRequest(): ApiRequest {
    const { pod } = this.arrivals[this.next++]!;
    const { runTimeUs } = pod;
    const object = this.objects.object(pod, pod.name);
    const request = createRequest('Pod', runTimeUs === undefined ? object : this.withRunTime(object, runTimeUs));
    return request as unknown as ApiRequest;
  }

  private withRunTime(object: ReturnType<TracePods['object']>, runTimeUs: number): typeof object {
    const { metadata } = object;
    const duration = `${Math.round(runTimeUs * this.scale)}us`;
    const annotations = { ...metadata.annotations, [runDurationAnnotation]: duration };
    return podWith(object, { metadata: metadataWith(metadata, { annotations }) });
  }
}
