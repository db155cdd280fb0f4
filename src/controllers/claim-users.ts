/** Which pods name a PersistentVolumeClaim, kept up to date so that no sync looks at all pods. */
import type { Informer } from '../apiserver/informer.ts';
import type { Pod } from '../api/core-v1.ts';
import type { PersistentVolumeClaim } from '../api/persistent-volumes.ts';
import { podKey } from '../api/pod-conditions.ts';

/** Pods by the claims that they name. Nothing is kept before somebody asks. */
export class ClaimUsers {
  private readonly pods: Informer<'Pod'>;
  private readonly slotsByClaim = new Map<string, Set<number>>();
  private isAsked = false;

  constructor(pods: Informer<'Pod'>) {
    this.pods = pods;
    pods.onChange(
      () => undefined,
      () => false,
      (before, after, slot) => this.note(before, after, slot),
    );
  }

  /** The pods that name a claim, whatever their phase. */
  of(claim: PersistentVolumeClaim): readonly Pod[] {
    if (!this.isAsked) {
      this.isAsked = true;
      for (const [slot, pod] of this.pods.entries()) this.note(undefined, pod, slot);
    }
    const found: Pod[] = [];
    for (const slot of this.slotsByClaim.get(podKey(claim)) ?? []) {
      const pod = this.pods.bySlot(slot);
      if (pod !== undefined && names(pod, claim)) found.push(pod);
    }
    return found;
  }

  private note(before: Pod | undefined, after: Pod | undefined, slot: number): void {
    if (!this.isAsked || (before !== undefined && after !== undefined)) return;
    const { metadata, spec } = (after ?? before)!;
    for (const { claimName } of spec.volumes) {
      if (claimName === undefined) continue;
      const key = `${metadata.namespace}/${claimName}`;
      let slots = this.slotsByClaim.get(key);
      if (slots === undefined) this.slotsByClaim.set(key, (slots = new Set()));
      if (after !== undefined) slots.add(slot);
      else slots.delete(slot);
      if (slots.size === 0) this.slotsByClaim.delete(key);
    }
  }
}

function names({ metadata, spec }: Pod, claim: PersistentVolumeClaim): boolean {
  const { namespace, name } = claim.metadata;
  return metadata.namespace === namespace && spec.volumes.some(({ claimName }) => claimName === name);
}
