/** The PreFilter stage: merges what the plugins say (upstream `RunPreFilterPlugins`). */
import type { Pod } from '../../api/core-v1.ts';
import type { CycleState } from './cycle-state.ts';
import type { Plugin, PreFilterPlugin } from './interface.ts';
import type { NodeInfo } from './node-info.ts';
import type { StatusSigner } from './status.ts';
import { Code, Status, isRejected, isSkip, unresolvable } from './status.ts';

/** What the PreFilter plugins say together. */
export interface PreFilterOutcome {
  /** Undefined = Success. */
  readonly status: Status | undefined;
  /** Undefined = all nodes. Names need not exist. */
  readonly nodeNames: ReadonlySet<string> | undefined;
  /** Plugins that narrowed the nodes, sorted. They count as rejecting plugins even if another refuses the pod. */
  readonly narrowingPlugins: readonly string[];
}

/** A PreFilter plugin and what signs its statuses. */
export type PreFilterEntry = { readonly plugin: Plugin & PreFilterPlugin; readonly signer: StatusSigner };

/** Writes the skipped plugins into `state`. */
export function runPreFilter(
  entries: readonly PreFilterEntry[],
  state: CycleState,
  pod: Pod,
  nodes: readonly NodeInfo[],
): PreFilterOutcome {
  let skipped: Set<string> | undefined;
  const narrowing: string[] = [];
  let nodeNames: ReadonlySet<string> | undefined;
  let rejection: Status | undefined;
  const outcome = (status: Status | undefined): PreFilterOutcome => ({
    status,
    nodeNames,
    narrowingPlugins: sorted(narrowing),
  });
  for (const { plugin, signer } of entries) {
    const answer = plugin.preFilter(state, pod, nodes);
    if (answer === undefined) continue;
    if (answer instanceof Status) {
      if (isSkip(answer)) (skipped ??= new Set()).add(plugin.name);
      else if (answer.code === Code.unschedulableAndUnresolvable) return ended(signer.sign(answer));
      else if (answer.code === Code.unschedulable) rejection = signer.sign(answer);
      else if (answer.code !== Code.success) return ended(preFilterError(plugin.name, answer));
      continue;
    }
    narrowing.push(plugin.name);
    nodeNames = intersect(nodeNames, answer.nodeNames);
    if (nodeNames.size === 0) return outcome(emptyIntersection(sorted(narrowing)));
  }
  if (skipped !== undefined) state.skipFilterPlugins = skipped;
  if (rejection === undefined && nodeNames === undefined) return allNodes;
  return outcome(isRejected(rejection) ? rejection : undefined);
}

/** Nobody has anything against the pod or any node. */
const allNodes: PreFilterOutcome = { status: undefined, nodeNames: undefined, narrowingPlugins: [] };

/** Broken off: whoever narrowed the nodes before is not to blame. */
function ended(status: Status): PreFilterOutcome {
  return { status, nodeNames: undefined, narrowingPlugins: [] };
}

function preFilterError(plugin: string, answer: Status): Status {
  return new Status(Code.error, [`running PreFilter plugin "${plugin}": ${answer.message}`], plugin);
}

function intersect(known: ReadonlySet<string> | undefined, more: ReadonlySet<string>): ReadonlySet<string> {
  if (known === undefined) return more;
  return new Set([...known].filter((name) => more.has(name)));
}

function emptyIntersection(plugins: readonly string[]): Status {
  if (plugins.length === 1) return unresolvable(`node(s) didn't satisfy plugin ${plugins[0]}`);
  return unresolvable(`node(s) didn't satisfy plugin(s) [${plugins.join(' ')}] simultaneously`);
}

/** Status of the nodes outside of a narrowed set. */
export function outsideNarrowedNodes(plugins: readonly string[]): Status {
  return unresolvable(`node(s) didn't satisfy plugin(s) [${plugins.join(' ')}]`);
}

function sorted(names: readonly string[]): readonly string[] {
  return [...names].sort((a, b) => (a < b ? -1 : 1));
}
