/** Objects besides nodes and pods in tests of scheduler plugins: stores with their indexes, without API server and time. */
import { decodeTrustedObject } from '../api/decode/decode-object.ts';
import type { RawObject } from '../api/decode/field-reader.ts';
import type { Kind, KindMap } from '../api/kinds.ts';
import type { ApiObject, ObjectMeta, Uid } from '../api/meta-v1.ts';
import { metadataWith } from '../api/meta-v1.ts';
import { ClusterState } from '../apiserver/cluster-state.ts';
import { withMetadata } from '../apiserver/verbs.ts';
import type { ClusterLister } from '../scheduler/framework/handle.ts';

interface RawMetadata {
  readonly uid?: string;
  readonly ownerReferences?: readonly { readonly uid?: string }[];
}

/** Above the uids that a SchedulerFixture counts for its pods. */
const firstUid = 1_000_000;

export class FixtureCluster implements ClusterLister {
  private readonly state = new ClusterState();
  private readonly uids = new Map<string, Uid>();

  get<K extends Kind>(kind: K, namespace: string, name: string): KindMap[K] | undefined {
    return this.state.get(kind, namespace, name);
  }

  list<K extends Kind>(kind: K): readonly KindMap[K][] {
    return [...this.state.list(kind)];
  }

  by<K extends Kind>(kind: K, index: string, key: string | number): readonly KindMap[K][] {
    return [...this.state.by(kind, index, key)];
  }

  /** A number for a uid that is written in manifests; the same text gives the same number. */
  uidOf(text: string): Uid {
    let uid = this.uids.get(text);
    if (uid === undefined) this.uids.set(text, (uid = firstUid + this.uids.size));
    return uid;
  }

  /** Puts an object into its store, in place of an older one of that name. */
  put<K extends Kind>(kind: K, object: KindMap[K]): KindMap[K] {
    const { namespace, name } = object.metadata;
    this.state.store(kind).commit(this.get(kind, namespace, name), object, object.metadata.resourceVersion);
    return object;
  }

  /** Puts an object from a manifest; problems of the decoder are passed over. */
  install(manifest: unknown): void {
    const { kind, object } = decodeTrustedObject(manifest as RawObject);
    this.put(kind as 'Custom', this.withUids(object, manifest) as KindMap['Custom']);
  }

  /** An object from a manifest, without putting it anywhere. */
  decode(manifest: unknown): ApiObject {
    return this.withUids(decodeTrustedObject(manifest as RawObject).object, manifest);
  }

  /** With its own uid and those of its owners and of its claim: each stands for what it stands for in the manifest. */
  private withUids(object: ApiObject, manifest: unknown): ApiObject {
    const raw = manifest as { metadata: RawMetadata; spec?: { claimRef?: { uid?: string } } };
    const named = withMetadata(object, this.metadataOf(object.metadata, raw.metadata));
    const claimUid = raw.spec?.claimRef?.uid;
    if (claimUid === undefined) return named;
    const { spec } = named as KindMap['PersistentVolume'];
    const claimRef = { ...spec.claimRef!, uid: this.uidOf(claimUid) };
    return { ...named, spec: { ...spec, claimRef } } as KindMap['PersistentVolume'];
  }

  private metadataOf(metadata: ObjectMeta, raw: RawMetadata): ObjectMeta {
    const ownerReferences = metadata.ownerReferences.map((owner, at) => {
      const text = raw.ownerReferences?.[at]?.uid;
      return text === undefined ? owner : { ...owner, uid: this.uidOf(text) };
    });
    return metadataWith(metadata, { uid: raw.uid === undefined ? 0 : this.uidOf(raw.uid), ownerReferences });
  }
}
