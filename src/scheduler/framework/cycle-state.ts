/** What the plugins of one scheduling cycle remember for one another and for themselves (upstream CycleState). */

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

/** The notes of one scheduling cycle, by key. */
export class CycleState {
  /** Names of plugins whose PreFilter returned Skip: no Filter, addPod, removePod in this cycle. */
  skipFilterPlugins: ReadonlySet<string> = noNames;
  /** Names of plugins whose PreScore returned Skip. */
  skipScorePlugins: ReadonlySet<string> = noNames;
  private values = new Map<CycleStateKey<StateValue>, StateValue>();

  /** The value under the key; undefined when nobody wrote it. */
  read<T extends StateValue>(key: CycleStateKey<T>): T | undefined {
    return this.values.get(key as CycleStateKey<StateValue>) as T | undefined;
  }

  write<T extends StateValue>(key: CycleStateKey<T>, value: T): void {
    this.values.set(key as CycleStateKey<StateValue>, value);
  }

  delete<T extends StateValue>(key: CycleStateKey<T>): void {
    this.values.delete(key as CycleStateKey<StateValue>);
  }

  /** A copy for a what-if: every value is cloned. */
  clone(): CycleState {
    const copy = new CycleState();
    copy.skipFilterPlugins = this.skipFilterPlugins;
    copy.skipScorePlugins = this.skipScorePlugins;
    for (const [key, value] of this.values) copy.values.set(key, value.clone());
    return copy;
  }
}
