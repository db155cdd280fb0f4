/** Compiled label selectors, and how they are told. */
import { compileSelector, sortedLabels } from '../api/labels.ts';
import type { Labels, LabelSelector } from '../api/meta-v1.ts';

/** Selectors of one controller, compiled once: an object keeps its selector through all its versions. */
export class Selectors {
  private readonly compiled = new WeakMap<LabelSelector, (labels: Labels) => boolean>();

  /** The test of a selector; an absent selector matches nothing. */
  of(selector: LabelSelector | undefined): (labels: Labels) => boolean {
    if (selector === undefined) return compileSelector(undefined);
    let matches = this.compiled.get(selector);
    if (matches === undefined) this.compiled.set(selector, (matches = compileSelector(selector)));
    return matches;
  }
}

/** As upstream's generated `String` prints a selector. */
export function selectorText(selector: LabelSelector | undefined): string {
  if (selector === undefined) return 'nil';
  const labels = sortedLabels(selector.matchLabels).map(([key, value]) => `${key}: ${value},`);
  const requirements = selector.matchExpressions.map(
    ({ key, operator, values }) =>
      `LabelSelectorRequirement{Key:${key},Operator:${operator},Values:[${values.join(' ')}],},`,
  );
  return `&LabelSelector{MatchLabels:map[string]string{${labels.join('')}},MatchExpressions:[]LabelSelectorRequirement{${requirements.join('')}},}`;
}
