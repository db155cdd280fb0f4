import { assert } from '../util/assert.ts';

/** Texts by small integers, in order of first appearance: a row stores four bytes instead of a string. */
export class Interner {
  private readonly indexes = new Map<string, number>();
  private readonly texts: string[] = [];

  /** The text's index; a new text gets the next one. */
  indexOf(text: string): number {
    let index = this.indexes.get(text);
    if (index === undefined) {
      index = this.texts.push(text) - 1;
      this.indexes.set(text, index);
    }
    return index;
  }

  /** The index of a known text; -1 for any other. */
  find(text: string): number {
    return this.indexes.get(text) ?? -1;
  }

  textAt(index: number): string {
    const text = this.texts[index];
    assert(text !== undefined, `no text has index ${index}`);
    return text;
  }

  get size(): number {
    return this.texts.length;
  }
}
