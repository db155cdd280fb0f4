/** `manifest.json`: what a result is, how it came about, and what it consists of. Written last. */
import type { WrittenTable } from '../report/write-tables.ts';
import type { TieBreak } from '../scheduler/select-host.ts';
import type { RunResult } from '../simulation.ts';
import type { WrittenFile } from './result-folder.ts';
import type { PluginFile } from './loaded-plugins.ts';
import type { RunSettings } from './prepare.ts';

/** `schema` of every manifest. */
export const manifestSchema = 'orrery.dev/run-manifest/v1';

/** An input of the run and its copy in the result. */
export interface ManifestInput {
  /** Relative to the scenario's folder; files from outside as they were named. */
  readonly path: string;
  /** Relative to the folder of the result. */
  readonly copy: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** A file of the result; tables have rows. */
export interface ManifestFile extends WrittenFile {
  readonly rows?: number;
}

/** The whole manifest. Times are microseconds of virtual time. */
export interface Manifest {
  readonly schema: typeof manifestSchema;
  readonly versions: {
    readonly orrery: string;
    readonly kubernetes: string;
    readonly node: string;
    readonly v8: string;
  };
  readonly command: string;
  readonly scenario: { readonly name: string; readonly file: string };
  readonly seed: string;
  readonly replication: number;
  readonly settings: RunSettings;
  readonly stop: RunResult['stop'];
  readonly endsAtUs: number;
  readonly events: number;
  readonly nodes: number;
  /** How ties among the best nodes were broken. */
  readonly tieBreak: TieBreak;
  /** SHA-256 by layer; `outputs` is over the tables. */
  readonly fingerprints: Readonly<Record<string, string>>;
  readonly figures: Readonly<Record<string, number>>;
  readonly asserts: readonly { readonly passes: boolean; readonly text: string }[];
  readonly violations: RunResult['violations'];
  readonly warnings: readonly string[];
  readonly notModelled: readonly { readonly kind: string; readonly count: number }[];
  readonly plugins: readonly PluginFile[];
  readonly inputs: readonly ManifestInput[];
  readonly files: readonly ManifestFile[];
  readonly checkpoints: readonly string[];
  /** The scenario as run: includes, overrides and options of the command line applied. */
  readonly effective: unknown;
}

/** The manifest as the text of its file. */
export function manifestText(manifest: Manifest): string {
  return `${JSON.stringify(manifest, undefined, 2)}\n`;
}

/** Names and hashes of the tables in their order: what `outputs` is the hash of. */
export function outputsText(tables: readonly WrittenTable[]): string {
  return tables.map(({ fileName, sha256 }) => `${sha256}  ${fileName}\n`).join('');
}
