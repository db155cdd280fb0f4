/** How the node lifecycle controller judged each zone, and when it changed its mind. */
import type { Node } from '../api/core-v1.ts';
import type { Kind, KindMap } from '../api/kinds.ts';
import { zoneOf } from '../api/node-conditions.ts';
import type { ZoneDisruption } from '../record/facts.ts';
import type { Table } from '../record/table.ts';
import type { Figures, Metric, MetricDefinition, RunDescription } from './metric.ts';
import { column, rowsOf, textCell } from './metric.ts';

interface Span {
  readonly zone: string;
  readonly state: ZoneDisruption;
  readonly from: number;
  /** Microseconds; -1 = until the end of the run. */
  to: number;
}

class ZoneStatesMetric implements Metric {
  private readonly run: RunDescription;
  private readonly spans: Span[] = [];
  private readonly present = new Map<string, Span>();

  constructor(run: RunDescription) {
    this.run = run;
  }

  committed<K extends Kind>(
    kind: K,
    _slot: number,
    before: KindMap[K] | undefined,
    after: KindMap[K] | undefined,
  ): void {
    if (kind !== 'Node' || before !== undefined) return;
    const zone = zoneOf(after as Node);
    if (!this.present.has(zone)) this.begin(zone, 'Normal');
  }

  zoneStateChanged(zone: string, state: ZoneDisruption): void {
    const span = this.present.get(zone);
    if (span?.state === state) return;
    if (span !== undefined) span.to = this.run.engineNow();
    this.begin(zone, state);
  }

  finish(): void {
    // What is open stays open: it lasts until the end.
  }

  tables(): readonly Table[] {
    return [
      {
        name: 'zone_states',
        description:
          'One row per span in which the node lifecycle controller judged a zone alike, in order of time; nodes without a zone ' +
          'are one. In PartialDisruption it evicts more slowly or not at all, in FullDisruption at the normal rate as long as ' +
          'another zone works.',
        columns,
        rows: rowsOf(this.spans.length, (index) => {
          const { zone, state, from, to } = this.spans[index]!;
          return [textCell(zone), state, from, to < 0 ? undefined : to];
        }),
      },
    ];
  }

  figures(): Figures {
    return new Map([['zones.disrupted', this.spans.filter(({ state }) => state !== 'Normal').length]]);
  }

  private begin(zone: string, state: ZoneDisruption): void {
    const span = { zone, state, from: this.run.engineNow(), to: -1 };
    this.present.set(zone, span);
    this.spans.push(span);
  }
}

const columns = [
  column('zone', 'string', 'Zone; missing for nodes without one.'),
  column('state', 'string', 'Normal, PartialDisruption or FullDisruption.'),
  column('from_t_s', 'seconds', 'When the controller began to judge it so.'),
  column('to_t_s', 'seconds', 'When it judged otherwise; missing where it never did.'),
];

/** The table `zone_states`, and how often a zone was disrupted. */
export const zoneStatesMetric: MetricDefinition = {
  name: 'zone-states',
  description: 'Normal, partial or full disruption of each zone, as the node lifecycle controller sees it.',
  create: (run) => new ZoneStatesMetric(run),
};
