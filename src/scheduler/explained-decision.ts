/** A decision with everything that spoke for and against each node: plain values that outlive the cycle. */
import type { SimTime } from '../engine/time.ts';

/** A plugin's no to one node. */
export interface NodeRefusal {
  /** Empty where no plugin signs. */
  readonly plugin: string;
  /** Name of the status code, for example `Unschedulable`. */
  readonly code: string;
  /** kube-scheduler's texts. */
  readonly reasons: readonly string[];
}

/** One resource that the pod asks for, as one node has it: milliCPU, bytes, units. */
export interface NodeResource {
  readonly name: string;
  readonly asked: number;
  /** Sum over the pods that are on the node or on their way to it. */
  readonly requested: number;
  readonly allocatable: number;
}

/** What the filters say of one node. */
export interface NodeVerdict {
  readonly node: string;
  /** Whether the decision looked at it; sampling leaves nodes out. */
  readonly isLookedAt: boolean;
  /** The first filter that refuses, as kube-scheduler notes it; undefined = the node is feasible. */
  readonly refusal: NodeRefusal | undefined;
  /** Every filter that refuses it, each asked by itself. */
  readonly refusals: readonly NodeRefusal[];
  readonly resources: readonly NodeResource[];
}

/** What one filter does over all nodes. */
export interface FilterSummary {
  readonly plugin: string;
  /** `PreFilter` where it refused or narrowed before any node was looked at. */
  readonly stage: 'PreFilter' | 'Filter';
  /** It has nothing to do for this pod: every node passes. */
  readonly isSkipped: boolean;
  /** Nodes of which it is the first to refuse; `reasons` counts its texts over them. */
  readonly refused: number;
  readonly refusedOfLookedAt: number;
  readonly reasons: ReadonlyMap<string, number>;
  /** Nodes that it refuses by itself, whatever stands before it. */
  readonly refusedAlone: number;
}

/** Scores of one plugin, in the order of the nodes of the table. */
export interface PluginScoreColumn {
  readonly plugin: string;
  readonly weight: number;
  readonly raw: readonly number[];
  readonly normalized: readonly number[];
}

/** Scores of a set of feasible nodes; normalizing depends on the set. */
export interface ScoreTable {
  readonly nodes: readonly string[];
  readonly plugins: readonly PluginScoreColumn[];
  /** Sum of weight times normalized score. */
  readonly totals: readonly number[];
  /** Score plugins that have nothing to say to this pod. */
  readonly skipped: readonly string[];
}

/** What a decision came to. */
export type DecisionOutcome =
  | {
      readonly type: 'scheduled';
      readonly node: string;
      readonly score: number;
      /** How many nodes were as good, and their names as far as scores were compared. */
      readonly ties: number;
      readonly tied: readonly string[];
      /** Numbers of the devices that Reserve gave; absent where the decision is all that is known. */
      readonly devices?: readonly number[];
    }
  | { readonly type: 'unschedulable' | 'error'; readonly message: string };

/** The whole table of one decision. */
export interface ExplainedDecision {
  readonly namespace: string;
  readonly pod: string;
  readonly attempt: number;
  readonly decidedAt: SimTime;
  /** Of a replay in order, which has no clock: number of the offer, from 0. */
  readonly offer?: number;
  readonly profile: string;
  readonly outcome: DecisionOutcome;
  /** Nodes that were filtered; one more than those looked at where a nominated node was tried twice. */
  readonly evaluatedNodes: number;
  /** Feasible nodes among them that were kept. */
  readonly feasibleNodes: number;
  /** So many feasible nodes were enough; undefined = no search was made. */
  readonly wantedNodes: number | undefined;
  readonly filters: readonly FilterSummary[];
  /** All nodes, in the order in which kube-scheduler goes through them. */
  readonly nodes: readonly NodeVerdict[];
  /** The scores that decided; undefined where fewer than two nodes were feasible. */
  readonly scores: ScoreTable | undefined;
  /** The scores had all nodes been looked at; undefined where the search left no feasible node out. */
  readonly scoresOfAll: ScoreTable | undefined;
}
