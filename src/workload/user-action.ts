/** What a user does to the cluster at a given time, as `kubectl` names it. */
import type { ManifestObject } from './manifest-object.ts';

/** The kinds whose replicas, images and pods a user can change. */
export type WorkloadKind = 'Deployment' | 'ReplicaSet' | 'ReplicationController' | 'StatefulSet' | 'DaemonSet' | 'Job';

/** Names one workload object. */
export interface WorkloadReference {
  readonly kind: WorkloadKind;
  readonly namespace: string;
  readonly name: string;
}

/** One thing that a user does. */
export type UserActionSpec =
  | { readonly verb: 'apply'; readonly objects: readonly ManifestObject[] }
  | { readonly verb: 'scale'; readonly target: WorkloadReference; readonly replicas: number }
  | {
      readonly verb: 'setImage';
      readonly target: WorkloadReference;
      /** undefined = every main container. */
      readonly container: string | undefined;
      readonly image: string;
    }
  | { readonly verb: 'restart' | 'pause' | 'resume'; readonly target: WorkloadReference }
  /** Revision 0 = the one before the newest. */
  | { readonly verb: 'undo'; readonly target: WorkloadReference; readonly toRevision: number }
  | {
      readonly verb: 'delete';
      readonly kind: ManifestObject['kind'];
      readonly namespace: string;
      readonly name: string;
      /** -1 = the pod's own. */
      readonly gracePeriodSeconds: number;
    }
  | { readonly verb: 'cordon'; readonly nodeName: string }
  | { readonly verb: 'uncordon'; readonly nodeName: string }
  | {
      readonly verb: 'drain';
      readonly nodeName: string;
      /** -1 = the pod's own. */
      readonly gracePeriodSeconds: number;
      /** Microseconds after which the drain gives up; undefined = never. */
      readonly timeout: number | undefined;
    };

/** An action and when it is taken, microseconds. */
export interface TimedUserAction {
  readonly at: number;
  readonly action: UserActionSpec;
}
