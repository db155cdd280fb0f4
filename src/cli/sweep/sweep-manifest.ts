import type { Axis } from '../../experiment/cell.ts';
import type { TieBreak } from '../../scheduler/select-host.ts';
import type { ManifestFile } from '../manifest.ts';

/** `schema` of the manifest of merged results. */
export const sweepManifestSchema = 'orrery.dev/sweep-manifest/v1';

/** `manifest.json` of merged results; written last. It does not tell who ran which cell when: the bytes depend on the cells only. */
export interface SweepManifest {
  readonly schema: typeof sweepManifestSchema;
  readonly versions: { readonly orrery: string };
  /** Gives the same bytes again. */
  readonly command: string;
  readonly experiment: { readonly name: string; readonly description: string; readonly file: string };
  readonly axes: readonly Axis[];
  /** Label of the reference level on each axis. */
  readonly baseline: readonly string[];
  readonly worlds: readonly { readonly seed: string; readonly replication: number }[];
  /** How ties among the best nodes were broken: one way, or several where an axis changes it. */
  readonly tieBreaks: readonly TieBreak[];
  readonly cells: {
    readonly total: number;
    readonly ok: number;
    readonly unmet: number;
    readonly violated: number;
    readonly failed: number;
  };
  readonly files: readonly ManifestFile[];
}
