/** A trace as a scenario asks for it, its files read. */
import type { OrderOptions } from './arrival-order.ts';
import type { TraceTiming } from './timed-pods.ts';
import type { TraceNode, TracePod } from './trace.ts';

/** Pods and nodes of a trace, and how they are replayed. */
export interface TraceReplay {
  readonly format: string;
  /** Without devices none is left out here: that is the user's matter. Names are unique. */
  readonly nodes: readonly TraceNode[];
  /** In the order of the file. Names are unique. */
  readonly pods: readonly TracePod[];
  /** `inOrder`: each pod is offered once, one after the other, without a clock; `timed`: each is created when it arrived. */
  readonly replay: 'inOrder' | 'timed';
  /** For a replay in order. */
  readonly order: OrderOptions;
  /** For a timed replay. */
  readonly timing: TraceTiming;
}
