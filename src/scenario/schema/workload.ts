/** The schema of `workload` and `actions`. */
import { z } from 'zod';
import { kinds } from '../../api/kinds.ts';
import { traceFormats } from '../../workload/traces/registry.ts';
import * as messages from '../messages.ts';
import { checked, exactlyOne, expecting } from './checked.ts';
import { arrivals, distribution } from './distribution.ts';
import { choice, duration, flag, integer, labelName, list, objectName, positiveDuration, someText } from './units.ts';

const generator = checked(
  z.strictObject(
    {
      name: labelName.optional().describe('Objects are named <name>-<n>; default: the name of the template'),
      arrivals,
      template: z
        .union([someText, z.looseObject({})], expecting('the name of a file, or a Pod or Job'))
        .describe('File of a Pod or Job, or the Pod or Job itself'),
      runDuration: distribution.optional().describe('How long the containers of each pod run'),
      limit: integer(1).optional().describe('At most this many objects'),
      start: duration.optional(),
      until: positiveDuration.optional(),
    },
    expecting('a generator'),
  ),
  ({ arrivals: { poisson, every, interval }, limit }) =>
    poisson === undefined && every === undefined && interval === undefined && limit !== undefined
      ? messages.contradiction('"limit" goes with poisson, every and interval')
      : undefined,
);

const traceNames = traceFormats.map(({ name }) => name) as unknown as readonly [string, ...string[]];

const share = checked(z.number(expecting('a number')), (value) =>
  value >= 0 && value <= 100 ? undefined : messages.outOfRange(value, 'a share from 0 to 100; 1.3 is 130 %'),
);

/** How a trace can be replayed. */
const replays = ['inOrder', 'timed'] as const;

const trace = z
  .strictObject(
    {
      format: choice(traceNames).describe('How the files are written'),
      nodes: someText
        .optional()
        .describe('File of the machines, plain or gzip; a timed replay may use the nodes of the cluster instead'),
      pods: someText.describe('File of what was submitted, plain or gzip'),
      replay: choice(replays)
        .optional()
        .describe(
          'inOrder (default): each pod is offered once, one after the other, without a clock; timed: each is created when it arrived, and runs as long as it ran',
        ),
      timeScale: checked(z.number(expecting('a number')), (value) =>
        value > 0 && value <= 1e6 ? undefined : messages.outOfRange(value, 'a number above 0; 2 is half as fast'),
      )
        .optional()
        .describe('Of a timed replay: all times are multiplied by it'),
      window: z
        .strictObject(
          { from: duration.optional(), to: positiveDuration.optional() },
          expecting('a map with from and to'),
        )
        .optional()
        .describe('Of a timed replay: only what arrived from .. to of the trace, which then begins at `from`'),
      thin: checked(z.number(expecting('a number')), (value) =>
        value > 0 && value <= 1 ? undefined : messages.outOfRange(value, 'a share above 0, at most 1'),
      )
        .optional()
        .describe('Of a timed replay: the share of the pods that is kept, chosen by the seed'),
      order: z
        .strictObject(
          {
            shuffle: flag.optional().describe('Whether the pods, sorted by name, are shuffled; default true'),
            tuneRatio: share
              .optional()
              .describe('Pods are copied or left out until they ask for this share of the GPUs'),
          },
          expecting('a map with shuffle and tuneRatio'),
        )
        .optional()
        .describe('In which order the pods come; the seed decides'),
    },
    expecting('a map with format and pods'),
  )
  .describe('A recorded workload');

const workloadNames = ['manifests', 'generator', 'trace'] as const;

const workloadEntry = checked(
  z.strictObject(
    {
      manifests: list(someText).optional().describe('Files, folders and patterns'),
      at: duration.optional().describe('When the manifests are applied; default: at the start'),
      generator: generator.optional(),
      trace: trace.optional(),
    },
    expecting('a map with one of manifests, generator, trace'),
  ),
  (entry) => {
    const finding = exactlyOne(entry, workloadNames);
    if (finding !== undefined) return finding;
    return entry.at !== undefined && entry.manifests === undefined
      ? messages.contradiction('"at" goes with "manifests"; a generator has "start"')
      : undefined;
  },
);

/** `spec.workload`. */
export const workload = list(workloadEntry).describe('What users submit');

const templateKinds = ['Deployment', 'ReplicaSet', 'ReplicationController', 'StatefulSet', 'DaemonSet', 'Job'] as const;
const target = {
  kind: choice(templateKinds).optional().describe('Default: Deployment'),
  namespace: labelName.optional().describe('Default: default'),
  name: objectName,
};
const kindOf = <const T extends readonly [string, ...string[]]>(kinds: T) => ({
  ...target,
  kind: choice(kinds).optional().describe('Default: Deployment'),
});
const scaled = kindOf(['Deployment', 'ReplicaSet', 'ReplicationController', 'StatefulSet', 'Job']);
const rolled = kindOf(['Deployment', 'StatefulSet', 'DaemonSet']);
const deployment = kindOf(['Deployment']);
const args = expecting('a map of arguments');
const node = z.strictObject({ node: objectName }, args);
const deletableKinds = kinds.filter((kind) => kind !== 'Custom') as unknown as readonly ['Pod', ...string[]];

/** What a user can do, by name. */
export const actionVerbs = [
  'apply',
  'scale',
  'setImage',
  'restart',
  'pause',
  'resume',
  'undo',
  'delete',
  'cordon',
  'uncordon',
  'drain',
] as const;

const action = checked(
  z.strictObject(
    {
      at: duration,
      apply: list(someText).optional().describe('Manifests: files, folders and patterns'),
      scale: z.strictObject({ ...scaled, replicas: integer(0, 1_000_000) }, args).optional(),
      setImage: z.strictObject({ ...target, container: objectName.optional(), image: someText }, args).optional(),
      restart: z.strictObject(rolled, args).optional().describe('As kubectl rollout restart'),
      pause: z.strictObject(deployment, args).optional().describe('As kubectl rollout pause'),
      resume: z.strictObject(deployment, args).optional().describe('As kubectl rollout resume'),
      undo: z
        .strictObject({ ...rolled, toRevision: integer(1).optional() }, args)
        .optional()
        .describe('As kubectl rollout undo: back to a revision, or to the one before'),
      delete: z
        .strictObject(
          {
            kind: choice(deletableKinds),
            namespace: labelName.optional(),
            name: objectName,
            gracePeriod: duration.optional(),
          },
          args,
        )
        .optional(),
      cordon: node.optional(),
      uncordon: node.optional(),
      drain: z
        .strictObject(
          { node: objectName, gracePeriod: duration.optional(), timeout: positiveDuration.optional() },
          args,
        )
        .optional(),
    },
    expecting('an action'),
  ),
  (entry) => exactlyOne(entry, actionVerbs),
);

/** `spec.actions`. */
export const actions = list(action).describe('What users do later on');
