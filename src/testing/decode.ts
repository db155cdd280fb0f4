/** Reads manifests in tests. */
import type { DecodedObject } from '../api/decode/decode-object.ts';
import { decodeObject } from '../api/decode/decode-object.ts';
import type { Kind, KindMap } from '../api/kinds.ts';
import { assert } from '../util/assert.ts';

/** The object of a sound manifest of one kind. */
export function decodedAs<K extends Kind>(kind: K, raw: unknown): KindMap[K] {
  const decoded: DecodedObject = decodeObject(raw);
  assert(decoded.ok, decoded.ok ? '' : decoded.problems.map(({ message }) => message).join('\n'));
  assert(decoded.kind === kind, `decoded as ${decoded.kind}`);
  return decoded.object as KindMap[K];
}

/** What the API server would say of a manifest. */
export function problemsOf(raw: unknown): readonly string[] {
  const decoded = decodeObject(raw);
  return decoded.ok ? [] : decoded.problems.map(({ message }) => message);
}

/** A raw pod; `spec` completes a container called `c` with the image `i`. */
export function rawPod(spec: object = {}, metadata: object = {}): object {
  const containers = [{ name: 'c', image: 'i:1' }];
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', ...metadata }, spec: { containers, ...spec } };
}

/** A raw pod whose only container has these fields too. */
export function rawPodWith(container: object): object {
  return rawPod({ containers: [{ name: 'c', image: 'i:1', ...container }] });
}

/** A raw workload of the label app=web. */
export function rawWorkload(
  kind: 'Deployment' | 'ReplicaSet' | 'StatefulSet' | 'Job',
  spec: object = {},
  podSpec: object = {},
): object {
  const isJob = kind === 'Job';
  const template = {
    metadata: { labels: { app: 'web' } },
    spec: { ...(isJob && { restartPolicy: 'Never' }), containers: [{ name: 'c', image: 'i:1' }], ...podSpec },
  };
  return {
    apiVersion: isJob ? 'batch/v1' : 'apps/v1',
    kind,
    metadata: { name: 'w' },
    spec: { ...(!isJob && { selector: { matchLabels: { app: 'web' } } }), template, ...spec },
  };
}
