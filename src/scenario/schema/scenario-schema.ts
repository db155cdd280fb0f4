/** The schema of a scenario file as written; units and references are resolved afterwards. */
import { z } from 'zod';
import * as messages from '../messages.ts';
import { comparisons } from '../asserts.ts';
import { tieBreaks } from '../../scheduler/select-host.ts';
import { checked, encodeFinding, exactlyOne, expecting } from './checked.ts';
import { cluster, images, kubelet, registry } from './cluster.ts';
import { distribution } from './distribution.ts';
import { faultEntry } from './faults.ts';
import { choice, duration, integer, labelName, labels, list, positiveDuration, someText, text } from './units.ts';
import { behaviors } from './behaviors.ts';
import { metrics } from './usage.ts';
import { actions, workload } from './workload.ts';

/** `apiVersion` of every scenario. */
export const scenarioApiVersion = 'orrery.dev/v1alpha1';

const map = expecting('a map');

const hops = z.strictObject(
  {
    request: distribution.optional(),
    admission: distribution.optional(),
    etcdCommit: distribution.optional(),
    response: distribution.optional(),
    watch: distribution.optional(),
  },
  map,
);

const latencyNames = ['instant', 'default'] as const;

const latency = z
  .union(
    [z.enum(latencyNames), hops],
    expecting('instant, default, or a map of hops', (value) =>
      typeof value === 'string' ? messages.unknownChoice(value, latencyNames) : undefined,
    ),
  )
  .describe('How long the hops of a request take; hops that are not stated are those of default');

/** A seed as text or as a whole number. */
export const seed = checked(z.union([z.string(), z.number()], expecting('a text or a whole number')), (value) =>
  typeof value === 'string' || Number.isSafeInteger(value)
    ? undefined
    : messages.outOfRange(value, 'a whole number up to 2^53; write it in quotes'),
).describe('All randomness comes from it; default "1"');

/** What a scenario says about kube-scheduler. */
export const scheduler = z
  .strictObject(
    {
      config: someText.optional().describe('File of a KubeSchedulerConfiguration'),
      profile: someText.optional().describe('Instead of config: default, most-allocated, ... or a plugin, as best-fit'),
      plugins: list(someText).optional().describe('Modules with plugins of your own'),
      tieBreak: choice(tieBreaks).optional(),
      tieSalt: integer(0).optional().describe('Other draws where ties are broken at random; default 0'),
      cycleCost: z.strictObject({ constant: duration, perNode: duration.optional() }, map).optional(),
    },
    map,
  )
  .describe('kube-scheduler');

const bound = z.union([z.number(), z.string()], expecting('a number or a duration'));

const bounds = {
  lessThan: bound.optional(),
  atMost: bound.optional(),
  greaterThan: bound.optional(),
  atLeast: bound.optional(),
  equals: bound.optional(),
  between: list(bound).optional(),
};

const assertEntry = checked(z.strictObject({ metric: someText, ...bounds }, expecting('an expectation')), (entry) =>
  exactlyOne(entry, comparisons),
);

/** `spec`. */
const spec = checked(
  z.strictObject(
    {
      description: text.optional(),
      kubernetesVersion: text.optional(),
      seed: seed.optional(),
      replication: integer(0).optional(),
      horizon: positiveDuration
        .optional()
        .describe('How long the run is, in virtual time; left out only where a trace is replayed in order'),
      latency: latency.optional(),
      cluster: cluster.optional(),
      workload: workload.optional(),
      actions: actions.optional(),
      behaviors: behaviors.optional(),
      metrics: metrics.optional(),
      images: images.optional(),
      registry: registry.optional(),
      kubelet: kubelet.optional(),
      scheduler: scheduler.optional(),
      controllers: z.strictObject({ disable: list(someText).optional() }, map).optional(),
      faults: list(faultEntry).optional().describe('What breaks'),
      limits: z
        .strictObject(
          { events: integer(1).optional(), eventsPerInstant: integer(1).optional(), pods: integer(1).optional() },
          map,
        )
        .optional(),
      outputs: z.strictObject({ step: positiveDuration.optional() }, map).optional(),
      assert: list(assertEntry)
        .optional()
        .describe('Expectations; the run fails with exit code 1 where one does not hold'),
    },
    map,
  ),
  ({ horizon, workload: entries = [] }) =>
    horizon === undefined && !entries.some(({ trace }) => trace !== undefined && trace.replay !== 'timed')
      ? messages.missingField('horizon')
      : undefined,
);

/** One value set by path. */
export const override = z.strictObject({ path: someText, value: z.unknown() }, expecting('a map with path and value'));

/** A field of which one text only is right. */
export const exactText = (noun: messages.RootNoun, field: string, wanted: string) =>
  z.literal(wanted, {
    error: (issue) =>
      issue.input === undefined
        ? undefined
        : encodeFinding(messages.wrongRoot(noun, messages.describe(issue.input), field, wanted)),
  });

const composition = {
  include: list(someText).optional().describe('Scenario files that this one completes'),
  overrides: list(override).optional().describe('Values set by path after the includes'),
};

/** The fields that put a scenario together, before the rest of it is looked at. */
export const compositionSchema = z.looseObject(composition, expecting('a scenario'));

/** `metadata` of a scenario or an experiment. */
export const metadata = z.strictObject(
  { name: labelName, labels: labels.optional(), annotations: z.record(z.string(), text).optional() },
  map,
);

/** A whole scenario file. */
export const scenarioSchema = z.strictObject(
  {
    apiVersion: exactText('a scenario', 'apiVersion', scenarioApiVersion),
    kind: exactText('a scenario', 'kind', 'Scenario'),
    metadata,
    ...composition,
    spec,
  },
  expecting('a scenario'),
);

/** A scenario as written. */
export type ScenarioInput = z.output<typeof scenarioSchema>;

/** The JSON Schema (draft 7) of a scenario file, for editors. */
export function scenarioJsonSchema(): unknown {
  const schema = z.toJSONSchema(scenarioSchema, { target: 'draft-7', io: 'input', unrepresentable: 'any' });
  return { ...schema, $id: 'https://orrery.dev/schema/scenario.schema.json', title: 'kube-orrery scenario' };
}
