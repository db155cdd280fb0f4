/** Matching of taints and tolerations (upstream `k8s.io/api/core/v1/toleration.go`). */
import type { Taint, TaintEffect, Toleration } from './core-v1.ts';

const int64Max = 9223372036854775807n;

/**
 * Whether a toleration covers a taint. `Gt` and `Lt` compare integers and belong to the gate
 * TaintTolerationComparisonOperators, which is alpha and off in 1.37: without `comparisonOperators` they cover nothing.
 */
export function toleratesTaint(toleration: Toleration, taint: Taint, comparisonOperators = false): boolean {
  if (toleration.effect !== '' && toleration.effect !== taint.effect) return false;
  if (toleration.key !== '' && toleration.key !== taint.key) return false;
  switch (toleration.operator) {
    case 'Equal':
      return toleration.value === taint.value;
    case 'Exists':
      return true;
    case 'Gt':
    case 'Lt':
      return comparisonOperators && comparesTrue(toleration, taint);
  }
}

/** `Gt`: the value of the taint is above that of the toleration; `Lt`: below. */
function comparesTrue(toleration: Toleration, taint: Taint): boolean {
  const bound = canonicalInteger(toleration.value);
  const actual = canonicalInteger(taint.value);
  if (bound === undefined || actual === undefined) return false;
  return toleration.operator === 'Gt' ? actual > bound : actual < bound;
}

/** An int64 written as Go prints it (no sign but `-`, no leading zeros), else undefined. */
function canonicalInteger(text: string): bigint | undefined {
  if (text.length === 0 || text.length > 20) return undefined;
  const digits = text.startsWith('-') ? text.slice(1) : text;
  if (digits === '' || (digits.startsWith('0') && text !== '0')) return undefined;
  for (const character of digits) if (character < '0' || character > '9') return undefined;
  const value = BigInt(text);
  return value > int64Max || value < -int64Max - 1n ? undefined : value;
}

/** Whether any of the tolerations covers the taint. */
export function isTaintTolerated(
  taint: Taint,
  tolerations: readonly Toleration[],
  comparisonOperators = false,
): boolean {
  for (const toleration of tolerations) if (toleratesTaint(toleration, taint, comparisonOperators)) return true;
  return false;
}

/** The first taint with one of the effects that no toleration covers, in the order of the node's taints. */
export function findUntoleratedTaint(
  taints: readonly Taint[],
  tolerations: readonly Toleration[],
  effects: readonly TaintEffect[],
  comparisonOperators = false,
): Taint | undefined {
  for (const taint of taints) {
    if (!effects.includes(taint.effect)) continue;
    if (!isTaintTolerated(taint, tolerations, comparisonOperators)) return taint;
  }
  return undefined;
}
