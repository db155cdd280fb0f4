import type { Table } from '../record/table.ts';

/** One of the three figures that matter. */
export interface ReportFigure {
  readonly label: string;
  /** With its unit, ready to print: "97.40 %". */
  readonly value: string;
  readonly detail: string;
}

/** One link of a chain of causes. */
export interface ChainLink {
  /** Microseconds of virtual time. */
  readonly t: number;
  readonly text: string;
}

/** Something that happened to the cluster: a fault or an action of a user. */
export interface StoryItem {
  /** Microseconds of virtual time. */
  readonly t: number;
  readonly what: string;
  /** What came of it, in one line. */
  readonly detail: string;
  /** From the first cause to the last effect. */
  readonly chain?: readonly ChainLink[];
}

/** Everything the report of one run is made of. Texts are plain text: the report escapes them. */
export interface ReportInput {
  readonly title: string;
  readonly question: string;
  /** The answer in a sentence. */
  readonly answer: string;
  readonly figures: readonly ReportFigure[];
  /** In order of time. */
  readonly story: readonly StoryItem[];
  readonly tables: ReadonlyMap<string, Table>;
  /** End of the run in microseconds of virtual time. */
  readonly horizonUs: number;
  readonly seed: string;
  readonly scenarioName: string;
  /** How ties among the best nodes were broken. */
  readonly tieBreak: string;
  /** The command that gives the same bytes again. */
  readonly command: string;
  readonly versions: { readonly orrery: string; readonly node: string; readonly kubernetes: string };
  /** Hexadecimal digests by what they were taken over. */
  readonly fingerprints: ReadonlyMap<string, string>;
  /** Objects that were stored without anything acting on them. */
  readonly notModelled: readonly { readonly kind: string; readonly count: number }[];
  readonly warnings: readonly string[];
}
