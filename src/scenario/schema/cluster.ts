/** The schema of `cluster`, `images`, `registry` and `kubelet`. */
import { z } from 'zod';
import { labelKeyProblem, labelValueProblem } from '../../api/names.ts';
import * as messages from '../messages.ts';
import { checked, expecting } from './checked.ts';
import { distribution } from './distribution.ts';
import {
  choice,
  duration,
  flag,
  integer,
  labelName,
  labels,
  list,
  positiveDuration,
  quantity,
  resources,
  someText,
  text,
} from './units.ts';

const taintEffects = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'] as const;

const taint = checked(
  z.strictObject({ key: text, value: text.optional(), effect: choice(taintEffects) }, expecting('a taint')),
  ({ key, value }) => {
    const problem = labelKeyProblem(key) ?? labelValueProblem(value ?? '');
    return problem === undefined ? undefined : messages.badName(key, problem);
  },
);

const image = z.strictObject(
  { name: someText.describe('Name of the image; * and ? as in a shell'), size: quantity },
  expecting('a map with name and size'),
);

const capacity = checked(resources, (map) => {
  const missing = ['cpu', 'memory'].find((name) => map[name] === undefined);
  return missing === undefined ? undefined : messages.missingField(missing);
});

const nodePool = z.strictObject(
  {
    name: labelName.describe('Nodes are named <name>-<zone>-<n>'),
    count: integer(0, 100_000).describe('Nodes of the pool, over all zones'),
    zones: list(labelName).optional().describe('Nodes take the zones in turn'),
    region: labelName.optional(),
    labels: labels.optional(),
    taints: list(taint).optional(),
    capacity: capacity,
    allocatable: resources.optional().describe('Default: the capacity'),
    images: list(image).optional().describe('Images that the nodes hold from the start'),
  },
  expecting('a node pool'),
);

/** `spec.cluster`. */
export const cluster = z
  .strictObject({ nodePools: list(nodePool).optional(), manifests: list(someText).optional() }, expecting('a map'))
  .describe('What is there before time starts: node pools, and dumps of kubectl get -o yaml');

const pulledImage = image.extend({
  pull: z
    .strictObject(
      {
        duration: distribution.optional().describe('Time of a whole pull; default: by size, bandwidth and latency'),
        failures: list(text).optional().describe('Error of the first, second, ... pull on a node; empty: it works'),
        failsWith: someText.optional().describe('Error of all later pulls'),
      },
      expecting('a map'),
    )
    .optional(),
});

/** `spec.images`. */
export const images = list(pulledImage).describe('Sizes of images and how their pulls go, by name');

/** `spec.registry`. */
export const registry = z
  .strictObject(
    { bandwidth: quantity.optional().describe('Bytes per second'), latency: distribution.optional() },
    expecting('a map'),
  )
  .describe('The image registry and the way to it');

/** `spec.kubelet`. */
export const kubelet = z
  .strictObject(
    {
      nodeStatusUpdateFrequency: positiveDuration.optional(),
      nodeLeaseDuration: positiveDuration.optional(),
      serializeImagePulls: flag.optional(),
      maxParallelImagePulls: integer(1).optional(),
      registryPullQPS: integer(0).optional(),
      registryBurst: integer(0).optional(),
      maxContainerRestartPeriod: duration.optional(),
      maxPods: integer(0, 100_000).optional(),
      sandboxDuration: distribution.optional(),
      reduceDefaultCrashLoopBackOffDecay: flag.optional().describe('Feature gate: back-off starts at one second'),
      evictionHard: z.strictObject({ 'memory.available': quantity }, expecting('a map')).optional(),
      evictionSoft: z
        .strictObject({ 'memory.available': quantity, gracePeriod: duration }, expecting('a map'))
        .optional(),
      evictionMaxPodGracePeriod: integer(0).optional().describe('Seconds'),
      evictionPressureTransitionPeriod: duration.optional(),
    },
    expecting('a map'),
  )
  .describe('Settings of every kubelet, named as in KubeletConfiguration');
