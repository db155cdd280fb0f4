/** Faults by script that hit a target while another one of their kind holds it. */
import { RandomStream } from '../../engine/random.ts';
import type { FaultDefinition, FaultNode, FaultWorld, Occurrence } from '../../faults/fault.ts';
import type { FaultRule } from '../../faults/injector.ts';
import { timingOf } from '../../faults/timing.ts';
import type { FieldPath } from '../field-path.ts';
import * as messages from '../messages.ts';
import type { ResolveContext } from './context.ts';

/** An entry of `faults`, and where it stands. */
export interface FaultEntry extends FaultRule {
  readonly path: FieldPath;
  readonly isSound: boolean;
}

interface Hold {
  readonly entry: FaultEntry;
  readonly startsAt: number;
  readonly endsAt: number;
}

/** Warns of entries whose times are written down and that hit one target together. */
export function warnOfOverlaps(
  entries: readonly FaultEntry[],
  nodes: readonly FaultNode[],
  { context, horizon }: { readonly context: ResolveContext; readonly horizon: number },
): void {
  const holds = new Map<FaultDefinition, Map<string, Hold[]>>();
  for (const entry of entries) {
    if (!isWritten(entry)) continue;
    let byTarget = holds.get(entry.definition);
    if (byTarget === undefined) holds.set(entry.definition, (byTarget = new Map()));
    const found = firstOverlap(entry, scriptOf(entry, { nodes, horizon }), byTarget);
    if (found === undefined) continue;
    const where = context.describePlace(found.hold.entry.path);
    context.report(messages.overlaps(messages.quoted(found.target), where), entry.path, 'key');
  }
}

/** Whether times and targets follow from the scenario alone. */
function isWritten({ definition, args }: FaultEntry): boolean {
  const { at, repair } = timingOf(args);
  const isChosen =
    args['count'] !== undefined || (args['mode'] ?? 'all') !== 'all' || args['probability'] !== undefined;
  return at !== undefined && repair === undefined && !isChosen && definition.addsUp !== true;
}

/** What the fault would do; nothing of it is drawn. */
function scriptOf({ definition, args }: FaultEntry, world: Omit<FaultWorld, 'random'>): readonly Occurrence[] {
  const random = (): RandomStream => new RandomStream('written', 'written');
  return definition.plan(args, { ...world, random }).flatMap((occurrences) => [...occurrences]);
}

/** Takes up an entry's holds; the first that meets another one. */
function firstOverlap(
  entry: FaultEntry,
  occurrences: readonly Occurrence[],
  byTarget: Map<string, Hold[]>,
): { readonly target: string; readonly hold: Hold } | undefined {
  let first: { readonly target: string; readonly hold: Hold } | undefined;
  for (const { target, nodes, startsAt, endsAt = Infinity } of occurrences) {
    for (const name of nodes.length === 0 ? [target] : nodes) {
      const known = byTarget.get(name) ?? [];
      byTarget.set(name, known);
      const hold = known.find((other) => other.startsAt < endsAt && startsAt < other.endsAt);
      if (hold !== undefined) first ??= { target: name, hold };
      known.push({ entry, startsAt, endsAt });
    }
  }
  return first;
}
