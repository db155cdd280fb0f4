/** Spans in which nobody did the work of a component of the control plane, as the facts of a run tell them. */
import type { Leader } from '../../record/facts.ts';
import { formatClock } from '../../report/format.ts';
import { leaderTexts } from '../../metrics/leader-losses.ts';
import type { CauseOfRun } from './causes-of-run.ts';

interface Outage {
  readonly component: string;
  readonly from: number;
  /** Infinity = nobody has led since. */
  until: number;
  endedBy: Leader;
}

/** The beginning or the end of such a span. */
export interface LeaderNote {
  /** Microseconds. */
  readonly at: number;
  readonly component: string;
  readonly what: string;
}

/** Follows who leads. */
export class LeaderOutages {
  private readonly outages: Outage[] = [];

  changed(component: string, leader: Leader, now: number): void {
    if (leader === 'none') {
      this.outages.push({ component, from: now, until: Infinity, endedBy: leader });
      return;
    }
    const open = this.outages.find((outage) => outage.component === component && outage.until === Infinity);
    if (open !== undefined) Object.assign(open, { until: now, endedBy: leader });
  }

  /** Beginnings and ends of the spans of a component that overlap with one from `from` to `to`, microseconds. */
  during(component: string, from: number, to: number): readonly LeaderNote[] {
    return this.outages
      .filter((outage) => outage.component === component && outage.from < to && outage.until > from)
      .flatMap((outage) => [
        { at: outage.from, component, what: leaderTexts.none.what },
        ...(outage.until <= to && outage.until < Infinity
          ? [{ at: outage.until, component, what: leaderTexts[outage.endedBy].what }]
          : []),
      ]);
  }
}

/** "; kube-scheduler had no leader from 00:10:00 to 00:12:15"; empty where it had one all the time from `from` to `to`, microseconds. */
export function absenceText(causes: readonly CauseOfRun[], component: string, from: number, to: number): string {
  const outages = new LeaderOutages();
  for (const { event, who, what, at } of causes)
    if (event === 'leader' && who === component)
      outages.changed(component, what === leaderTexts.none.what ? 'none' : 'standby', at);
  const [gone, back] = outages.during(component, from, to);
  if (gone === undefined) return '';
  const end = back === undefined ? '' : ` to ${formatClock(back.at)}`;
  return `; ${component} had no leader from ${formatClock(gone.at)}${end}`;
}
