/** How often plugins of a profile have been asked (upstream's metric `plugin_evaluation_total`). */
import type { NodeStatuses } from './node-statuses.ts';

/** Extension points at which upstream counts, and PostFilter, which is the number of tries to preempt. */
export const countedPoints = ['preFilter', 'filter', 'postFilter', 'preScore', 'score'] as const;

/** One of `countedPoints`. */
export type CountedPoint = (typeof countedPoints)[number];

/** What one cycle came to. */
export interface CountedCycle {
  /** Plugins whose PreFilter or PreScore skipped: those calls do not count, and no Filter or Score follows. */
  readonly skipFilterPlugins: ReadonlySet<string>;
  readonly skipScorePlugins: ReadonlySet<string>;
  /** The plugin whose PreFilter ended the cycle; undefined = none did. */
  readonly preFilterEndedBy: string | undefined;
  readonly evaluatedNodes: number;
  readonly statuses: Pick<NodeStatuses, 'refusedBy'>;
  /** Nodes that were scored; 0 = Score did not run. */
  readonly scoredNodes: number;
}

/** Adds up by arithmetic over whole cycles, so that nothing is counted node by node. */
export class EvaluationCounts {
  private readonly plugins: ReadonlyMap<CountedPoint, readonly string[]>;
  private readonly counts: ReadonlyMap<CountedPoint, Float64Array>;

  /** @param pluginsAt names of the plugins of a point in the order of running. */
  constructor(pluginsAt: (point: CountedPoint) => readonly string[]) {
    this.plugins = new Map(countedPoints.map((point) => [point, pluginsAt(point)]));
    this.counts = new Map(countedPoints.map((point) => [point, new Float64Array(pluginsAt(point).length)]));
  }

  /** One cycle from PreFilter to Score. */
  addCycle(cycle: CountedCycle): void {
    this.addPreFilters(cycle);
    if (cycle.preFilterEndedBy === undefined) this.addFilters(cycle);
    if (cycle.scoredNodes === 0) return;
    this.addUnlessSkipped('preScore', cycle.skipScorePlugins, 1);
    this.addUnlessSkipped('score', cycle.skipScorePlugins, cycle.scoredNodes);
  }

  /** One call of PostFilter. */
  addPostFilter(plugin: string): void {
    const at = this.plugins.get('postFilter')!.indexOf(plugin);
    this.counts.get('postFilter')![at]!++;
  }

  /** Plugins that were asked at least once, in order of points and plugins. */
  entries(): readonly { readonly point: CountedPoint; readonly plugin: string; readonly count: number }[] {
    return countedPoints.flatMap((point) =>
      this.plugins
        .get(point)!
        .map((plugin, at) => ({ point, plugin, count: this.counts.get(point)![at]! }))
        .filter(({ count }) => count > 0),
    );
  }

  private addPreFilters({ skipFilterPlugins, preFilterEndedBy }: CountedCycle): void {
    const names = this.plugins.get('preFilter')!;
    const counts = this.counts.get('preFilter')!;
    for (let at = 0; at < names.length; at++) {
      if (!skipFilterPlugins.has(names[at]!)) counts[at]!++;
      if (names[at] === preFilterEndedBy) return;
    }
  }

  /** A node is asked about until the first refusal. */
  private addFilters({ skipFilterPlugins, evaluatedNodes, statuses }: CountedCycle): void {
    const names = this.plugins.get('filter')!;
    const counts = this.counts.get('filter')!;
    let rest = evaluatedNodes;
    for (let at = 0; at < names.length; at++) {
      if (skipFilterPlugins.has(names[at]!)) continue;
      counts[at]! += rest;
      rest -= statuses.refusedBy(names[at]!);
    }
  }

  private addUnlessSkipped(point: 'preScore' | 'score', skipped: ReadonlySet<string>, amount: number): void {
    const names = this.plugins.get(point)!;
    const counts = this.counts.get(point)!;
    for (let at = 0; at < names.length; at++) if (!skipped.has(names[at]!)) counts[at]! += amount;
  }
}
