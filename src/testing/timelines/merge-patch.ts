/** JSON merge patch, and the part of the strategic one that recorded users need: lists of named things merge by name. */

interface Fields {
  readonly [field: string]: unknown;
}

/** The manifest after a patch; null takes a field away. */
export function mergePatch(target: unknown, patch: unknown, isStrategic: boolean): unknown {
  if (Array.isArray(patch)) return isStrategic && isNamed(patch) ? mergeNamed(target, patch) : patch;
  if (typeof patch !== 'object' || patch === null) return patch;
  const merged: Record<string, unknown> = { ...(isObject(target) ? target : {}) };
  for (const [field, value] of Object.entries(patch)) {
    if (value === null) delete merged[field];
    else merged[field] = mergePatch(merged[field], value, isStrategic);
  }
  return merged;
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isNamed(list: readonly unknown[]): list is readonly (Fields & { readonly name: string })[] {
  return list.length > 0 && list.every((entry) => isObject(entry) && typeof entry['name'] === 'string');
}

function mergeNamed(target: unknown, patch: readonly (Fields & { readonly name: string })[]): unknown {
  const present = Array.isArray(target) ? (target as readonly Fields[]) : [];
  const merged = present.map((entry) => {
    const change = patch.find(({ name }) => name === entry['name']);
    return change === undefined ? entry : mergePatch(entry, change, true);
  });
  return [...merged, ...patch.filter(({ name }) => !present.some((entry) => entry['name'] === name))];
}
