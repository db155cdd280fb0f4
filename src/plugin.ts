/**
 * `kube-orrery/plugin`: what a scheduler plugin of one's own is written with. A module exports definitions made by
 * `definePlugin`; the scenario names the module, and the KubeSchedulerConfiguration enables the plugins.
 */
export type { Node, Pod, PodSpec, ResourceList, Taint, Toleration } from './api/core-v1.ts';
export { labelValue } from './api/meta-v1.ts';
export type { Labels } from './api/meta-v1.ts';
export { ActionType, onClusterEvent } from './scheduler/framework/cluster-event.ts';
export type { ClusterEventWithHint, QueueingHint } from './scheduler/framework/cluster-event.ts';
export { pluginConformance } from './scheduler/conformance/plugin-conformance.ts';
export type { ConformanceOptions } from './scheduler/conformance/plugin-conformance.ts';
export { tryPlugin } from './scheduler/conformance/try-plugin.ts';
export type { TriedCluster, TriedNode } from './scheduler/conformance/try-plugin.ts';
export { CycleState, cycleStateKey } from './scheduler/framework/cycle-state.ts';
export type { CycleStateKey, StateValue } from './scheduler/framework/cycle-state.ts';
export { definePlugin } from './scheduler/framework/define-plugin.ts';
export type { ArgsProblem, PluginDefinition } from './scheduler/framework/define-plugin.ts';
export type {
  ClusterLister,
  Handle,
  ImageState,
  PodNominator,
  SnapshotLister,
  WaitingPod,
} from './scheduler/framework/handle.ts';
export { nodeScoreMax, permitTimeoutUsMax } from './scheduler/framework/interface.ts';
export type {
  Completion,
  PermitWait,
  Plugin,
  PostFilterResult,
  PreFilterResult,
} from './scheduler/framework/interface.ts';
export type { NodeInfo } from './scheduler/framework/node-info.ts';
export type { NodeStatuses } from './scheduler/framework/node-statuses.ts';
export type { PodInfo, PodNeeds } from './scheduler/framework/pod-info.ts';
export type { QueuedPodInfo } from './scheduler/framework/queued-pod-info.ts';
export {
  Code,
  Status,
  errorStatus,
  pendingStatus,
  skip,
  unresolvable,
  unschedulable,
} from './scheduler/framework/status.ts';
export { defaultNormalizeScore } from './scheduler/plugins/normalize-score.ts';
export type { RandomStream } from './engine/random.ts';
