/** What the plugins of one scheduling cycle remember for one another and for themselves (upstream CycleState). */
import type { ClassMemory } from './class-memory.ts';

/** A plugin's own state; `clone` must copy whatever addPod and removePod change. */
export interface StateValue {
  clone(): StateValue;
}

/** Typed key: `const stateKey = cycleStateKey<FitState>('PreFilterNodeResourcesFit')`. Compared by identity. */
export interface CycleStateKey<T extends StateValue> {
  readonly name: string;
  /** Never set: carries the type only. */
  readonly valueType?: T;
}

/** Makes a key; the name is for people. */
export function cycleStateKey<T extends StateValue>(name: string): CycleStateKey<T> {
  return Object.freeze({ name });
}

const noNames: ReadonlySet<string> = new Set();

/**
 * The notes of one scheduling cycle, by key. They are few and read once per node and plugin, so they stand in two arrays
 * that are searched from the front: that is quicker than any map.
 */
export class CycleState {
  /** Names of plugins whose PreFilter returned Skip: no Filter, addPod, removePod in this cycle. */
  skipFilterPlugins: ReadonlySet<string> = noNames;
  /** Names of plugins whose PreScore returned Skip. */
  skipScorePlugins: ReadonlySet<string> = noNames;
  /** What node-local plugins have said for the class of the pod; undefined = what is said of nodes must not be remembered. */
  scores: ClassMemory | undefined = undefined;
  /** The same where all filters of this cycle are node-local. */
  verdicts: ClassMemory | undefined = undefined;
  private readonly keys: CycleStateKey<StateValue>[] = [];
  private readonly values: StateValue[] = [];

  /** The value under the key; undefined when nobody wrote it. */
  read<T extends StateValue>(key: CycleStateKey<T>): T | undefined {
    const { keys } = this;
    for (let at = 0; at < keys.length; at++) if (keys[at] === key) return this.values[at] as T;
    return undefined;
  }

  write<T extends StateValue>(key: CycleStateKey<T>, value: T): void {
    const at = this.keys.indexOf(key);
    if (at >= 0) {
      this.values[at] = value;
      return;
    }
    this.keys.push(key);
    this.values.push(value);
  }

  delete<T extends StateValue>(key: CycleStateKey<T>): void {
    const at = this.keys.indexOf(key);
    if (at < 0) return;
    this.keys.splice(at, 1);
    this.values.splice(at, 1);
  }

  /** A copy for a what-if: every value is cloned. */
  clone(): CycleState {
    const copy = new CycleState();
    copy.skipFilterPlugins = this.skipFilterPlugins;
    copy.skipScorePlugins = this.skipScorePlugins;
    copy.scores = this.scores;
    copy.verdicts = this.verdicts;
    copy.keys.push(...this.keys);
    for (const value of this.values) copy.values.push(value.clone());
    return copy;
  }
}
