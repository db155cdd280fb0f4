/** What a controller has asked for and not yet seen (upstream pkg/controller/controller_utils.go). */
import type { ApiObject, Uid } from '../api/meta-v1.ts';
import type { ApiResponse } from '../apiserver/requests.ts';
import { MINUTE } from '../engine/time.ts';

/** Upstream ExpectationsTimeout. */
const timeoutUs = 5 * MINUTE;

interface Expected {
  creations: number;
  readonly deletions: Set<Uid>;
  readonly since: number;
}

/** Creations and deletions under way per owner key; while any is, the owner's replicas are left alone. */
export class Expectations {
  private readonly expectedByKey = new Map<string, Expected>();

  expect(key: string, creations: number, deletions: readonly Uid[], now: number): void {
    this.expectedByKey.set(key, { creations, deletions: new Set(deletions), since: now });
  }

  /** A creation was seen, or will never be (it failed or was not sent). */
  creationObserved(key: string, count = 1): void {
    const expected = this.expectedByKey.get(key);
    if (expected !== undefined) expected.creations -= count;
  }

  /** A pod was seen to be going; hearing of it twice does no harm. */
  deletionObserved(key: string, uid: Uid): void {
    this.expectedByKey.get(key)?.deletions.delete(uid);
  }

  isSatisfied(key: string, now: number): boolean {
    const expected = this.expectedByKey.get(key);
    if (expected === undefined) return true;
    return (expected.creations <= 0 && expected.deletions.size === 0) || now - expected.since > timeoutUs;
  }

  forget(key: string): void {
    this.expectedByKey.delete(key);
  }
}

/** What a watch says of its own freshness. */
interface Freshness {
  readonly resourceVersion: number;
}

/**
 * A controller never acts on a cache older than its own last write (upstream pkg/util/consistency, on since 1.36). One
 * guard per watched kind.
 */
export class StaleCacheGuard {
  private readonly watch: Freshness;
  private readonly written = new Map<string, number>();

  constructor(watch: Freshness) {
    this.watch = watch;
  }

  /** Notes the version that a write for this owner has made. */
  wrote(key: string, response: ApiResponse<ApiObject>): void {
    if (response.object === undefined) return;
    const version = response.object.metadata.resourceVersion;
    if (version > (this.written.get(key) ?? 0)) this.written.set(key, version);
  }

  /** Whether the watch has still to deliver something that this controller wrote for the owner. */
  isStale(key: string): boolean {
    const version = this.written.get(key);
    if (version === undefined) return false;
    if (version > this.watch.resourceVersion) return true;
    this.written.delete(key);
    return false;
  }

  forget(key: string): void {
    this.written.delete(key);
  }
}
