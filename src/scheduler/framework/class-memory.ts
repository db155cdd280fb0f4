/**
 * What node-local plugins have said of the nodes for the pods of one class. It holds for a node as long as its account is as it
 * was (`NodeInfo.generation`), so that a decision asks about changed nodes only.
 */
import type { NodeInfo } from './node-info.ts';
import type { PodNeeds } from './pod-info.ts';
import type { Status } from './status.ts';

/** Nodes times classes that are remembered at most, some 32 bytes each; then the class that was not used for longest goes. */
const cellsMax = 1_000_000;

/** One class of pods: those for which node-local plugins say the same of a node in the same state. */
export class ClassMemory {
  private room = 0;
  /** By node index: the generation that the verdict or score belongs to. Empty where nobody asks. */
  private judged = new Int32Array(0);
  private scored = new Int32Array(0);
  private verdicts: (Status | undefined)[] = [];
  /** Weighted sum over the plugins without normalizing. */
  private sums = new Float64Array(0);
  /** Scores before normalizing, one array for each plugin that normalizes. */
  private raws: Float64Array[] = [];
  private clearings = 0;
  private readonly ledger: MemoryLedger;

  constructor(ledger: MemoryLedger) {
    this.ledger = ledger;
  }

  /** Nodes that there is room for. */
  get length(): number {
    return this.room;
  }

  /** Grows whenever everything is forgotten. */
  get version(): number {
    return this.clearings;
  }

  /** Room for so many nodes, whoever it is that remembers them until everything is forgotten. */
  reserve(least: number): void {
    if (least > this.room) this.room = this.ledger.lengthFor(this, least);
  }

  isJudged({ index, generation }: NodeInfo): boolean {
    return this.judged[index] === generation;
  }

  /** Only where `isJudged`. */
  verdict({ index }: NodeInfo): Status | undefined {
    return this.verdicts[index];
  }

  judge({ index, generation }: NodeInfo, verdict: Status | undefined): void {
    if (generation < 0) return;
    if (index >= this.judged.length) this.growVerdicts(index + 1);
    this.judged[index] = generation;
    this.verdicts[index] = verdict;
  }

  isScored({ index, generation }: NodeInfo): boolean {
    return this.scored[index] === generation;
  }

  /** Only where `isScored`. */
  sum({ index }: NodeInfo): number {
    return this.sums[index]!;
  }

  /** The raw score of a plugin that normalizes, by its place among those; only where `isScored`. */
  raw(plugin: number, { index }: NodeInfo): number {
    return this.raws[plugin]![index]!;
  }

  /** @param raws in the order of the plugins that normalize; always as many in one class. */
  score({ index, generation }: NodeInfo, sum: number, raws: readonly number[]): void {
    if (generation < 0) return;
    if (index >= this.scored.length) this.growScores(index + 1);
    while (this.raws.length < raws.length) this.raws.push(new Float64Array(this.length));
    this.scored[index] = generation;
    this.sums[index] = sum;
    for (let at = 0; at < raws.length; at++) this.raws[at]![index] = raws[at]!;
  }

  /** Forgets everything. */
  clear(): void {
    this.clearings++;
    this.room = 0;
    this.judged = new Int32Array(0);
    this.scored = new Int32Array(0);
    this.verdicts = [];
    this.sums = new Float64Array(0);
    this.raws = [];
  }

  private growVerdicts(least: number): void {
    this.reserve(least);
    this.judged = copyOf(this.judged, new Int32Array(this.room).fill(never));
  }

  private growScores(least: number): void {
    this.reserve(least);
    const { length } = this;
    this.scored = copyOf(this.scored, new Int32Array(length).fill(never));
    this.sums = copyOf(this.sums, new Float64Array(length));
    this.raws = this.raws.map((raw) => copyOf(raw, new Float64Array(length)));
  }
}

/** No node has this generation, not even one whose state has no number (-1). */
const never = -2;

function copyOf<T extends Int32Array | Float64Array>(from: T, to: T): T {
  to.set(from);
  return to;
}

/** Keeps the memories of one framework together within their bounds. */
interface MemoryLedger {
  /** Room for at least so many nodes in this memory; others may be cleared for it. */
  lengthFor(memory: ClassMemory, least: number): number;
}

interface ClassEntry {
  readonly memory: ClassMemory;
  /** By what else a plugin reads of the pod. */
  readonly narrower: Map<object | undefined, ClassEntry>;
}

/** The classes of pods that one profile has met. */
export class ClassMemories implements MemoryLedger {
  private readonly byNeeds = new WeakMap<PodNeeds, ClassEntry>();
  /** Those that hold something; the one that was used last comes last. */
  private readonly filled = new Set<ClassMemory>();
  private cellCount = 0;
  /** Room in the longest of them, and so what the next will need: all are about the same nodes. */
  private lengthMax = 0;

  /** The class of pods with these needs for which every plugin with `classOf` has given these keys. */
  of(needs: PodNeeds, keys: readonly (object | undefined)[]): ClassMemory {
    let entry = this.byNeeds.get(needs) ?? this.newEntry();
    if (!this.byNeeds.has(needs)) this.byNeeds.set(needs, entry);
    for (let at = 0; at < keys.length; at++) entry = this.narrower(entry, keys[at]);
    const { memory } = entry;
    if (this.filled.delete(memory)) this.filled.add(memory);
    return memory;
  }

  lengthFor(memory: ClassMemory, least: number): number {
    const length = Math.max(
      least,
      Math.min(this.lengthMax, cellsMax / 64),
      Math.min(2 * memory.length, memory.length + 4096),
    );
    this.lengthMax = Math.max(this.lengthMax, length);
    this.cellCount += length - memory.length;
    this.filled.add(memory);
    for (const oldest of this.filled) {
      if (this.cellCount <= cellsMax || oldest === memory) break;
      this.cellCount -= oldest.length;
      oldest.clear();
      this.filled.delete(oldest);
    }
    return length;
  }

  private narrower({ narrower }: ClassEntry, key: object | undefined): ClassEntry {
    let next = narrower.get(key);
    if (next === undefined) narrower.set(key, (next = this.newEntry()));
    return next;
  }

  private newEntry(): ClassEntry {
    return { memory: new ClassMemory(this), narrower: new Map() };
  }
}
