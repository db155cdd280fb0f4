/** The schema of `behaviors[].usage`: what pods use, as the metrics API tells it to autoscalers. */
import { z } from 'zod';
import { parseDuration } from '../../engine/time.ts';
import type { Finding } from '../diagnostics.ts';
import * as messages from '../messages.ts';
import { checked, exactlyOne, expecting } from './checked.ts';
import { duration, labelName, labels, list, positiveDuration, quantity, quantityProblem, someText } from './units.ts';

const map = expecting('a map');

/** A share of a request as written, `60%`: its number, or undefined where the value is none. */
export function percentOf(value: string | number): number | undefined {
  const digits = typeof value === 'string' && value.length <= 16 && value.endsWith('%') ? value.slice(0, -1) : '';
  return /^\d+(\.\d+)?$/.test(digits) ? Number(digits) : undefined;
}

/** An amount of one pod: a quantity, or a share of its request. */
const amount = checked(z.union([z.string(), z.number()], expecting('a quantity or a share such as 60%')), (value) =>
  percentOf(value) === undefined ? quantityProblem(value) : undefined,
).describe('A quantity, or a share of what the pod requests: 250m, 128Mi, 60%');

/** How an amount may change, and what else may stand beside it. */
const shapes = <T extends z.ZodType>(value: T) => ({
  steps: checked(list(z.strictObject({ at: duration, value }, map)), stepsProblem)
    .optional()
    .describe('Each value holds from its time on; the first time is 0s'),
  period: positiveDuration.optional().describe('The steps begin again after it'),
  sine: z
    .strictObject({ low: value, high: value, period: positiveDuration, peak: duration.optional() }, map)
    .optional()
    .describe('A wave between low and high; its first peak is at half a period unless `peak` says when'),
});

function stepsProblem(entries: readonly { readonly at: string }[]): Finding | undefined {
  const times = entries.map(({ at }) => parseDuration(at) ?? 0);
  if (times[0] !== 0) return messages.unusable('the first step must be at 0s');
  const late = times.findIndex((time, at) => at > 0 && time <= times[at - 1]!);
  return late < 0 ? undefined : messages.unusable(`the step at ${entries[late]!.at} is not after the one before`);
}

interface Shapes {
  readonly steps?: readonly { readonly at: string }[] | undefined;
  readonly period?: string | undefined;
  readonly sine?: object | undefined;
  readonly load?: unknown;
}

function shapeProblem(value: Shapes, names: readonly string[]): Finding | undefined {
  const several = exactlyOne({ ...value }, names);
  if (several !== undefined || value.period === undefined) return several;
  const last = value.steps?.at(-1)?.at;
  if (last === undefined) return messages.unusable('only steps take a period here');
  if ((parseDuration(last) ?? 0) < (parseDuration(value.period) ?? 0)) return undefined;
  return messages.unusable(`the step at ${last} is not within the period ${value.period}`);
}

const load = z
  .union(
    [quantity, checked(z.strictObject(shapes(quantity), map), (value) => shapeProblem(value, ['steps', 'sine']))],
    expecting('a quantity, steps or a sine'),
  )
  .describe('The load of the whole workload, which its ready pods share equally');

const resourceUsage = z
  .union(
    [
      amount,
      checked(z.strictObject({ ...shapes(amount), load: load.optional() }, map), (value) =>
        shapeProblem(value, ['steps', 'sine', 'load']),
      ),
    ],
    expecting('a quantity, a share such as 60%, or one of steps, sine, load'),
  )
  .describe('A quantity, a share of the request, steps, a sine, or a part of the load of the whole workload');

const resources = { cpu: resourceUsage.optional(), memory: resourceUsage.optional() };

const podMetric = z
  .union(
    [
      quantity,
      checked(z.strictObject({ ...shapes(quantity), load: load.optional() }, map), (value) =>
        shapeProblem(value, ['steps', 'sine', 'load']),
      ),
    ],
    expecting('a quantity, or one of steps, sine, load'),
  )
  .describe('A quantity, steps, a sine, or a part of the load of the whole workload');

/** `behaviors[].usage`. */
export const usage = z
  .strictObject(
    {
      ...resources,
      containers: z
        .record(z.string(), z.strictObject(resources, map), map)
        .optional()
        .describe('By container; a pod of which nothing is stated as a whole uses their sum'),
      metrics: z.record(z.string(), podMetric, map).optional().describe('Other metrics of the pod, by name'),
    },
    map,
  )
  .describe('What a pod uses, as the metrics API tells it; a pod without it cannot be measured');

const series = checked(
  z.strictObject(
    {
      name: someText.describe('Name of the metric, as autoscalers ask for it'),
      namespace: labelName.optional().describe('Default: every namespace'),
      object: z
        .strictObject({ kind: someText, name: someText }, map)
        .optional()
        .describe('What is measured; absent: something outside the cluster'),
      labels: labels.optional(),
      value: quantity.optional(),
      ...shapes(quantity),
    },
    map,
  ),
  (value) => shapeProblem(value, ['value', 'steps', 'sine']),
);

/** `spec.metrics`. */
export const metrics = list(series).describe('What autoscalers read of objects (Object) and from outside (External)');
