/** Surroundings of plugins in which nothing ever happens: for checking a profile, and for trying plugins on their own. */
import { RandomStream } from '../engine/random.ts';
import { SchedulerCache } from './cache.ts';
import { PodInfoFactory } from './framework/pod-info.ts';
import type { PodInfo } from './framework/pod-info.ts';
import type { FrameworkServices } from './framework/framework-services.ts';
import { WaitingPods } from './framework/waiting-pods.ts';

const nobody: readonly PodInfo[] = [];

/** No objects but those of the cache; requests and events go nowhere; a stream begins anew each time that it is asked for. */
export function idleServices(podInfos = new PodInfoFactory(), cache = new SchedulerCache(podInfos)): FrameworkServices {
  return {
    clock: { now: 0 },
    snapshot: cache,
    cluster: { get: () => undefined, list: () => [], by: () => [] },
    nominator: { isEmpty: true, nominatedPods: () => nobody },
    podInfos,
    waitingPods: new WaitingPods(() => () => undefined),
    expectedPods: () => [],
    random: (name) => new RandomStream(name, name),
    activate: () => undefined,
    send: () => undefined,
    after: () => () => undefined,
    onClusterChange: () => undefined,
    kubeEvent: () => undefined,
    preemptionAttempt: () => undefined,
  };
}
