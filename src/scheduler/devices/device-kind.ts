/**
 * A kind of device that nodes have several of and pods get by number, whole or in thousandths: what the API calls it. Adding one
 * (profiles of a partitioned GPU, licences): a file like `shared-gpus.ts`, and a plugin file like `plugins/gpu-share.ts`.
 */
import type { Node, Pod } from '../../api/core-v1.ts';
import type { Labels } from '../../api/meta-v1.ts';

/** A whole device, in the unit of demands. */
export const wholeDevice = 1000;

/** What a node has of a kind. */
export interface DeviceStock {
  /** Devices, at least 1; they are numbered from 0. */
  readonly count: number;
  /** Empty where the node does not say. */
  readonly model: string;
}

/** What a pod wants of a kind. */
export interface DeviceDemand {
  /** Devices, at least 1. */
  readonly count: number;
  /** Thousandths of each of them, 1..1000. */
  readonly milli: number;
  /** Any of these models, as the pod names them; empty = any at all. */
  readonly models: readonly string[];
}

/** What is wrong with a pod's demand: a sentence. */
export interface BadDemand {
  readonly problem: string;
}

/** How one kind of device appears in the API. Without state. */
export interface DeviceKind {
  /** As in tables and accounts: `gpu`. */
  readonly name: string;
  /** The resource by which scores name the free thousandths of a node's devices together. */
  readonly resource: string;
  /** Undefined = the node has none. */
  stockOf(node: Node): DeviceStock | undefined;
  /** Reads the pod's annotations only. Undefined = it wants none. */
  demandOf(annotations: Labels): DeviceDemand | BadDemand | undefined;
  /** The devices that a pod has by its annotations; empty = it does not say. */
  indicesOf(pod: Pod): readonly number[];
  /** The annotations that say which devices a pod has. */
  annotationsOf(indices: readonly number[]): Labels;
}
