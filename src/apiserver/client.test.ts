import { describe, expect, test } from 'vitest';
import { constant } from '../engine/distributions.ts';
import { MILLISECOND, SECOND } from '../engine/time.ts';
import { EventPhase } from '../record/event-phases.ts';
import { makeApi } from '../testing/api-harness.ts';
import type { ApiHarness } from '../testing/api-harness.ts';
import { makePod } from '../testing/builders.ts';
import { decodedAs } from '../testing/decode.ts';
import type { ClientOptions, ResponseHandler } from './client.ts';
import { Client } from './client.ts';
import type { LatencyProfile } from './latency.ts';
import type { Service } from '../api/core-v1.ts';
import { newObjectMeta } from '../api/meta-v1.ts';
import { instantLatency } from './latency.ts';
import type { ApiRequest, ApiResponse } from './requests.ts';
import { createRequest, deleteRequest, getRequest, patchRequest } from './requests.ts';

/** Hops that cannot be mistaken for each other. */
const stepped: LatencyProfile = {
  name: 'stepped',
  request: constant(1),
  admission: constant(10),
  etcdCommit: constant(100),
  response: constant(1000),
  watch: constant(10_000),
  clientLimits: true,
};

const unlimited: ClientOptions = { name: 'tester', phase: EventPhase.scheduler, queriesPerSecond: 0, burst: 0 };

/** A client and what it hears: time, token, code. */
function listen(
  api: ApiHarness,
  options: Partial<ClientOptions> = {},
): { client: Client; heard: string[]; handler: ResponseHandler } {
  const heard: string[] = [];
  const client = api.server.client({ ...unlimited, ...options });
  const handler = {
    onResponse: (token: number, { code }: ApiResponse) => void heard.push(`${api.engine.now} ${token} ${code}`),
  };
  return { client, heard, handler };
}

describe('the way of a request', () => {
  test('a write pays admission and etcd, a read does not', () => {
    const api = makeApi({ latency: stepped });
    const { client, heard, handler } = listen(api);
    let storedAt = -1;
    api.recorder.observe({ committed: () => void (storedAt = api.engine.now) });
    client.send(createRequest('Pod', makePod('a')), handler, 7);
    client.send(getRequest('Pod', 'default', 'b'), handler, 8);
    api.engine.run({ until: SECOND });
    expect(storedAt).toBe(111);
    expect(heard).toEqual(['1001 8 NotFound', '1111 7 Created']);
  });

  test('who is refused does not wait for etcd', () => {
    const api = makeApi({ latency: stepped });
    const { client, heard, handler } = listen(api);
    client.send(createRequest('Pod', makePod('a')), handler, 1);
    client.send(createRequest('Pod', makePod('a')), handler, 2);
    api.engine.run({ until: SECOND });
    expect(heard).toEqual(['1011 2 AlreadyExists', '1111 1 Created']);
  });

  test('a quota is written before what it counts, and what it refuses is not written', () => {
    const api = makeApi({ latency: stepped });
    const status = { hard: new Map([['pods', 1]]), used: new Map([['pods', 0]]) };
    const metadata = newObjectMeta({ name: 'q', namespace: 'default' });
    const spec = { hard: status.hard, scopes: [], scopeSelector: [] };
    api.server.install('ResourceQuota', { apiVersion: 'v1', kind: 'ResourceQuota', metadata, spec, status });
    const { client, heard, handler } = listen(api);
    client.send(createRequest('Pod', makePod('a')), handler, 1);
    api.engine.run({ until: 5000 });
    client.send(createRequest('Pod', makePod('b')), handler, 2);
    api.engine.run({ until: SECOND });
    expect(heard).toEqual(['1211 1 Created', '2222 2 Forbidden']);
  });

  test('an update that is charged waits for the quota, another one does not', () => {
    const api = makeApi({ latency: stepped });
    const status = { hard: new Map([['services.nodeports', 9]]), used: new Map([['services.nodeports', 0]]) };
    const metadata = newObjectMeta({ name: 'q', namespace: 'default' });
    const spec = { hard: status.hard, scopes: [], scopeSelector: [] };
    api.server.install('ResourceQuota', { apiVersion: 'v1', kind: 'ResourceQuota', metadata, spec, status });
    const raw = { apiVersion: 'v1', kind: 'Service', metadata: { name: 's' }, spec: { ports: [{ port: 80 }] } };
    api.server.install('Service', decodedAs('Service', raw));
    const { client, heard, handler } = listen(api);
    const toType = (type: Service['type']) => (stored: Service) => ({ ...stored, type });
    client.send(patchRequest('Service', 'default', 's', toType('NodePort')), handler, 1);
    api.engine.run({ until: 5000 });
    client.send(patchRequest('Service', 'default', 's', toType('ClusterIP')), handler, 2);
    api.engine.run({ until: SECOND });
    expect(heard).toEqual(['1211 1 OK', '2322 2 OK']);
  });

  test('who has marked a pod without grace has deleted it, whoever is quicker to remove it', () => {
    const api = makeApi({ latency: stepped });
    const { client, heard, handler } = listen(api);
    api.server.install('Pod', makePod('a'));
    const send = (token: number): void =>
      client.send(deleteRequest('Pod', 'default', 'a', { gracePeriodSeconds: 0 }), handler, token);
    for (const [token, at] of [0, 50, 120].entries()) {
      api.engine.run({ until: at });
      send(token);
    }
    api.engine.run({ until: SECOND });
    // Marked after 111, removed after 211: the third marks nothing any more.
    expect(heard).toEqual(['1131 2 NotFound', '1211 0 OK', '1261 1 OK']);
  });

  test('where requests wait for their turn, each is carried out then, and once', () => {
    const api = makeApi({ latency: stepped });
    const { engine, recorder, latency, condition } = api.server;
    const turnOf = (): number => engine.now + 50;
    const writesOf = (): number => 1;
    const stored = () => undefined;
    const execute = (request: ApiRequest): ApiResponse => api.server.execute(request);
    const heard: string[] = [];
    const handler = {
      onResponse: (token: number, { code }: ApiResponse) => void heard.push(`${engine.now} ${token} ${code}`),
    };
    const client = new Client({ engine, recorder, latency, condition, writesOf, stored, turnOf, execute }, unlimited);
    client.send(createRequest('Pod', makePod('a')), handler, 1);
    engine.run({ until: 5000 });
    client.send(createRequest('Pod', makePod('b')), handler, 2);
    engine.run({ until: SECOND });
    expect(heard).toEqual(['1161 1 Created', '2322 2 Created']);
  });

  test('added latency delays the request, not the answer', () => {
    const api = makeApi({ latency: stepped });
    api.server.condition.extraLatencyUs = 5000;
    const { client, heard, handler } = listen(api);
    client.send(getRequest('Pod', 'default', 'a'), handler);
    api.engine.run({ until: SECOND });
    expect(heard).toEqual(['6001 0 NotFound']);
  });

  test('answers are heard in the phase of the component', () => {
    const api = makeApi();
    const phases: number[] = [];
    api.engine.onEvent = (_index, _time, phase) => void phases.push(phase);
    const { client, handler } = listen(api, { phase: EventPhase.controllers });
    client.send(getRequest('Pod', 'default', 'a'), handler);
    api.engine.run({ until: 0 });
    expect(phases).toEqual([EventPhase.apiserver, EventPhase.controllers]);
  });

  test('what a pod passes on its way is told: submitted, admitted, stored', () => {
    const api = makeApi({ latency: stepped });
    const hops: string[] = [];
    api.recorder.observe({ podHop: (_uid, hop, time) => void hops.push(`${hop} ${time}`) });
    const { client } = listen(api);
    client.send(createRequest('Pod', makePod('a')));
    api.engine.run({ until: SECOND });
    expect(hops).toEqual(['submitted 0', 'admitted 11', 'stored 111']);
  });
});

describe('answers', () => {
  test('without a handler nobody is told, with no event', () => {
    const api = makeApi();
    const { client } = listen(api);
    client.send(createRequest('Pod', makePod('a')));
    api.engine.run({ until: 0 });
    expect(api.engine.eventCount).toBe(1);
    expect(api.server.state.get('Pod', 'default', 'a')).toBeDefined();
  });

  test('who hears refusals only is not told of successes', () => {
    const api = makeApi();
    const { client, heard, handler } = listen(api);
    const refusals = { ...handler, hearsRefusalsOnly: true };
    client.send(createRequest('Pod', makePod('a')), refusals, 1);
    client.send(createRequest('Pod', makePod('a')), refusals, 2);
    api.engine.run({ until: 0 });
    expect(heard).toEqual(['0 2 AlreadyExists']);
    expect(api.engine.eventCount).toBe(3);
  });

  test('a request may be sent from within an answer', () => {
    const api = makeApi();
    const { client } = listen(api);
    const names: string[] = [];
    const chain: ResponseHandler = {
      onResponse: (token, response) => {
        names.push(response.object!.metadata.name);
        if (token < 3) client.send(createRequest('Pod', makePod(`p${token + 1}`)), chain, token + 1);
      },
    };
    client.send(createRequest('Pod', makePod('p0')), chain, 0);
    api.engine.run({ until: 0 });
    expect(names).toEqual(['p0', 'p1', 'p2', 'p3']);
  });

  test('every request is told with its duration, heard or not', () => {
    const api = makeApi({ latency: stepped });
    const told: string[] = [];
    api.recorder.observe({
      apiRequest: (client, verb, kind, code, durationUs) =>
        void told.push(`${client} ${verb} ${kind} ${code} ${durationUs}`),
    });
    const { client, handler } = listen(api);
    client.send(createRequest('Pod', makePod('a')), handler);
    client.send(createRequest('Pod', makePod('b')));
    api.engine.run({ until: SECOND });
    expect(told).toEqual(['tester create Pod Created 111', 'tester create Pod Created 1111']);
  });
});

describe('the limit of a client', () => {
  /** Times at which `count` reads sent at once are answered, milliseconds. */
  function answersOf(latency: LatencyProfile, options: Partial<ClientOptions>, count: number): number[] {
    const api = makeApi({ latency });
    const times: number[] = [];
    const client = api.server.client({ ...unlimited, ...options });
    const handler = { onResponse: () => void times.push(api.engine.now / MILLISECOND) };
    for (let i = 0; i < count; i++) client.send(getRequest('Pod', 'default', 'a'), handler);
    api.engine.run({ until: 10 * SECOND });
    return times;
  }

  const limited: LatencyProfile = { ...instantLatency, clientLimits: true };

  test('50 queries per second, burst 100: a hundred at once, then one each 20 ms', () => {
    const times = answersOf(limited, { queriesPerSecond: 50, burst: 100 }, 150);
    expect(times.slice(0, 100).every((time) => time === 0)).toBe(true);
    expect(times.slice(100)).toEqual(Array.from({ length: 50 }, (_, at) => 20 * (at + 1)));
  });

  test('does not hold where the profile says so, nor for 0 queries per second', () => {
    expect(answersOf(instantLatency, { queriesPerSecond: 1, burst: 1 }, 5)).toEqual([0, 0, 0, 0, 0]);
    expect(answersOf(limited, { queriesPerSecond: 0 }, 5)).toEqual([0, 0, 0, 0, 0]);
  });

  test('tokens spent on other things are missing', () => {
    const api = makeApi({ latency: limited });
    const { client, heard, handler } = listen(api, { queriesPerSecond: 10, burst: 2 });
    client.spend();
    client.spend();
    client.send(getRequest('Pod', 'default', 'a'), handler);
    api.engine.run({ until: SECOND });
    expect(heard).toEqual(['100000 0 NotFound']);
  });
});

test('each sender of a shared client has its own limit, and its requests stay in order', () => {
  const latencies = [500, 10, 10];
  const uneven = { mean: 0, sample: () => latencies.shift() ?? 0 };
  const api = makeApi({ latency: { ...instantLatency, clientLimits: true, request: uneven } });
  const { client, heard, handler } = listen(api);
  const [one, other] = [client.flow(1, 2), client.flow(1, 2)];
  client.send(getRequest('Pod', 'default', 'a'), handler, 1, one);
  client.send(getRequest('Pod', 'default', 'a'), handler, 2, one);
  client.send(getRequest('Pod', 'default', 'a'), handler, 3, other);
  client.send(getRequest('Pod', 'default', 'a'), handler, 4, one);
  api.engine.run({ until: 10 * SECOND });
  expect(heard).toEqual(['10 3 NotFound', '500 1 NotFound', '500 2 NotFound', '1000000 4 NotFound']);
});

test('two clients of one name are a mistake of the program', () => {
  const api = makeApi();
  listen(api);
  expect(() => listen(api)).toThrow('registered already');
});
