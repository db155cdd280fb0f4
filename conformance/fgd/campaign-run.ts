/** Runs of the campaign, before and after. */
import type { TieBreak } from '../../src/scheduler/select-host.ts';

/** One run, before it. */
export interface CampaignTask {
  readonly trace: string;
  readonly policy: string;
  readonly seed: number;
}

/** One run, after it. */
export interface CampaignRun extends CampaignTask {
  /** By load 0..130; undefined = no value. */
  readonly curves: Readonly<Record<CurveName, readonly (number | undefined)[]>>;
  readonly offers: number;
  readonly failed: number;
  /** SHA-256 over every decision. */
  readonly decisions: string;
  /** Processor time of this run alone, seconds. */
  readonly cpuSeconds: number;
  /** Peak memory of the process so far, MB. */
  readonly peakMb: number;
}

/** The published curves, by the names of their files. */
export const curveNames = ['alloc_pct', 'frag_pct', 'frag_ratio_pct'] as const;

/** One of `curveNames`. */
export type CurveName = (typeof curveNames)[number];

/** What a child hears and says. */
export interface WorkOrder {
  readonly task: CampaignTask;
  readonly options: { readonly data: string; readonly tieBreak: TieBreak };
}
