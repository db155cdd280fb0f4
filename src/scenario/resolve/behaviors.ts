/** `behaviors`: how pods behave where a manifest cannot say. */
import { compileSelector } from '../../api/labels.ts';
import type { LabelSelector } from '../../api/meta-v1.ts';
import type { Behavior } from '../../kubelet/behavior.ts';
import * as messages from '../messages.ts';
import { isPattern, matchesName } from '../path-pattern.ts';
import type { ScenarioInput } from '../schema/scenario-schema.ts';
import type { Catalogue, PodDescription } from './catalogue.ts';
import { resolveContainerScript } from './container-scripts.ts';
import type { ResolveContext } from './context.ts';
import { optionalDistribution, resolveDistribution } from './distribution.ts';
import { resolveSelector } from './selector.ts';
import { resolveUsage } from './usage.ts';

type Input = NonNullable<ScenarioInput['spec']['behaviors']>[number];

/** Exit code of a crash where none is stated: an ordinary failure. */
const crashExitCode = 1;

/** The behaviours in their order; a warning for those that can match no pod. */
export function resolveBehaviors(
  spec: ScenarioInput['spec'],
  context: ResolveContext,
  catalogue: Catalogue,
): readonly Behavior[] {
  return (spec.behaviors ?? []).map((input, index) => {
    const behavior = behaviorOf(input);
    const field = input.selector === undefined ? [] : ['selector'];
    if (!catalogue.pods.some((pod) => mayMatch(behavior, pod)))
      context.report(messages.matchesNothing('pod'), ['spec', 'behaviors', index, ...field]);
    return behavior;
  });
}

function behaviorOf(input: Input): Behavior {
  return {
    selector: resolveSelector(input.selector),
    namespace: input.namespace,
    kind: input.kind,
    name: input.name,
    runDuration: optionalDistribution(input.runDuration),
    exitCode: input.exitCode,
    readyAfter: optionalDistribution(input.ready?.after),
    startDuration: optionalDistribution(input.start?.duration),
    crash:
      input.crash === undefined
        ? undefined
        : { interval: resolveDistribution(input.crash.interval), exitCode: input.crash.exitCode ?? crashExitCode },
    stopAfter: optionalDistribution(input.stop?.after),
    failAfterRestarts: input.failAfterRestarts,
    ...(input.usage !== undefined && { usage: resolveUsage(input.usage) }),
    ...(input.containers !== undefined && { containers: input.containers.map(resolveContainerScript) }),
    ...(input.sandbox !== undefined && {
      sandbox: {
        duration: optionalDistribution(input.sandbox.duration),
        failures: input.sandbox.failures ?? 0,
      },
    }),
    ...(input.missingObjects !== undefined && { missingObjects: input.missingObjects }),
  };
}

/** Whether a pod as far as it is known now may match; labels and names that controllers add are given the benefit of doubt. */
export function mayMatch({ selector, namespace, kind, name }: Behavior, pod: PodDescription): boolean {
  if (namespace !== undefined && namespace !== pod.namespace) return false;
  if (kind !== undefined && kind !== pod.ownerKind) return false;
  const isNamed =
    name === undefined || isPattern(name) || matchesName(name, pod.name) || name.startsWith(`${pod.name}-`);
  return isNamed && mayMatchLabels(selector, pod);
}

const addedLabels: ReadonlySet<string> = new Set(['pod-template-hash', 'job-name', 'controller-uid']);

/** Whether the labels of a pod may match. */
export function mayMatchLabels(selector: LabelSelector, pod: PodDescription): boolean {
  const keys = [...Object.keys(selector.matchLabels), ...selector.matchExpressions.map(({ key }) => key)];
  const isAdded = (key: string): boolean => addedLabels.has(key) || key.startsWith('batch.kubernetes.io/');
  return keys.some(isAdded) || compileSelector(selector)(pod.labels);
}
