/** All plugins that a KubeSchedulerConfiguration can name without a module of the user's own. */
import type { PluginDefinition } from '../framework/define-plugin.ts';
import { bestFit } from './best-fit.ts';
import { dotProduct } from './dot-product.ts';
import { fragmentationGradientDescent } from './fragmentation-gradient-descent.ts';
import { gpuClustering } from './gpu-clustering.ts';
import { gpuPacking } from './gpu-packing.ts';
import { gpuShare } from './gpu-share.ts';
import { random } from './random.ts';
import { defaultBinder } from './default-binder.ts';
import { defaultPreemption } from './default-preemption.ts';
import { dynamicResources } from './dynamic-resources.ts';
import { imageLocality } from './image-locality.ts';
import { interPodAffinity } from './inter-pod-affinity.ts';
import { nodeAffinity } from './node-affinity.ts';
import { nodeDeclaredFeatures } from './node-declared-features.ts';
import { nodeName } from './node-name.ts';
import { nodePorts } from './node-ports.ts';
import { nodeResourcesBalancedAllocation } from './node-resources-balanced-allocation.ts';
import { nodeResourcesFit } from './node-resources-fit.ts';
import { nodeUnschedulable } from './node-unschedulable.ts';
import { podTopologySpread } from './pod-topology-spread.ts';
import { prioritySort } from './priority-sort.ts';
import { schedulingGates } from './scheduling-gates.ts';
import { nodeVolumeLimits } from './node-volume-limits.ts';
import { taintToleration } from './taint-toleration.ts';
import { volumeBinding } from './volume-binding.ts';
import { volumeRestrictions } from './volume-restrictions.ts';
import { volumeZone } from './volume-zone.ts';

export const inTreePlugins: readonly PluginDefinition[] = [
  schedulingGates,
  prioritySort,
  nodeName,
  nodeUnschedulable,
  taintToleration,
  nodeAffinity,
  nodePorts,
  nodeResourcesFit,
  podTopologySpread,
  volumeRestrictions,
  nodeVolumeLimits,
  volumeBinding,
  volumeZone,
  interPodAffinity,
  dynamicResources,
  defaultPreemption,
  nodeResourcesBalancedAllocation,
  imageLocality,
  defaultBinder,
  nodeDeclaredFeatures,
  gpuShare,
  fragmentationGradientDescent,
  bestFit,
  dotProduct,
  gpuClustering,
  gpuPacking,
  random,
];
