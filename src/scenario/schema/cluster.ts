/** The schema of `cluster`, `images`, `registry` and `kubelet`. */
import { z } from 'zod';
import { labelKeyProblem, labelValueProblem } from '../../api/names.ts';
import type { EvictionSignal } from '../../kubelet/behavior.ts';
import { evictionSignals } from '../../kubelet/behavior.ts';
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
  quantityProblem,
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
    racks: integer(1, 100_000)
      .optional()
      .describe('Racks in each zone; nodes take them in turn, label topology.kubernetes.io/rack'),
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

/** A quantity, or percent of the capacity. */
const threshold = checked(z.union([z.string(), z.number()], expecting('a quantity or a percentage')), (value) => {
  const written = String(value);
  if (!written.endsWith('%')) return quantityProblem(written);
  const percent = Number(written.slice(0, -1));
  return percent > 0 && percent < 100 ? undefined : messages.outOfRange(written, 'a percentage between 0% and 100%');
});

const thresholds = Object.fromEntries(
  evictionSignals.map((signal) => [signal, threshold.optional()] as const),
) as Readonly<Record<EvictionSignal, z.ZodOptional<typeof threshold>>>;

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
      evictionHard: z.strictObject(thresholds, expecting('a map')).optional(),
      evictionSoft: z.strictObject({ ...thresholds, gracePeriod: duration }, expecting('a map')).optional(),
      evictionMaxPodGracePeriod: integer(0).optional().describe('Seconds'),
      evictionPressureTransitionPeriod: duration.optional(),
      shutdownGracePeriod: duration
        .optional()
        .describe('Time that a shutdown of the system leaves to pods; default none'),
      shutdownGracePeriodCriticalPods: duration.optional().describe('The last part of it, for critical pods'),
      shutdownGracePeriodByPodPriority: list(
        z.strictObject(
          { priority: integer(-2147483648), shutdownGracePeriodSeconds: integer(0) },
          expecting('a map with priority and shutdownGracePeriodSeconds'),
        ),
      )
        .optional()
        .describe('In place of both: the time of each priority, from the lowest to the highest'),
    },
    expecting('a map'),
  )
  .describe('Settings of every kubelet, named as in KubeletConfiguration');
