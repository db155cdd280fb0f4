/** Compiled label selectors. */
import { compileSelector } from '../api/labels.ts';
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
