/** What a check is: a rule about the whole state that no component can break alone. Violations are values. */
import type { ClusterState } from '../apiserver/cluster-state.ts';
import type { Facts } from '../record/facts.ts';

/** A broken rule. The command line prints it and ends with exit code 3. */
export interface Violation {
  /** Name of the check. */
  readonly check: string;
  /** Microseconds. */
  readonly time: number;
  /** What breaks the rule, for example `pod shop/cart-1`. */
  readonly subject: string;
  /** A sentence: what was found, and what should have been. */
  readonly message: string;
}

/** Tells a violation; the check's name and the time are added. */
export type Report = (subject: string, message: string) => void;

/** One check at work in one run: listens to facts, and looks at the state when it is asked to. */
export interface Check extends Partial<Facts> {
  /** Compares what the facts said with what is stored. At the end of a run, or after every engine event. */
  verify?(state: ClusterState): void;
}

/** A check as the registry knows it. */
export interface CheckDefinition {
  readonly name: string;
  /** The rule, one sentence. */
  readonly description: string;
  /** `engineNow` gives the present virtual time, microseconds. */
  create(report: Report, engineNow: () => number): Check;
}
