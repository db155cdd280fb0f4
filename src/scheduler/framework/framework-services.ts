/** What the plugins of a profile stand on. */
import type { Pod } from '../../api/core-v1.ts';
import type { Kind, KindMap } from '../../api/kinds.ts';
import type { ApiRequest, ApiResponse } from '../../apiserver/requests.ts';
import type { RandomStream } from '../../engine/random.ts';
import type { KubeEvent, PreemptionAttempt } from '../../record/facts.ts';
import type {
  ClusterChangeHandler,
  ClusterInterest,
  ClusterLister,
  ExpectedPods,
  PodNominator,
  SnapshotLister,
} from './handle.ts';
import type { PodInfoFactory } from './pod-info.ts';
import type { WaitingPods } from './waiting-pods.ts';

/** What becomes of the answers of node-local plugins: see `FrameworkServices.memory`. */
export type AnswerMemory = 'on' | 'off' | 'verified';

/** What the profile's surroundings provide; the scheduler component, or a what-if. */
export interface FrameworkServices {
  readonly clock: { readonly now: number };
  readonly snapshot: SnapshotLister;
  readonly cluster: ClusterLister;
  readonly nominator: PodNominator;
  readonly podInfos: PodInfoFactory;
  readonly waitingPods: WaitingPods;
  /** Whether what node-local plugins say is remembered, or also asked anew each time and compared; default `on`. */
  readonly memory?: AnswerMemory;
  /** See `Handle`. */
  expectedPods(): readonly ExpectedPods[];
  random(name: string): RandomStream;
  activate(pods: readonly Pod[]): void;
  send<K extends Kind>(request: ApiRequest<K>, onResponse?: (response: ApiResponse<KindMap[K]>) => void): void;
  after(delayUs: number, callback: () => void): () => void;
  onClusterChange<K extends Kind>(kind: K, handler: ClusterChangeHandler<K>, interest?: ClusterInterest<K>): void;
  kubeEvent(event: KubeEvent): void;
  preemptionAttempt(attempt: PreemptionAttempt): void;
}
