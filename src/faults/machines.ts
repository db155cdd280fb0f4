import type { Pod } from '../api/core-v1.ts';

/** The machines under the nodes, as the kubelet room offers them. */
export interface Machines {
  crash(nodeName: string): void;
  /** The system begins to go down, as its operator wants it: gracefully where the kubelet is told to. */
  beginShutdown(nodeName: string): void;
  /** The same, and power goes off when it is down. */
  shutDown(nodeName: string): void;
  restore(nodeName: string): void;
  /** Another machine stands in the place of a node that is off: it holds no images. */
  replace(nodeName: string): void;
  partition(nodeName: string): void;
  heal(nodeName: string): void;
  stopKubelet(nodeName: string): void;
  startKubelet(nodeName: string): void;
  /** What the node does by itself takes `factor` times as long. */
  setSlowdown(nodeName: string, factor: number): void;
  /** What runs beside the pods of a node uses so many bytes of memory. */
  setOtherMemory(nodeName: string, bytes: number): void;
  /** And of its disk. */
  setOtherDisk(nodeName: string, bytes: number): void;
  setOtherProcesses(nodeName: string, count: number): void;
  /** What a percentage refers to. */
  capacityOf(nodeName: string, what: NodeResource): number;
  /** The clock of the node is so many microseconds ahead. */
  setClockOffset(nodeName: string, us: number): void;
  /** Kills a running container of a pod, the first main one unless named; false if none runs. An empty reason is that of the code. */
  crashContainer(pod: Pod, exitCode: number, reason?: string, container?: string): boolean;
  /** The same containers stand still; the answer is the name of the container, undefined if none runs. */
  hangContainer(pod: Pod, container?: string): string | undefined;
  releaseContainer(pod: Pod, container: string): void;
  setRegistryAvailable(isAvailable: boolean): void;
  setRegistrySlowdown(factor: number): void;
  /** Tells all kubelets that the API server can or cannot be reached. */
  setApiServerReachable(isReachable: boolean): void;
  /** Whether kubelets that can reach the API server hear in time that their leases are renewed. */
  setLeasesRenewed(areRenewed: boolean): void;
}

/** What faults use up on a node. */
export type NodeResource = 'memory' | 'disk' | 'processes';
