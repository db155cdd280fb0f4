import type { Pod } from '../api/core-v1.ts';
import type { Kind, KindMap } from '../api/kinds.ts';
import type { Uid } from '../api/meta-v1.ts';
import type { Facts } from '../record/facts.ts';
import { int32Column } from './columns.ts';
import { Interner } from './interner.ts';

/**
 * Who the pods of a run are, in rows by creation. Several tables name pods: they keep the name once, here, also of those
 * that are long gone.
 */
export class PodDirectory implements Partial<Facts> {
  private readonly names: string[] = [];
  private readonly uids = int32Column();
  private readonly namespaceOf = int32Column();
  private readonly namespaces = new Interner();
  private readonly rowByUid = int32Column(-1);

  committed<K extends Kind>(
    kind: K,
    _slot: number,
    before: KindMap[K] | undefined,
    after: KindMap[K] | undefined,
  ): void {
    if (kind === 'Pod' && before === undefined) this.add(after as Pod);
  }

  /** Number of pods that were ever stored. */
  get count(): number {
    return this.names.length;
  }

  /** The row of a pod; -1 for any other object. */
  rowOf(uid: Uid): number {
    return this.rowByUid.at(uid);
  }

  uidAt(row: number): Uid {
    return this.uids.at(row);
  }

  nameAt(row: number): string {
    return this.names[row]!;
  }

  namespaceAt(row: number): string {
    return this.namespaces.textAt(this.namespaceOf.at(row));
  }

  private add({ metadata: { uid, name, namespace } }: Pod): void {
    const row = this.names.push(name) - 1;
    this.uids.set(row, uid);
    this.namespaceOf.set(row, this.namespaces.indexOf(namespace));
    this.rowByUid.set(uid, row);
  }
}
