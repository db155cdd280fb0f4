import { describe, expect, test } from 'vitest';
import type { Deployment } from '../api/apps-v1.ts';
import type { Service } from '../api/core-v1.ts';
import { newObjectMeta } from '../api/meta-v1.ts';
import { defaultLatency } from '../apiserver/latency.ts';
import { podWith, withMetadata } from '../apiserver/pod-object.ts';
import { patchRequest } from '../apiserver/requests.ts';
import { MILLISECOND, MINUTE, SECOND } from '../engine/time.ts';
import type { ApiHarness } from '../testing/api-harness.ts';
import { makeApi, makeCustom, makeDeployment, makeJob, makeNamespace, makeTemplate } from '../testing/api-harness.ts';
import { makeContainer, makeNode, makePod } from '../testing/builders.ts';
import type { ManifestObject } from './manifest-object.ts';
import type { TimedUserAction, UserActionSpec } from './user-action.ts';
import { Workload } from './workload.ts';

const deployment = (object: Deployment): ManifestObject => ({ kind: 'Deployment', object });
const apply = (...objects: ManifestObject[]): UserActionSpec => ({ verb: 'apply', objects });
const web = { kind: 'Deployment', namespace: 'shop', name: 'web' } as const;
const storedWeb = ({ server }: ApiHarness): Deployment => server.state.get('Deployment', 'shop', 'web')!;

/** Lets a user act, one action every 10 s from the start. */
function act(api: ApiHarness, actions: readonly UserActionSpec[], until = 1000 * SECOND): ApiHarness {
  const timed = actions.map((action, at): TimedUserAction => ({ at: at * 10 * SECOND, action }));
  new Workload(api.server, timed, []).start();
  api.engine.run({ until });
  return api;
}

/** The messages of what failed. */
const failures = ({ userActions }: ApiHarness): string[] =>
  userActions.map(({ message }) => message).filter((message) => message !== '');

describe('apply', () => {
  test('creates what is not there, in the order of the manifest but for kinds without a namespace', () => {
    const api = makeApi();
    const created: string[] = [];
    api.recorder.observe({ committed: (kind, _slot, _before, after) => void created.push(`${kind} ${after!.metadata.name}`) });
    act(api, [
      apply(
        deployment({ ...makeDeployment('web'), metadata: newObjectMeta({ name: 'web', namespace: 'fresh' }) }),
        { kind: 'Job', object: makeJob('once') },
        { kind: 'Namespace', object: makeNamespace('fresh') },
      ),
    ]);
    expect(created).toEqual(['Namespace fresh', 'Deployment web', 'Job once']);
    expect(api.userActions).toEqual([
      { verb: 'apply', target: 'Namespace fresh', startedAt: 0, message: '' },
      { verb: 'apply', target: 'Deployment fresh/web', startedAt: 0, message: '' },
      { verb: 'apply', target: 'Job shop/once', startedAt: 0, message: '' },
    ]);
  });

  test('again without a change writes nothing', () => {
    const manifests = [
      deployment(makeDeployment('web')),
      { kind: 'Job', object: makeJob('once') },
      { kind: 'Pod', object: makePod('bare') },
      { kind: 'Custom', object: makeCustom('v1', 'ConfigMap', 'settings') },
    ] as const;
    const fresh = [
      deployment(makeDeployment('web')),
      { kind: 'Job', object: makeJob('once') },
      { kind: 'Pod', object: makePod('bare') },
      { kind: 'Custom', object: makeCustom('v1', 'ConfigMap', 'settings') },
    ] as const;
    const api = makeApi();
    let writes = 0;
    api.recorder.observe({ committed: () => void writes++ });
    act(api, [apply(...manifests), apply(...fresh)]);
    expect(failures(api)).toEqual([]);
    expect(writes).toBe(4);
  });

  test('changes the spec and keeps identity, status and foreign labels; an equal template stays the very same', () => {
    const api = act(makeApi(), [apply(deployment(makeDeployment('web')))]);
    const { server } = api;
    const label = (current: Deployment): Deployment =>
      withMetadata(current, { ...current.metadata, annotations: { 'deployment.kubernetes.io/revision': '1' } });
    server.execute(patchRequest('Deployment', 'shop', 'web', label));
    const before = storedWeb(api);
    const more = makeDeployment('web', { replicas: 5 });
    const next = makeApi();
    void next;
    const second = new Workload(renamed(server), [{ at: api.engine.now, action: apply(deployment(more)) }], []);
    second.start();
    api.engine.run({ until: 2000 * SECOND });
    const after = storedWeb(api);
    expect(after.spec.replicas).toBe(5);
    expect(after.spec.template).toBe(before.spec.template);
    expect(after.status).toBe(before.status);
    expect(after.metadata).toEqual({
      ...before.metadata,
      generation: before.metadata.generation + 1,
      resourceVersion: after.metadata.resourceVersion,
    });
  });
});
