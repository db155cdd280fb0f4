/** Why a pod fits nowhere, in upstream's words (`ps/framework/types.go` FitError). */
import type { NodeInfo } from './node-info.ts';
import type { NodeStatuses } from './node-statuses.ts';
import { compareText } from '../../util/compare-text.ts';

/** What one failed cycle found out. */
export interface Diagnosis {
  readonly nodeStatuses: NodeStatuses;
  /** Plugins to blame; they decide which events wake the pod. */
  readonly unschedulablePlugins: ReadonlySet<string>;
  readonly pendingPlugins: ReadonlySet<string>;
  /** Set when PreFilter refused the pod as a whole. */
  readonly preFilterMessage: string;
}

/** `0/3 nodes are available: 1 Insufficient cpu, 2 node(s) had untolerated taint(s). preemption: ...`. */
export function fitErrorMessage(nodes: readonly NodeInfo[], diagnosis: Diagnosis, postFilterMessage: string): string {
  let message = `0/${nodes.length} nodes are available:`;
  if (diagnosis.preFilterMessage !== '') {
    message += ` ${diagnosis.preFilterMessage}.`;
  } else {
    const reasons = reasonCounts(diagnosis.nodeStatuses.countReasons(nodes));
    if (reasons !== '') message += ` ${reasons}.`;
  }
  return postFilterMessage === '' ? message : `${message} ${postFilterMessage}`;
}

/** A fit error over the one node that refused at Reserve or Permit. */
export function singleNodeFitError(reasons: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const reason of reasons) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  return `0/1 nodes are available:${counts.size === 0 ? '' : ` ${reasonCounts(counts)}.`}`;
}

/** `10 x, 2 y`: sorted as strings, count included. */
export function reasonCounts(counts: ReadonlyMap<string, number>): string {
  const parts: string[] = [];
  for (const [reason, count] of counts) parts.push(`${count} ${reason}`);
  return parts.sort(compareText).join(', ');
}

const noteBytesMax = 1024;
const ellipsis = ' ...';

/** An Event's note: at most 1024 bytes (upstream `truncateMessage`). */
export function truncateNote(message: string): string {
  if (message.length <= noteBytesMax / 4) return message;
  const bytes = new TextEncoder().encode(message);
  if (bytes.length <= noteBytesMax) return message;
  return new TextDecoder().decode(bytes.subarray(0, noteBytesMax - ellipsis.length)) + ellipsis;
}
