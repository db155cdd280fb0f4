import { sortedLabels } from '../api/labels.ts';
import type { LabelSelector } from '../api/meta-v1.ts';
import { defineFault } from './fault.ts';
import { once, renewal } from './occurrences.ts';

const parameters = {
  at: { type: 'duration', description: 'when it happens, once' },
  interval: { type: 'distribution', description: 'time between two crashes' },
  selector: { type: 'selector', description: 'pods that may be hit', required: true },
  namespace: { type: 'string', description: 'only pods of this namespace' },
  count: { type: 'integer', description: 'how many pods are hit each time; default 1' },
  exitCode: { type: 'integer', description: 'exit code of the container; default 137' },
} as const;

/** Kills the first main container of running pods; the kubelet restarts it by the pod's restart policy. */
export const containerCrash = defineFault<typeof parameters>({
  name: 'containerCrash',
  description: 'a container of matching pods is killed',
  parameters,
  problem: (args) =>
    (args.at === undefined) === (args.interval === undefined) ? 'needs exactly one of "at" and "interval"' : undefined,
  plan(args, world) {
    const target = targetText(args.selector, args.namespace);
    if (args.at !== undefined) return [once(target, [], args.at, 0)];
    return [
      withoutLength(
        renewal(target, [], args.interval!, { mean: 0, sample: () => 1 }, world.random('crash'), world.horizon),
      ),
    ];
  },
  begin(_occurrence, args, targets) {
    targets.crashContainers(args.selector, args.namespace, args.count ?? 1, args.exitCode ?? 137);
  },
  end() {
    // A crash has no length: what follows is the kubelet's doing.
  },
});

/** `pods app=web of shop`. */
function targetText({ matchLabels, matchExpressions }: LabelSelector, namespace: string | undefined): string {
  const labels = sortedLabels(matchLabels).map(([key, value]) => `${key}=${value}`);
  const expressions = matchExpressions.map(({ key, operator, values }) => [key, operator, ...values].join(' '));
  const which = [...labels, ...expressions].join(', ');
  return `pods${which === '' ? '' : ` ${which}`}${namespace === undefined ? '' : ` of ${namespace}`}`;
}

function* withoutLength<T extends { startsAt: number; endsAt: number | undefined }>(
  occurrences: Iterable<T>,
): Generator<T> {
  for (const occurrence of occurrences) yield { ...occurrence, endsAt: occurrence.startsAt };
}
