/** Which of many totals are the best, where few of them change from question to question. */

import type { TiedNodes } from './select-host.ts';

/** Instead of a total, and less than any: the node is not feasible. */
const refused = -1;
/** It is feasible, and its total is not known: it stands in `changed`. */
const unscored = -2;
/** It stands in `changed` and is not feasible any more. */
const withdrawn = -3;
/** Less than any total, more than those marks. A fraction, so that V8 keeps fractions in the field from the start. */
const none = -0.5;

/** The names of nodes in their order. */
export interface NameOrder {
  /** By position of the node: the place of its name. */
  readonly places: Int32Array;
  /** By place of the name: the position of the node. */
  readonly positions: Int32Array;
}

/** Totals of nodes, each at least 0, by position. Between two questions the best are known unless all of them have changed. */
export class BestTotals implements TiedNodes<number> {
  private totals = new Float64Array(0);
  private names: NameOrder = { places: new Int32Array(0), positions: new Int32Array(0) };
  /** Positions of nodes that have changed, each once. */
  private changed: number[] = [];
  /** No total is greater that is known. */
  private best = none;
  /** How many are as great. */
  private ties = 0;
  /** None of them has a name before this place. */
  private firstPlace = Infinity;

  /** The greatest total, after `settle`. */
  get total(): number {
    return this.best;
  }

  /** How many are as great. */
  get count(): number {
    return this.ties;
  }

  /** Forgets everything: no node is feasible. */
  startAnew(names: NameOrder): void {
    this.names = names;
    this.totals = new Float64Array(names.places.length).fill(refused);
    this.changed = [];
    this.forgetBest();
  }

  /** The node has changed, and with it perhaps its total. */
  change(position: number, isFeasible: boolean): void {
    const { totals } = this;
    const total = totals[position]!;
    const isListed = total <= unscored;
    if (total === this.best) this.ties--;
    if (isFeasible && !isListed) this.changed.push(position);
    totals[position] = isFeasible ? unscored : isListed ? withdrawn : refused;
  }

  /** A node whose total is not known; -1 = there is none. */
  nextUnscored(): number {
    const { changed, totals } = this;
    for (;;) {
      const position = changed.at(-1);
      if (position === undefined || totals[position] === unscored) return position ?? -1;
      if (totals[position] === withdrawn) totals[position] = refused;
      changed.pop();
    }
  }

  /** The total of such a node. */
  score(position: number, total: number): void {
    this.totals[position] = total;
    this.enter(position, total);
  }

  /** To be called when all totals are known. */
  settle(): void {
    // After the first question it had been as long as there are nodes.
    this.changed = [];
    if (this.ties > 0) return;
    this.forgetBest();
    const { totals } = this;
    for (let position = 0; position < totals.length; position++) this.enter(position, totals[position]!);
  }

  /** The total of a node that is feasible. */
  of(position: number): number {
    return this.totals[position]!;
  }

  /** Of the best, in the order of positions, which is that of evaluation. */
  first(): number {
    return this.at(0);
  }

  /** One of the best: the first by position for 0, the next for 1, and so on below `count`. */
  at(which: number): number {
    const { totals, best } = this;
    let position = totals.indexOf(best);
    for (let rest = which; rest > 0;) if (totals[++position] === best) rest--;
    return position;
  }

  /** That of the best whose name comes first. */
  firstByName(): number {
    const { totals, best } = this;
    const { positions } = this.names;
    while (totals[positions[this.firstPlace]!] !== best) this.firstPlace++;
    return positions[this.firstPlace]!;
  }

  private forgetBest(): void {
    this.best = none;
    this.ties = 0;
    this.firstPlace = Infinity;
  }

  private enter(position: number, total: number): void {
    if (total < this.best) return;
    if (total > this.best) {
      this.best = total;
      this.ties = 0;
      this.firstPlace = Infinity;
    }
    this.ties++;
    const place = this.names.places[position]!;
    if (place < this.firstPlace) this.firstPlace = place;
  }
}
