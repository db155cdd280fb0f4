/** Names of the recordings: generated names become `web-rs1`, `web-rs1/pod-3`, `tick-job2`, `web-slice1`. */
import type { ApiObject, Uid } from '../../api/meta-v1.ts';
import { controllerOf } from '../../api/meta-v1.ts';

interface Named {
  readonly raw: string;
  readonly name: string;
}

const suffixes: ReadonlyMap<string, string> = new Map([
  ['ReplicaSet', '-rs'],
  ['Job', '-job'],
  ['EndpointSlice', '-slice'],
  ['Pod', '/pod-'],
]);

/** Gives each object its name when it is first seen. */
export class ObjectNames {
  private readonly byUid = new Map<Uid, string>();
  private readonly counts = new Map<string, number>();
  private readonly used = new Set<string>();
  private readonly generated: Named[] = [];
  private readonly latest = new Map<string, string>();

  /** The name of an object. */
  of(object: ApiObject): string {
    const { uid } = object.metadata;
    const known = this.byUid.get(uid);
    if (known !== undefined) return known;
    const name = this.newName(object);
    this.byUid.set(uid, name);
    this.latest.set(`${object.kind}/${object.metadata.name}`, name);
    return name;
  }

  /** `Kind/name` of the owner that controls an object, or `none`. */
  ownerOf(object: ApiObject): string {
    const owner = controllerOf(object);
    if (owner === undefined) return 'none';
    return `${owner.kind}/${this.byUid.get(owner.uid) ?? owner.name}`;
  }

  /** The name of an object by its kind and real name; the real name of one that was never seen. */
  named(kind: string, raw: string): string {
    return this.latest.get(`${kind}/${raw}`) ?? raw;
  }

  /** A text with the generated names in it replaced. */
  templated(text: string): string {
    let result = text;
    for (const { raw, name } of this.generated.toReversed()) {
      if (!result.includes(raw)) continue;
      result = result.replaceAll(new RegExp(`(?<![\\w-])${raw}(?![\\w-])`, 'g'), name);
      // A pod that was refused has a name that nobody has seen.
      if (/-(rs|job)\d+$/.test(name))
        result = result.replaceAll(new RegExp(`(?<![\\w-])${raw}-[a-z0-9]{5}(?![\\w-])`, 'g'), `${name}/pod-0`);
    }
    return result;
  }

  private newName(object: ApiObject): string {
    const { name: raw } = object.metadata;
    const owner = controllerOf(object);
    const suffix = suffixes.get(object.kind);
    if (owner === undefined || suffix === undefined) return this.unused(object.kind, raw);
    const ownerName = this.byUid.get(owner.uid) ?? owner.name;
    const key = `${ownerName}${suffix}`;
    const count = (this.counts.get(key) ?? 0) + 1;
    this.counts.set(key, count);
    const name = `${key}${count}`;
    if (!this.generated.some((known) => known.raw === raw)) this.generated.push({ raw, name });
    return name;
  }

  private unused(kind: string, raw: string): string {
    let name = raw;
    for (let count = 2; this.used.has(`${kind}/${name}`); count++) name = `${raw}#${count}`;
    this.used.add(`${kind}/${name}`);
    return name;
  }
}
