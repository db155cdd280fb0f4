/** All controllers, in the order of their names. Adding one is one line here. */
import type { ControllerDefinition } from './controller.ts';
import { deployment } from './deployment.ts';
import { endpointSlice } from './endpointslice.ts';
import { garbageCollector } from './garbage-collector.ts';
import { job } from './job.ts';
import { namespace } from './namespace.ts';
import { nodeLifecycle } from './node-lifecycle.ts';
import { podGarbageCollector } from './pod-garbage-collector.ts';
import { replicaSet } from './replicaset.ts';
import { taintEviction } from './taint-eviction.ts';
import { ttlAfterFinished } from './ttl-after-finished.ts';

/** Under the names of `kube-controller-manager --controllers`. */
export const controllers: readonly ControllerDefinition[] = [
  deployment,
  endpointSlice,
  garbageCollector,
  job,
  namespace,
  nodeLifecycle,
  podGarbageCollector,
  replicaSet,
  taintEviction,
  ttlAfterFinished,
];

/** The controller of that name, if there is one. */
export function controllerNamed(name: string): ControllerDefinition | undefined {
  return controllers.find((definition) => definition.name === name);
}
