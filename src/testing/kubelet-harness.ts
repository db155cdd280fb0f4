/** Kubelets with a small API server around them, for tests. */
import type { LatencyProfile } from '../apiserver/latency.ts';
import { instantLatency } from '../apiserver/latency.ts';
import { ApiServer } from '../apiserver/apiserver.ts';
import { bindSpec, podWith } from '../apiserver/pod-object.ts';
import { createRequest, deleteRequest } from '../apiserver/requests.ts';
import type { Pod } from '../api/core-v1.ts';
import { constant } from '../engine/distributions.ts';
import type { HandlerId } from '../engine/engine.ts';
import { Engine } from '../engine/engine.ts';
import { SECOND } from '../engine/time.ts';
import type { Behavior, ImageSize, KubeletOptions, RegistryOptions } from '../kubelet/behavior.ts';
import { anyBehavior } from '../kubelet/behavior.ts';
import { Kubelets } from '../kubelet/kubelets.ts';
import type { Machines } from '../kubelet/machines.ts';
import type { Facts } from '../record/facts.ts';
import { Recorder } from '../record/recorder.ts';
import { makeNode } from './builders.ts';
import { nodeSha256 } from './sha256.ts';

/** A behaviour of all pods; times in seconds. */
export function makeBehavior(parts: Partial<Behavior> = {}): Behavior {
  return { ...anyBehavior, ...parts };
}

export interface HarnessOptions {
  readonly behaviors?: readonly Behavior[];
  readonly images?: readonly ImageSize[];
  readonly registry?: Partial<RegistryOptions>;
  readonly kubelet?: Partial<KubeletOptions>;
  readonly latency?: LatencyProfile;
  readonly seed?: string;
  /** Images that the nodes hold; `app:1` by default. */
  readonly present?: readonly string[];
  readonly nodeNames?: readonly string[];
  readonly tieSalt?: number;
  /** Watches the run. */
  readonly observer?: Partial<Facts>;
}

/** One cluster of nodes `n1` ..., where sandboxes and starts take no time unless a test says so. */
export class KubeletHarness {
  readonly engine: Engine;
  readonly server: ApiServer;
  readonly kubelets: Kubelets;
  /** What faults act on. */
  readonly machines: Machines;
  /** `seconds what` of container starts, exits and events, in order. */
  readonly log: string[] = [];
  /** Start times in seconds by pod uid. */
  readonly starts: number[] = [];
  private readonly clock: HandlerId;

  constructor(options: HarnessOptions = {}) {
    const { seed = 'test', tieSalt = 0, observer } = options;
    this.engine = new Engine({ seed, createHash: nodeSha256, tieSalt });
    this.clock = this.engine.register({ name: 'clock', phase: 15, observer: true, handle: () => {} });
    const recorder = new Recorder();
    recorder.observe(this.observer());
    if (observer !== undefined) recorder.observe(observer);
    const latency = options.latency ?? instantLatency;
    this.server = new ApiServer({ engine: this.engine, recorder, latency, admission: [] });
    this.kubelets = new Kubelets({
      server: this.server,
      behaviors: [...(options.behaviors ?? []), makeBehavior({ startDuration: constant(0), stopAfter: constant(0) })],
      images: options.images ?? [],
      registry: { bandwidth: undefined, latency: undefined, ...options.registry },
      kubelet: { ...noOptions, sandboxDuration: constant(0), ...options.kubelet },
    });
    this.machines = this.kubelets.machines;
    const images = (options.present ?? ['app:1']).map((name) => ({ names: [name], sizeBytes: 1 }));
    for (const name of options.nodeNames ?? ['n1']) this.server.install('Node', makeNode(name, { status: { images } }));
  }

  /** Microseconds to seconds of the present time. */
  get seconds(): number {
    return this.engine.now / SECOND;
  }

  start(): this {
    this.kubelets.start();
    return this;
  }

  /** A pod that was bound before time began. */
  install(pod: Pod, nodeName = 'n1'): this {
    this.server.install('Pod', podWith(pod, { spec: bindSpec(pod.spec, nodeName) }));
    return this;
  }

  /** A pod that is created with its node name, now. */
  create(pod: Pod, nodeName = 'n1'): this {
    this.server.execute(createRequest('Pod', podWith(pod, { spec: bindSpec(pod.spec, nodeName) })));
    return this;
  }

  delete(name: string, gracePeriodSeconds = -1): this {
    this.server.execute(deleteRequest('Pod', 'default', name, { gracePeriodSeconds }));
    return this;
  }

  /** Lets time go on until `seconds`. */
  until(seconds: number): this {
    const until = Math.round(seconds * SECOND);
    // Without a pending event time would stand still at the last one.
    this.engine.at(until, this.clock, 0);
    this.engine.run({ until });
    return this;
  }

  pod(name: string): Pod | undefined {
    return this.server.state.get('Pod', 'default', name);
  }

  /** `phase state(reason) restarts` of the first container, as in a list of pods. */
  line(name: string): string {
    const pod = this.pod(name);
    if (pod === undefined) return 'gone';
    const { phase, reason, containerStatuses } = pod.status;
    const [status] = containerStatuses;
    const what = status === undefined ? '' : ` ${status.state.phase}(${status.state.reason}) ${status.restartCount}`;
    return `${phase}${reason === '' ? '' : `/${reason}`}${what}`;
  }

  private observer(): Partial<Facts> {
    const say = (what: string): void => void this.log.push(`${this.seconds} ${what}`);
    return {
      containerStarted: (pod, index, restarts) => {
        this.starts.push(this.seconds);
        say(`start ${pod.metadata.name}/${index} ${restarts}`);
      },
      containerExited: (pod, index, code, reason) => say(`exit ${pod.metadata.name}/${index} ${code} ${reason}`),
      kubeEvent: ({ reason, name, message }) => say(`event ${name} ${reason}: ${message}`),
      machineChanged: (name, state) => say(`machine ${name} ${state}`),
    };
  }
}

const noOptions: KubeletOptions = {
  nodeStatusUpdateFrequency: undefined,
  nodeLeaseDuration: undefined,
  serializeImagePulls: undefined,
  maxParallelImagePulls: undefined,
  registryPullQPS: undefined,
  registryBurst: undefined,
  maxContainerRestartPeriod: undefined,
  maxPods: undefined,
  sandboxDuration: undefined,
};
