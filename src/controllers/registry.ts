/** All controllers, in the order of their names. Adding one is one line here. */
import type { ControllerDefinition } from './controller.ts';
import { cronJob } from './cronjob.ts';
import { daemonSet } from './daemonset.ts';
import { deployment } from './deployment.ts';
import { disruption } from './disruption.ts';
import { endpointSlice } from './endpointslice.ts';
import { garbageCollector } from './garbage-collector.ts';
import { horizontalPodAutoscaler } from './horizontal-pod-autoscaler.ts';
import { job } from './job.ts';
import { namespace } from './namespace.ts';
import { rootCertificatePublisher, serviceAccount } from './namespace-publishers.ts';
import { nodeLifecycle } from './node-lifecycle.ts';
import { podGarbageCollector } from './pod-garbage-collector.ts';
import { replicaSet, replicationController } from './replicaset.ts';
import { resourceQuota } from './resourcequota.ts';
import { statefulSet } from './statefulset.ts';
import { claimProtection } from './claim-protection.ts';
import { volumeBinder } from './volume-binder.ts';
import { volumeExpander } from './volume-expander.ts';
import { volumeProtection } from './volume-protection.ts';
import { taintEviction } from './taint-eviction.ts';
import { ttlAfterFinished } from './ttl-after-finished.ts';

/** Under the names of `kube-controller-manager --controllers`. */
export const controllers: readonly ControllerDefinition[] = [
  cronJob,
  daemonSet,
  deployment,
  disruption,
  endpointSlice,
  garbageCollector,
  horizontalPodAutoscaler,
  job,
  namespace,
  nodeLifecycle,
  volumeBinder,
  volumeExpander,
  volumeProtection,
  claimProtection,
  podGarbageCollector,
  replicaSet,
  replicationController,
  resourceQuota,
  rootCertificatePublisher,
  serviceAccount,
  statefulSet,
  taintEviction,
  ttlAfterFinished,
];

/** The controller of that name, if there is one. */
export function controllerNamed(name: string): ControllerDefinition | undefined {
  return controllers.find((definition) => definition.name === name);
}
