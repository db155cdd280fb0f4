/** A small cluster, made by hand, on which faults fall. */
import type { Pod, Taint } from '../api/core-v1.ts';
import { SECOND } from '../engine/time.ts';
import type { FaultRecord } from '../record/facts.ts';
import type { FactScript } from './fact-script.ts';

/** By which pods are evicted from a node that is not ready. */
export const taint: Taint = { key: 'node.kubernetes.io/unreachable', value: '', effect: 'NoExecute', timeAdded: 47 };
/** A crash of node a, for ever. */
export const crash: FaultRecord = {
  id: 0,
  kind: 'nodeCrash',
  target: 'a',
  startsAt: 100 * SECOND,
  endsAt: undefined,
  nodes: ['a'],
};

/** A container of `web` that stands still. */
export const hang: FaultRecord = { ...crash, kind: 'containerHang', target: 'pods app=web', nodes: [] };

/** Two nodes, and a Deployment with a ready pod on each. */
export function cluster(script: FactScript): { pods: Pod[]; addPod: (name: string) => Pod } {
  script.node('a', 'True');
  script.node('b', 'True');
  const set = script.replicaSet('web-1', 2, script.deployment('web', 2));
  const addPod = (name: string): Pod => script.pod(name, {}, set);
  const pods = ['a', 'b'].map((node) => script.running(script.bind(addPod(`web-${node}`), node), true));
  return { pods, addPod };
}

/** A fault by which its nodes lose power. */
export function crashNode(script: FactScript, record: FaultRecord = crash): void {
  script.at(record.startsAt / SECOND).recorder.faultStarted(record);
  for (const node of record.nodes) script.recorder.machineChanged(node, 'down');
}
