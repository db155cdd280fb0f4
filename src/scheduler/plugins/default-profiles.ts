/** The default profile of kube-scheduler 1.37 (`ps/apis/config/v1/default_plugins.go`, gates at their defaults). */
import type { PluginEntry } from '../framework/profile.ts';

const entry = (name: string, weight = 0): PluginEntry => ({ name, weight });

/** Default content of `multiPoint`, in upstream's order and weights. */
export const defaultMultiPoint: readonly PluginEntry[] = [
  entry('SchedulingGates'),
  entry('PrioritySort'),
  entry('NodeName'),
  entry('NodeUnschedulable'),
  entry('TaintToleration', 3),
  entry('NodeAffinity', 2),
  entry('NodePorts'),
  entry('NodeResourcesFit', 1),
  entry('VolumeRestrictions'),
  entry('NodeVolumeLimits'),
  entry('VolumeBinding'),
  entry('VolumeZone'),
  entry('PodTopologySpread', 2),
  entry('InterPodAffinity', 2),
  entry('DynamicResources', 2),
  entry('DefaultPreemption'),
  entry('NodeResourcesBalancedAllocation', 1),
  entry('ImageLocality', 1),
  entry('DefaultBinder'),
  entry('NodeDeclaredFeatures'),
];

/**
 * Plugins of upstream behind gates that are off by default, which the simulator does not have: a configuration that names one
 * of them is refused.
 */
export const notModelledPlugins: readonly string[] = [
  'DeferredPodScheduling',
  'GangScheduling',
  'TopologyPlacementGenerator',
  'PodGroupPodsCount',
];
