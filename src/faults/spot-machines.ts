/**
 * Machines that their provider takes back: a taint with the notice, the end of the machine, and then the Node, as the cloud
 * node lifecycle controller does it (every 5 s, of nodes that are not ready and whose machine is gone).
 */
import type { ApiServer } from '../apiserver/apiserver.ts';
import type { Client } from '../apiserver/client.ts';
import { createRequest, deleteRequest, patchRequest } from '../apiserver/requests.ts';
import type { Node, Taint } from '../api/core-v1.ts';
import { newObjectMeta } from '../api/meta-v1.ts';
import { isNodeReady } from '../api/node-conditions.ts';
import type { Engine, HandlerId } from '../engine/engine.ts';
import { SECOND } from '../engine/time.ts';
import { EventPhase } from '../record/event-phases.ts';

/** Key of the taint that the notice sets. */
export const reclaimTaintKey = 'orrery.dev/spot-reclaim';

/** `--node-monitor-period` of the cloud controllers. */
const monitorPeriodUs = 5 * SECOND;

const reclaimTaint: Taint = { key: reclaimTaintKey, value: '', effect: 'NoSchedule', timeAdded: undefined };

interface Reclaimed {
  /** As it was before the notice. */
  readonly node: Node;
  isGone: boolean;
}

/** What happens to machines, told by whoever reclaims them. */
export interface SpotMachineActions {
  /** The notice reaches the system of the machine. */
  beginShutdown(nodeName: string): void;
  /** The machine is no more. */
  vanish(nodeName: string): void;
  /** Another one is there. */
  appear(nodeName: string): void;
}

/** The machines under notice, or gone. */
export class SpotMachines {
  private readonly server: ApiServer;
  private readonly engine: Engine;
  private readonly actions: SpotMachineActions;
  private readonly client: Client;
  private readonly names: string[] = [];
  private readonly reclaimed = new Map<string, Reclaimed>();
  private readonly vanishHandler: HandlerId;
  private readonly monitorHandler: HandlerId;
  private nextLookAt = -1;

  constructor(server: ApiServer, actions: SpotMachineActions) {
    this.server = server;
    this.engine = server.engine;
    this.actions = actions;
    const name = 'cloud-provider';
    this.client = server.client({ name, phase: EventPhase.controllers, queriesPerSecond: 0, burst: 0 });
    const register = (what: string, phase: EventPhase, handle: (at: number) => void): HandlerId =>
      server.engine.register({ name: `${name}/${what}`, phase, handle });
    this.vanishHandler = register('reclaim', EventPhase.input, (at) => this.vanish(this.names[at]!));
    this.monitorHandler = register('node-lifecycle', EventPhase.controllers, () => this.look());
    server.informer(name, EventPhase.apiserver, 'Node').onChange(
      () => this.armLook(),
      (_before, after) => after !== undefined && this.isLost(after),
    );
  }

  /** The notice: nothing new is to come to the node, and its system goes down if it knows how to. */
  reclaim(nodeName: string, noticeUs: number): void {
    const node = this.server.state.get('Node', '', nodeName);
    if (node === undefined || this.reclaimed.has(nodeName)) return;
    this.reclaimed.set(nodeName, { node, isGone: false });
    this.client.send(patchRequest('Node', '', nodeName, withTaint));
    this.actions.beginShutdown(nodeName);
    this.engine.after(noticeUs, this.vanishHandler, this.names.push(nodeName) - 1);
  }

  /** Another machine registers itself under the name, with the labels and taints of the first one. */
  replace(nodeName: string): void {
    const reclaimed = this.reclaimed.get(nodeName);
    if (reclaimed === undefined) return;
    this.vanish(nodeName);
    this.reclaimed.delete(nodeName);
    if (this.server.state.get('Node', '', nodeName) === undefined) {
      this.client.send(createRequest('Node', fresh(reclaimed.node)));
    } else this.client.send(patchRequest('Node', '', nodeName, withoutTaint));
    this.actions.appear(nodeName);
  }

  private vanish(nodeName: string): void {
    const reclaimed = this.reclaimed.get(nodeName);
    if (reclaimed === undefined || reclaimed.isGone) return;
    reclaimed.isGone = true;
    this.actions.vanish(nodeName);
    this.armLook();
  }

  private isLost(node: Node): boolean {
    return this.reclaimed.get(node.metadata.name)?.isGone === true && !isNodeReady(node);
  }

  /** The next look of the controller, where it finds something. */
  private armLook(): void {
    const { now } = this.engine;
    if (this.nextLookAt > now || ![...this.server.state.list('Node')].some((node) => this.isLost(node))) return;
    this.nextLookAt = (Math.floor(now / monitorPeriodUs) + 1) * monitorPeriodUs;
    this.engine.at(this.nextLookAt, this.monitorHandler, 0);
  }

  private look(): void {
    for (const node of [...this.server.state.list('Node')]) {
      if (!this.isLost(node)) continue;
      const { name } = node.metadata;
      this.server.recorder.kubeEvent({
        type: 'Normal',
        reason: 'DeletingNode',
        message: `Deleting node ${name} because it does not exist in the cloud provider`,
        source: 'cloud-node-lifecycle-controller',
        involvedKind: 'Node',
        namespace: '',
        name,
      });
      this.client.send(deleteRequest('Node', '', name));
    }
  }
}

function withTaint(node: Node): Node {
  const { taints } = node.spec;
  if (taints.some(({ key }) => key === reclaimTaintKey)) return node;
  return { ...node, spec: { ...node.spec, taints: [...taints, reclaimTaint] } };
}

function withoutTaint(node: Node): Node {
  const taints = node.spec.taints.filter(({ key }) => key !== reclaimTaintKey);
  return { ...node, spec: { ...node.spec, taints } };
}

/** The Node as a kubelet registers it: it says nothing of its conditions and holds no images. */
function fresh(node: Node): Node {
  const { name, labels } = node.metadata;
  const taints = node.spec.taints.filter(({ key }) => !key.startsWith('node.kubernetes.io/'));
  return {
    ...node,
    metadata: newObjectMeta({ name, labels }),
    spec: { ...node.spec, unschedulable: false, taints },
    status: { ...node.status, conditions: [], images: [] },
  };
}
