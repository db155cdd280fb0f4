import { isMap } from '../../scenario/composed.ts';
import { sha256Hex } from '../node-hash.ts';
import type { PreparedRun } from '../prepare.ts';

/**
 * SHA-256 over everything that determines the results of a prepared run except for seed and replication: product version,
 * the scenario as it is after includes and overrides, and every file that it reads, modules of plugins included.
 */
export function combinationDigest({ scenario, inputs }: PreparedRun, orreryVersion: string): string {
  const effective = withoutWorld(scenario.effective);
  // The text of a compressed input is what it was before.
  const files = inputs.map(({ path, text }) => [path.replace(/\.gz$/, ''), sha256Hex(text)]);
  return sha256Hex(canonicalJson({ orrery: orreryVersion, effective, files }));
}

/** SHA-256 in hex: the key of one cell. */
export function cellKey(digest: string, world: { readonly seed: string; readonly replication: number }): string {
  return sha256Hex(canonicalJson({ digest, seed: world.seed, replication: world.replication }));
}

function withoutWorld(effective: unknown): unknown {
  if (!isMap(effective) || !isMap(effective['spec'])) return effective;
  const { seed: _seed, replication: _replication, ...spec } = effective['spec'];
  return { ...effective, spec };
}

/** JSON with the keys of maps in order of code units, as RFC 8785 has it. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((entry) => canonicalJson(entry ?? null)).join(',')}]`;
  if (!isMap(value)) return JSON.stringify(value ?? null);
  const keys = Object.keys(value)
    .filter((key) => value[key] !== undefined)
    .sort((a, b) => (a < b ? -1 : 1));
  return `{${keys.map((key) => `${JSON.stringify(key)}:${canonicalJson(value[key])}`).join(',')}}`;
}
