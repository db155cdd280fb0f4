/** What faults of containers share: which pods, which of their containers, and how many. */
import { sortedLabels } from '../api/labels.ts';
import type { ArgumentsOf, ContainerChoice } from './fault.ts';
import { modeOf, modeParameters, modeProblem } from './target-mode.ts';

/** Parameters of every such fault. */
export const containerParameters = {
  selector: {
    type: 'pods',
    description: 'pods that may be hit, in the words of Kubernetes or of Chaos Mesh',
    required: true,
  },
  namespace: { type: 'string', description: 'only pods of this namespace' },
  container: { type: 'string', description: 'name of the container; absent: the first main one that runs' },
  ...modeParameters,
  mode: { ...modeParameters.mode, description: `${modeParameters.mode.description}; default one` },
  count: { type: 'integer', description: 'short for mode fixed: how many pods are hit each time; default 1' },
} as const;

/** Arguments of every such fault. */
export type ContainerArguments = ArgumentsOf<typeof containerParameters>;

/** The containers that the arguments mean. */
export function containersOf(args: ContainerArguments): ContainerChoice {
  const { selector, namespace, container } = args;
  const namespaces = namespace === undefined ? selector.namespaces : [namespace];
  return { pods: { ...selector, namespaces }, container, mode: modeOf(args, { mode: 'one', value: 0 }) };
}

/** A contradiction in the arguments, or undefined. */
export function containerProblem(args: ContainerArguments): string | undefined {
  if (args.namespace !== undefined && args.selector.namespaces.length > 0)
    return 'takes "namespace" or "namespaces" of the selector, not both';
  return modeProblem(args);
}

/** What stands in tables as the target: `pods app=web of shop`. */
export function containerTarget({ namespace, selector }: ContainerArguments): string {
  const { matchLabels, matchExpressions } = selector.labels;
  const labels = sortedLabels(matchLabels).map(([key, value]) => `${key}=${value}`);
  const expressions = matchExpressions.map(({ key, operator, values }) => [key, operator, ...values].join(' '));
  const which = [...labels, ...expressions].join(', ');
  const namespaces = namespace === undefined ? selector.namespaces : [namespace];
  return `pods${which === '' ? '' : ` ${which}`}${namespaces.length === 0 ? '' : ` of ${namespaces.join(', ')}`}`;
}
