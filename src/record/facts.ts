/**
 * What the simulation says about itself. Components call these methods; metrics, checks and `explain` fold them.
 * Nothing here influences a run: removing every observer leaves all fingerprints as they are.
 */
import type { Kind, KindMap } from '../api/kinds.ts';
import type { Pod } from '../api/core-v1.ts';
import type { Uid } from '../api/meta-v1.ts';

/** The hops of a pod's way, in the order in which they happen. */
export const podHops = [
  'submitted',
  'admitted',
  'stored',
  'seen_by_scheduler',
  'bound',
  'seen_by_kubelet',
  'sandbox_ready',
  'pull_started',
  'pulled',
  'started',
  'ready',
] as const;

/** One hop of a pod. */
export type PodHop = (typeof podHops)[number];

/** So many nodes refused a pod for one reason of one plugin. */
export interface RefusalCount {
  /** Empty where several plugins said it together. */
  readonly plugin: string;
  readonly reason: string;
  readonly nodes: number;
}

/** One try of the scheduler for one pod, told when its outcome is known. */
export interface SchedulingAttempt {
  readonly pod: Pod;
  /** 1 for the first try. */
  readonly attempt: number;
  /** When the cycle began, microseconds. */
  readonly startedAt: number;
  /** When the pod could be tried for the first time, microseconds: time behind a gate is before it. */
  readonly initialAttemptAt: number;
  readonly result: 'scheduled' | 'unschedulable' | 'error';
  /** Chosen node; empty unless scheduled. */
  readonly nodeName: string;
  readonly evaluatedNodes: number;
  readonly feasibleNodes: number;
  /** Total score of the chosen node; 0 where only one node was feasible. */
  readonly score: number;
  /** How many feasible nodes shared the best score. */
  readonly ties: number;
  /** Virtual cost of the scheduling cycle, microseconds. */
  readonly durationUs: number;
  /** Upstream's message, for example `0/3 nodes are available: ...`; empty when scheduled. */
  readonly message: string;
  /** What the message counts, by plugin; empty when scheduled. */
  readonly refusals: readonly RefusalCount[];
  readonly profile: string;
}

/** One try of a scheduler to make room for a pod, told when it is decided: the victims have not been told to go yet. */
export interface PreemptionAttempt {
  readonly preemptor: Pod;
  /** Node that the pod is nominated to; empty where preemption does not help or may not be tried. */
  readonly nodeName: string;
  /** Nodes on which it would have helped, as far as they were tried. */
  readonly candidates: number;
  readonly victims: readonly Pod[];
  /** Of the victims, those that break a PodDisruptionBudget. */
  readonly violations: number;
  readonly profile: string;
}

/** A Kubernetes Event (kind Event); aggregated by the observer, not stored in the API server. */
export interface KubeEvent {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
  /** Reporting component, for example `kubelet`, `default-scheduler`. */
  readonly source: string;
  readonly involvedKind: string;
  readonly namespace: string;
  readonly name: string;
  /** Container of the pod that it is about; absent = the object as a whole. */
  readonly container?: string;
  /** Place in a series of the same; absent = 1. From the third on a repetition is counted but not written at once. */
  readonly place?: number;
}

/** One call of a kubelet to its container runtime, or the end of a container's process. */
export interface RuntimeCall {
  readonly pod: Pod;
  /** Name of the container; empty for the sandbox and for pulls. */
  readonly container: string;
  readonly call:
    | 'RunPodSandbox'
    | 'StopPodSandbox'
    | 'PullImage'
    | 'CreateContainer'
    | 'StartContainer'
    | 'StopContainer'
    | 'ExecSync'
    | 'Exit';
  /** Which instance of the container or sandbox, from 0. */
  readonly attempt: number;
  /** Exit code, or the timeout of StopContainer in seconds. */
  readonly code: number;
  /** The image, the command, or the error; empty where there is none. */
  readonly detail: string;
  /** Microseconds; may lie before now where calls are told afterwards. */
  readonly time: number;
}

/** One occurrence of a fault, told when it begins. */
export interface FaultRecord {
  /** 0-based, in the order of the schedule. */
  readonly id: number;
  /** Registry name, for example `nodeCrash`. */
  readonly kind: string;
  /** What was hit, for example a node, a zone, an image registry. */
  readonly target: string;
  /** Microseconds. */
  readonly startsAt: number;
  /** Microseconds; undefined = never ends in this run. */
  readonly endsAt: number | undefined;
  /** Nodes that lose power or contact by it. */
  readonly nodes: readonly string[];
}

/** A user's action, told when its outcome is known. */
export interface UserAction {
  readonly verb: string;
  /** Kind, namespace and name of what it acts on, for example `Deployment shop/web`. */
  readonly target: string;
  /** Microseconds. */
  readonly startedAt: number;
  /** Why it failed, in the words of the API server or of kubectl; empty on success. */
  readonly message: string;
}

/** What the machine under a node is able to do. */
export type MachineState = 'up' | 'down' | 'partitioned' | 'kubelet-stopped';

/** Who leads a component of the control plane from now on: nobody, a process that stood by, or one that was begun anew. */
export type Leader = 'none' | 'standby' | 'restarted';

/** How much of a zone is out of order, as the node lifecycle controller sees it (upstream `ZoneState`). */
export type ZoneDisruption = 'Normal' | 'PartialDisruption' | 'FullDisruption';

/** Observers implement what they want to hear; times are read from `now` of the recorder's clock. */
export interface Facts {
  /**
   * An object was committed; `before` undefined = created, `after` undefined = removed. `slot` is the object's dense index, `by`
   * the name of the client that asked for it; empty for what was there before time began.
   */
  committed<K extends Kind>(
    kind: K,
    slot: number,
    before: KindMap[K] | undefined,
    after: KindMap[K] | undefined,
    by: string,
  ): void;
  /** A pod passed a hop at `time` (microseconds; may lie before now where the hop is only known afterwards). */
  podHop(uid: Uid, hop: PodHop, time: number): void;
  schedulingAttempt(attempt: SchedulingAttempt): void;
  preemptionAttempt(attempt: PreemptionAttempt): void;
  kubeEvent(event: KubeEvent): void;
  faultStarted(fault: FaultRecord): void;
  faultEnded(fault: FaultRecord): void;
  userAction(action: UserAction): void;
  machineChanged(nodeName: string, state: MachineState): void;
  /** The node lifecycle controller judges a zone anew; `zone` is empty for nodes without one. */
  zoneStateChanged(zone: string, state: ZoneDisruption): void;
  /** A component that elects a leader has lost it, or has one again. */
  leaderChanged(component: string, leader: Leader): void;
  /** An image pull ended; times in microseconds. */
  imagePulled(nodeName: string, image: string, queuedUs: number, pulledUs: number, succeeded: boolean): void;
  /** Processes of a pod stand still by a fault, or go on. */
  containerHung(pod: Pod, isHung: boolean): void;
  /** A container process ended by itself or was killed. */
  containerExited(pod: Pod, containerIndex: number, exitCode: number, reason: string): void;
  containerStarted(pod: Pod, containerIndex: number, restartCount: number): void;
  runtimeCall(call: RuntimeCall): void;
  /** A controller finished one reconcile. */
  reconciled(controller: string, key: string, durationUs: number, outcome: 'ok' | 'requeued' | 'error'): void;
  /** An API request was answered. */
  apiRequest(client: string, verb: string, kind: Kind, code: string, durationUs: number): void;
}

/** Name of a fact. */
export type FactName = keyof Facts;
