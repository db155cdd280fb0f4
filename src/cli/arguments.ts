/** What the parser gives to the commands; apart from them, so that their work can be loaded when it is asked for. */

/** Forms of the summary of a run. */
export const summaryFormats = ['text', 'wide', 'json', 'yaml', 'name'] as const;

/** What `orrery list` can list. */
export const listTopics = ['plugins', 'controllers', 'faults', 'presets', 'metrics', 'charts', 'scenarios'] as const;

/** Forms of a list. */
export const listFormats = ['text', 'wide', 'json', 'name'] as const;

/** Arguments of `orrery run`. */
export interface RunArguments {
  readonly file: readonly string[];
  readonly seed: string | undefined;
  readonly replication: string | undefined;
  readonly until: string | undefined;
  readonly set: readonly string[] | undefined;
  readonly out: string;
  readonly check: 'off' | 'cheap' | 'full';
  readonly charts: boolean;
  readonly report: boolean;
  readonly output: (typeof summaryFormats)[number];
  readonly quiet: boolean;
  readonly 'allow-outside': boolean;
  readonly 'allow-plugins': boolean;
  readonly 'check-determinism': boolean;
  readonly 'write-config-to': string | undefined;
}

/** Arguments of `orrery explain pod`. */
export interface ExplainPodArguments {
  /** `NAMESPACE/NAME`, or a name in `namespace`. */
  readonly pod: string;
  readonly run: string;
  readonly namespace: string;
  readonly decision: boolean;
  readonly at: string | undefined;
  readonly attempt: string | undefined;
  readonly node: string | undefined;
  readonly 'why-pending': boolean;
  readonly output: 'text' | 'json';
  readonly quiet: boolean;
  readonly 'allow-plugins': boolean;
}

/** Arguments of `orrery list`. */
export interface ListArguments {
  readonly what: (typeof listTopics)[number];
  readonly output: (typeof listFormats)[number];
  readonly dir: string;
}

/** Arguments of `orrery validate`. */
export interface ValidateArguments {
  readonly file: readonly string[];
  readonly set: readonly string[] | undefined;
  readonly output: 'text' | 'json';
  readonly 'allow-outside': boolean;
  readonly 'write-config-to': string | undefined;
  readonly 'allow-plugins': boolean;
}
