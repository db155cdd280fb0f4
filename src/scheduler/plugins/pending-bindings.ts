/** Writes what a decision takes, and waits until volumes and claims are bound (`volumebinding/binder.go` BindPodVolumes). */
import type { Node, Pod } from '../../api/core-v1.ts';
import { isPodTerminal } from '../../api/pod-conditions.ts';
import { isFullyBound } from '../../api/persistent-volumes.ts';
import type { PersistentVolumeClaim } from '../../api/persistent-volumes.ts';
import type { ApiResponse } from '../../apiserver/requests.ts';
import { isSuccess, updateRequest } from '../../apiserver/requests.ts';
import { SECOND } from '../../engine/time.ts';
import type { Handle } from '../framework/handle.ts';
import type { PodVolumes, StaticBinding, VolumeBinder } from './volume-binder.ts';
import { selectedNodeOf } from './volume-binder.ts';
import type { DynamicProvision } from './volume-provisioning.ts';

/** Told once: undefined = all is bound, else upstream's error. */
type OnBound = (problem: string | undefined) => void;

/** Upstream looks every second; only at those instants, and only if something has changed, anything is looked at here. */
const pollUs = SECOND;
const waiting = Symbol('waiting');

/** All bindings of one profile that are under way. */
export class PendingBindings {
  private readonly handle: Handle;
  private readonly binder: VolumeBinder;
  private readonly timeoutUs: number;
  private readonly pending = new Set<PendingBinding>();
  private isWatching = false;

  constructor(handle: Handle, binder: VolumeBinder, timeoutUs: number) {
    this.handle = handle;
    this.binder = binder;
    this.timeoutUs = timeoutUs;
  }

  /** Hears of changes from now on; to be called before anything is assumed. */
  watch(): void {
    if (this.isWatching) return;
    this.isWatching = true;
    const wake = (): void => {
      for (const binding of this.pending) binding.arm();
    };
    this.handle.onClusterChange('PersistentVolume', (before, after) => {
      this.binder.volumes.heard(before, after);
      wake();
    });
    this.handle.onClusterChange('PersistentVolumeClaim', (before, after) => {
      this.binder.claims.heard(before, after);
      wake();
    });
    this.handle.onClusterChange('CSINode', wake);
    this.handle.onClusterChange('Node', wake, hasOtherLabels);
    this.handle.onClusterChange('Pod', wake, isGoneUnbound);
  }

  /** Writes the assumed objects one after another, then waits. */
  bind(pod: Pod, volumes: PodVolumes, onBound: OnBound): void {
    const bindings = [...volumes.bindings];
    const provisions = [...volumes.provisions];
    const next = (at: number): void => {
      const answered = (keep: (response: ApiResponse) => void) => (response: ApiResponse) => {
        if (isSuccess(response)) {
          keep(response);
          return next(at + 1);
        }
        this.revertRest(bindings, provisions, at);
        onBound(response.message);
      };
      const binding = bindings[at];
      const provision = provisions[at - bindings.length];
      if (binding !== undefined) {
        const keep = ({ object }: ApiResponse): void => {
          bindings[at] = { ...binding, volume: (object ?? binding.volume) as StaticBinding['volume'] };
        };
        this.handle.send(updateRequest('PersistentVolume', binding.volume), answered(keep));
      } else if (provision !== undefined) {
        const keep = ({ object }: ApiResponse): void => {
          const claim = (object ?? provision.claim) as PersistentVolumeClaim;
          provisions[at - bindings.length] = { ...provision, claim };
        };
        this.handle.send(updateRequest('PersistentVolumeClaim', provision.claim), answered(keep));
      } else this.wait(pod, { bindings, provisions }, onBound);
    };
    next(0);
  }

  /** What has been written stays written. */
  private revertRest(
    bindings: readonly StaticBinding[],
    provisions: readonly DynamicProvision[],
    written: number,
  ): void {
    const rest = provisions.slice(Math.max(0, written - bindings.length));
    this.binder.revert({ bindings: bindings.slice(written), provisions: rest });
  }

  private wait(pod: Pod, volumes: PodVolumes, onBound: OnBound): void {
    const check = (): string | undefined | typeof waiting => this.check(pod, volumes);
    const binding = new PendingBinding(this.handle, check, this.timeoutUs, (problem) => {
      this.pending.delete(binding);
      onBound(problem === undefined ? undefined : `binding volumes: ${problem}`);
    });
    this.pending.add(binding);
    binding.start();
  }

  /** Looks at what the API server has, not at what is assumed (upstream `checkBindings`). */
  private check(pod: Pod, { bindings, provisions }: PodVolumes): string | undefined | typeof waiting {
    const { cluster } = this.handle;
    const { nodeName } = pod.spec;
    const node = cluster.get('Node', '', nodeName);
    if (node === undefined) return `failed to get node "${nodeName}": node "${nodeName}" not found`;
    const { namespace, name } = pod.metadata;
    const current = cluster.get('Pod', namespace, name);
    if (current === undefined || isPodTerminal(current)) return `pod does not exist any more: pod "${name}" not found`;
    for (const binding of bindings) {
      const problem = this.checkBinding(binding, node);
      if (problem !== undefined) return problem;
    }
    for (const { claim } of provisions) {
      const problem = this.checkProvision(claim, node);
      if (problem !== undefined) return problem;
    }
    return undefined;
  }

  private checkBinding({ volume, claim }: StaticBinding, node: Node): string | undefined | typeof waiting {
    const { name } = volume.metadata;
    const stored = this.binder.volumes.stored('', name);
    if (stored === undefined) return `failed to check binding: persistentvolumes "${name}" not found`;
    const current = this.storedClaim(claim);
    if (current === undefined) return `failed to check binding: ${missingClaim(claim)}`;
    if (volume.metadata.resourceVersion > stored.metadata.resourceVersion) return waiting;
    const problem = this.reachProblem(name, node);
    if (problem !== undefined) return problem;
    const uid = stored.spec.claimRef?.uid ?? 0;
    if (uid === 0) return `ClaimRef got reset for pv "${name}"`;
    return isFullyBound(current) ? undefined : waiting;
  }

  private checkProvision(claim: PersistentVolumeClaim, node: Node): string | undefined | typeof waiting {
    const current = this.storedClaim(claim);
    if (current === undefined) return `failed to check provisioning pvc: ${missingClaim(claim)}`;
    if (claim.metadata.resourceVersion > current.metadata.resourceVersion) return waiting;
    // A provisioner that fails takes the annotation away.
    if (selectedNodeOf(current) !== node.metadata.name) {
      return `provisioning failed for PVC "${claim.metadata.name}"`;
    }
    const { volumeName } = current.spec;
    if (volumeName !== '' && this.binder.volumes.stored('', volumeName) === undefined) return waiting;
    const problem = volumeName === '' ? undefined : this.reachProblem(volumeName, node);
    return problem ?? (isFullyBound(current) ? undefined : waiting);
  }

  private storedClaim({ metadata }: PersistentVolumeClaim): PersistentVolumeClaim | undefined {
    return this.binder.claims.stored(metadata.namespace, metadata.name);
  }

  private reachProblem(volumeName: string, { metadata }: Node): string | undefined {
    const volume = this.binder.volumes.stored('', volumeName)!;
    const csiNode = this.handle.cluster.get('CSINode', '', metadata.name);
    if (this.binder.isReached(volume, metadata.labels, csiNode)) return undefined;
    const detail = 'no matching NodeSelectorTerms';
    return `pv "${volumeName}" node affinity doesn't match node "${metadata.name}": ${detail}`;
  }
}

/** One pod whose volumes are being bound. */
class PendingBinding {
  private readonly handle: Handle;
  private readonly check: () => string | undefined | typeof waiting;
  private readonly timeoutUs: number;
  private readonly onEnd: OnBound;
  private startedAt = 0;
  private isArmed = false;
  private isOver = false;
  private cancelTimeout: () => void = () => undefined;

  constructor(handle: Handle, check: () => string | undefined | typeof waiting, timeoutUs: number, onEnd: OnBound) {
    this.handle = handle;
    this.check = check;
    this.timeoutUs = timeoutUs;
    this.onEnd = onEnd;
  }

  start(): void {
    this.startedAt = this.handle.now;
    this.cancelTimeout = this.handle.after(this.timeoutUs, () => this.end('context deadline exceeded'));
    this.arm();
  }

  /** Looks again at the next instant at which upstream would; the deadline, posted first, goes before a look at its instant. */
  arm(): void {
    const elapsed = this.handle.now - this.startedAt;
    const at = Math.max(1, Math.ceil(elapsed / pollUs)) * pollUs;
    if (this.isArmed || this.isOver) return;
    this.isArmed = true;
    this.handle.after(at - elapsed, () => this.poll());
  }

  private poll(): void {
    this.isArmed = false;
    if (this.isOver) return;
    const result = this.check();
    if (result !== waiting) this.end(result);
  }

  private end(problem: string | undefined): void {
    if (this.isOver) return;
    this.isOver = true;
    this.cancelTimeout();
    this.onEnd(problem);
  }
}

function missingClaim({ metadata }: PersistentVolumeClaim): string {
  return `persistentvolumeclaims "${metadata.namespace}/${metadata.name}" not found`;
}

function hasOtherLabels(before: Node | undefined, after: Node | undefined): boolean {
  return before?.metadata.labels !== after?.metadata.labels;
}

function isGoneUnbound(before: Pod | undefined, after: Pod | undefined): boolean {
  return after === undefined && before?.spec.nodeName === '';
}
