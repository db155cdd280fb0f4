/** Ways to lay out occurrences in time. */
import { compileSelector } from '../api/labels.ts';
import type { LabelSelector } from '../api/meta-v1.ts';
import type { Distribution } from '../engine/distributions.ts';
import type { RandomStream } from '../engine/random.ts';
import type { FaultNode, FaultWorld, Occurrence } from './fault.ts';

/** Exactly one span. `duration` undefined = for ever. */
export function once(
  target: string,
  nodes: readonly string[],
  at: number,
  duration: number | undefined,
): readonly Occurrence[] {
  return [{ target, nodes, startsAt: at, endsAt: duration === undefined ? undefined : at + duration }];
}

/** Drawn spans in turn with drawn gaps: an alternating renewal process. Without `repair` the first span never ends. */
export function* renewal(
  target: string,
  nodes: readonly string[],
  interval: Distribution,
  repair: Distribution | undefined,
  random: RandomStream,
  horizon: number,
): Generator<Occurrence> {
  let at = 0;
  for (;;) {
    at += Math.max(1, Math.round(interval.sample(random)));
    if (at > horizon) return;
    if (repair === undefined) {
      yield { target, nodes, startsAt: at, endsAt: undefined };
      return;
    }
    const endsAt = at + Math.max(1, Math.round(repair.sample(random)));
    yield { target, nodes, startsAt: at, endsAt };
    at = endsAt;
  }
}

/** Which nodes a scenario means; undefined fields say nothing. */
export interface NodeChoice {
  readonly node: string | undefined;
  readonly zone: string | undefined;
  readonly selector: LabelSelector | undefined;
  readonly count: number | undefined;
}

/** The nodes that a scenario means: by name, zone and labels; `count` of them drawn without replacement. */
export function chooseNodes(choice: NodeChoice, world: FaultWorld): readonly FaultNode[] {
  const matches = choice.selector === undefined ? undefined : compileSelector(choice.selector);
  const candidates = world.nodes.filter(
    (node) =>
      (choice.node === undefined || node.name === choice.node) &&
      (choice.zone === undefined || node.zone === choice.zone) &&
      (matches === undefined || matches(node.labels)),
  );
  if (choice.count === undefined || choice.count >= candidates.length) return candidates;
  return draw(candidates, choice.count, world.random('choice'));
}

/** The first `count` of a Fisher-Yates shuffle, in name order. */
function draw(candidates: readonly FaultNode[], count: number, random: RandomStream): readonly FaultNode[] {
  const pool = [...candidates];
  for (let at = 0; at < count; at++) {
    const other = at + random.below(pool.length - at);
    [pool[at], pool[other]] = [pool[other]!, pool[at]!];
  }
  return pool.slice(0, count).sort((a, b) => (a.name < b.name ? -1 : 1));
}
