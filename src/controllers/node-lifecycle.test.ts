import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { patchRequest } from '../apiserver/requests.ts';
import { podWith } from '../apiserver/pod-object.ts';
import type { Node, Pod } from '../api/core-v1.ts';
import { isPodReady } from '../api/pod-conditions.ts';
import { SECOND } from '../engine/time.ts';
import { makeNode, makePod } from '../testing/builders.ts';
import { ControlPlane, makeReadyNode } from '../testing/control-plane.ts';
import type { ControlPlaneOptions } from '../testing/control-plane.ts';
import { hasNoExecute, notReadyTaint, readyStatus, unreachableTaint } from './node-taints.ts';
import { metadataWith } from '../api/meta-v1.ts';

function planeOf(options: ControlPlaneOptions = {}): ControlPlane {
  return new ControlPlane({ controllers: ['node-lifecycle-controller', 'taint-eviction-controller'], ...options });
}

/** Changes of nodes as `seconds node what`, times rounded to milliseconds. */
function watchNodes(plane: ControlPlane): string[] {
  const seen: string[] = [];
  plane.observe('Node', (before, after, seconds) => {
    if (before === undefined || after === undefined) return;
    const note = (what: string): void =>
      void seen.push(`${Math.round(seconds * 1000) / 1000} ${after.metadata.name} ${what}`);
    if (readyStatus(before) !== readyStatus(after)) note(readyStatus(after));
    for (const [node, sign] of [
      [after, '+'],
      [before, '-'],
    ] as const) {
      const other = node === after ? before : after;
      for (const { key, effect } of node.spec.taints) {
        if (other.spec.taints.some((taint) => taint.key === key && taint.effect === effect)) continue;
        note(`${sign}${key.slice('node.kubernetes.io/'.length)}:${effect}`);
      }
    }
  });
  return seen;
}

/** When the first pass is: it greets the nodes. */
function firstPassAt(plane: ControlPlane): number {
  plane.runTo(5.1);
  return plane.events.find(({ reason }) => reason === 'RegisteredNode')!.time;
}

/** Times at which a node gets its NoExecute taint, seconds after the first of them. */
function taintTimes(seen: readonly string[]): number[] {
  const times = seen
    .filter((entry) => entry.includes('+unreachable:NoExecute'))
    .map((entry) => Number(entry.split(' ')[0]));
  return times.map((time) => Math.round((time - times[0]!) * 10) / 10);
}

describe('a node that falls silent', () => {
  test('is Unknown, NoSchedule and NoExecute in one go, and its pods are not ready', () => {
    const plane = planeOf();
    plane.create(makePod('web', { metadata: { namespace: 'shop' } }));
    const seen = watchNodes(plane);
    plane.at(30, () => plane.silence('n0')).runTo(100);
    const at = Number(seen[0]!.split(' ')[0]);
    expect(at).toBeGreaterThan(70);
    expect(at).toBeLessThan(85.1);
    expect(seen.slice(0, 2)).toEqual([`${at} n0 Unknown`, `${at} n0 +unreachable:NoSchedule`]);
    // The tainter comes by every 100 ms.
    const [taintedAt, , taint] = seen[2]!.split(' ');
    expect(taint).toBe('+unreachable:NoExecute');
    expect(Number(taintedAt) - at).toBeGreaterThan(0);
    expect(Number(taintedAt) - at).toBeLessThanOrEqual(0.1);
    expect(isPodReady(plane.get('Pod', 'web')!)).toBe(false);
    const node = plane.get('Node', 'n0', '')!;
    expect(node.status.conditions.map(({ type, status, reason }) => `${type} ${status} ${reason}`)).toEqual([
      'Ready Unknown NodeStatusUnknown',
      'MemoryPressure Unknown NodeStatusNeverUpdated',
      'DiskPressure Unknown NodeStatusNeverUpdated',
      'PIDPressure Unknown NodeStatusNeverUpdated',
    ]);
    expect(plane.events.filter(({ reason }) => reason === 'NodeNotReady').map(({ message }) => message)).toEqual([
      'Node n0 status is now: NodeNotReady',
      'Node is not ready',
    ]);
  });

  test('N1: is noticed 40 to 55 s later, 47.5 s on average', () => {
    const count = 300;
    const names = Array.from({ length: count }, (_, at) => `n${at}`);
    const plane = planeOf({ nodes: count, hasKubelets: false });
    const random = plane.api.engine.random('test');
    const silentAt = new Map<string, number>();
    const delays: number[] = [];
    plane.observe('Node', (before, after, seconds) => {
      if (before !== undefined && readyStatus(before) === 'True' && readyStatus(after!) === 'Unknown')
        delays.push(seconds - silentAt.get(after!.metadata.name)!);
    });
    for (const name of names) {
      plane.heartbeats.setPhase(name, Math.floor(random.double() * 10 * SECOND));
      const seconds = 20 + Math.floor(random.double() * 1e9) / 1e6;
      silentAt.set(name, seconds);
      plane.at(seconds, () => plane.silence(name));
    }
    plane.runTo(1200);
    expect(delays).toHaveLength(count);
    expect(Math.min(...delays)).toBeGreaterThan(40);
    // Eleven passes of 5.01 s at most.
    expect(Math.max(...delays)).toBeLessThan(55.2);
    // Standard deviation 3.23 s (of U(0,10) less U(0,5)): 4 standard errors.
    expect(Math.abs(delays.reduce((sum, delay) => sum + delay, 0) / count - 47.6)).toBeLessThan(
      (4 * 3.23) / Math.sqrt(count),
    );
  });

  test('for 35 s leaves no trace', () => {
    const plane = planeOf();
    const seen = watchNodes(plane);
    plane
      .at(30, () => plane.silence('n0'))
      .at(65, () => plane.revive('n0'))
      .runTo(300);
    expect(seen).toEqual([]);
  });

  test('and comes back is schedulable at once, and free of NoExecute at the next pass', () => {
    const plane = planeOf();
    const first = firstPassAt(plane);
    const seen = watchNodes(plane);
    plane
      .at(30, () => plane.silence('n0'))
      .at(200.5, () => plane.revive('n0'))
      .runTo(300);
    const pass = (first + Math.ceil((200.5 * SECOND - first) / 5_010_000) * 5_010_000) / SECOND;
    expect(seen.slice(-3)).toEqual([
      '200.5 n0 True',
      '200.5 n0 -unreachable:NoSchedule',
      `${Math.round(pass * 1000) / 1000} n0 -unreachable:NoExecute`,
    ]);
  });

  test('loses its pods 300 s after the taint, 340 to 355 s after the crash', () => {
    const plane = planeOf({ behavior: () => ({ stopAfter: undefined }) });
    plane.create(makePod('web', { metadata: { namespace: 'shop' } }));
    let deletedAt = -1;
    plane.observe('Pod', (before, after, seconds) => {
      if (after?.metadata.deletionTimestamp !== undefined && before?.metadata.deletionTimestamp === undefined)
        deletedAt = seconds;
    });
    const seen = watchNodes(plane);
    plane.at(30, () => plane.silence('n0')).runTo(600);
    const taintedAt = Number(seen.find((entry) => entry.includes(':NoExecute'))!.split(' ')[0]);
    expect(deletedAt).toBeCloseTo(taintedAt + 300, 5);
    expect(deletedAt - 30).toBeGreaterThan(340);
    expect(deletedAt - 30).toBeLessThan(355.3);
  });
});

describe('a node that', () => {
  test('says itself that it is not ready is tainted at the next pass, and its pods keep their own word', () => {
    const plane = planeOf();
    plane.create(makePod('web', { metadata: { namespace: 'shop' } }));
    const first = firstPassAt(plane);
    const seen = watchNodes(plane);
    plane
      .at(30.5, () => plane.postReady('n0', 'False'))
      .at(60.5, () => plane.postReady('n0', 'True'))
      .runTo(100);
    const passAfter = (seconds: number): number =>
      (first + Math.ceil((seconds * SECOND - first) / 5_010_000) * 5_010_000) / SECOND;
    const [, , tainted, , , cleared] = seen;
    expect(seen.map((entry) => entry.split(' ').slice(2).join(' '))).toEqual([
      'False',
      '+not-ready:NoSchedule',
      '+not-ready:NoExecute',
      'True',
      '-not-ready:NoSchedule',
      '-not-ready:NoExecute',
    ]);
    expect(Number(tainted!.split(' ')[0]) - passAfter(30.5)).toBeGreaterThanOrEqual(0);
    expect(Number(tainted!.split(' ')[0]) - passAfter(30.5)).toBeLessThanOrEqual(0.1);
    expect(Number(cleared!.split(' ')[0])).toBeCloseTo(passAfter(60.5), 3);
    expect(isPodReady(plane.get('Pod', 'web')!)).toBe(true);
  });

  test('was not ready and then falls silent has its taints swapped at once, as far as writers do not meet', () => {
    const plane = planeOf();
    const seen = watchNodes(plane);
    plane
      .at(30, () => plane.postReady('n0', 'False'))
      .at(40, () => plane.silence('n0'))
      .runTo(200);
    const from = seen.findIndex((entry) => entry.endsWith('Unknown'));
    const unknownAt = Number(seen[from]!.split(' ')[0]);
    const swapped = seen.slice(from + 1).map((entry) => entry.split(' '));
    expect(swapped.map((entry) => entry[2]).toSorted()).toEqual([
      '+unreachable:NoExecute',
      '+unreachable:NoSchedule',
      '-not-ready:NoExecute',
      '-not-ready:NoSchedule',
    ]);
    // Who finds the node changed comes back 100 to 200 ms later, and each taint costs one write.
    for (const [at] of swapped) expect(Number(at) - unknownAt).toBeLessThanOrEqual(0.4);
    expect(Number(swapped[0]![0])).toBe(unknownAt);
  });

  test('never says a word is Unknown 60 s after its creation', () => {
    const plane = planeOf({ hasKubelets: false });
    plane.heartbeats.setPhase('mute', 1e12);
    const seen = watchNodes(plane);
    plane.at(20, () => plane.create(makeNode('mute'))).runTo(200);
    const node = plane.get('Node', 'mute', '')!;
    expect(node.status.conditions[0]).toMatchObject({
      type: 'Ready',
      status: 'Unknown',
      reason: 'NodeStatusNeverUpdated',
    });
    const taintedAt = Number(seen.find((entry) => entry.includes('unreachable:NoExecute'))!.split(' ')[0]);
    expect(taintedAt).toBeGreaterThan(80);
    expect(taintedAt).toBeLessThan(85.2);
    expect(seen[0]!.endsWith('-not-ready:NoSchedule')).toBe(false);
  });

  test('registers ready, renews once and is silent has the ordinary grace', () => {
    const plane = planeOf({ hasKubelets: false });
    plane.heartbeats.setPhase('late', 20 * SECOND);
    const seen = watchNodes(plane);
    plane
      .at(20, () => plane.create(makeReadyNode('late')))
      .at(20.1, () => plane.silence('late'))
      .runTo(200);
    const unknownAt = Number(seen.find((entry) => entry.includes('late Unknown'))!.split(' ')[0]);
    expect(unknownAt - 20).toBeGreaterThan(50);
    expect(unknownAt - 20).toBeLessThan(55.2);
  });

  test('posts a status after its last renewal counts from there', () => {
    const plane = planeOf({ hasKubelets: false });
    const seen = watchNodes(plane);
    // Renewals at 0, 10, 20 and 30 s.
    plane
      .at(39, () => plane.postReady('n0', 'False'))
      .at(39.5, () => plane.silence('n0'))
      .runTo(200);
    const unknownAt = Number(seen.find((entry) => entry.includes('n0 Unknown'))!.split(' ')[0]);
    expect(unknownAt).toBeGreaterThan(89);
    expect(unknownAt).toBeLessThan(94.3);
  });

  test('is cordoned has the taint of it until it is not', () => {
    const plane = planeOf();
    const cordon = (unschedulable: boolean) => (): void =>
      plane.change('Node', 'n0', (spec) => ({ ...spec, unschedulable }));
    const seen = watchNodes(plane);
    plane.at(10, cordon(true)).at(20, cordon(false)).runTo(30);
    expect(seen).toEqual(['10 n0 +unschedulable:NoSchedule', '20 n0 -unschedulable:NoSchedule']);
  });

  test('is deleted is taken leave of', () => {
    const plane = planeOf({ hasKubelets: false });
    plane.at(10, () => plane.delete('Node', 'n0', {}, '')).runTo(20);
    const told = plane.events.map(({ message }) => message);
    expect(told.slice(0, 3).toSorted()).toEqual([
      'Node n0 event: Registered Node n0 in Controller',
      'Node n1 event: Registered Node n1 in Controller',
      'Node n2 event: Registered Node n2 in Controller',
    ]);
    expect(told.slice(3)).toEqual(['Node n0 event: Removing Node n0 from Controller']);
  });
});

/** So many nodes of a zone, named zone0, zone1 ... */
const zone = (name: string, count: number): Node[] =>
  first(name, count).map((nodeName) => makeReadyNode(nodeName, name));

const first = (name: string, count: number): string[] => Array.from({ length: count }, (_, at) => `${name}${at}`);

describe('zones', () => {
  function lose(nodes: readonly Node[], lost: readonly string[]) {
    const plane = planeOf({ nodes, hasKubelets: false });
    const seen = watchNodes(plane);
    plane.at(100, () => lost.forEach((name) => plane.silence(name)));
    return { plane, seen };
  }
  test('N3: 54 of 100 nodes are tainted one every 10 s, the last after 530 s, and its pods go 300 s later', () => {
    const { plane, seen } = lose([...zone('a', 100), ...zone('b', 3)], first('a', 54));
    // All that are on a silent node are put there before: one pod on each.
    for (const name of first('a', 54))
      plane.create(makePod(`on-${name}`, { spec: { nodeName: name }, metadata: { namespace: 'shop' } }));
    let lastDeletion = 0;
    let taintedAt = 0;
    plane.observe('Pod', (_before, after, seconds) => {
      if (after?.metadata.deletionTimestamp !== undefined) lastDeletion = seconds;
    });
    plane.runTo(1200);
    expect(taintTimes(seen)).toEqual(Array.from({ length: 54 }, (_, at) => at * 10));
    taintedAt = Number(seen.find((entry) => entry.includes(':NoExecute'))!.split(' ')[0]);
    expect(lastDeletion - taintedAt).toBeCloseTo(830, 1);
  });

  test('N4: 56 of 100 are a partial disruption of a large zone: one every 100 s', () => {
    const { plane, seen } = lose([...zone('a', 100), ...zone('b', 3)], first('a', 56));
    plane.runTo(6000);
    const times = taintTimes(seen);
    expect(times).toHaveLength(56);
    expect(times.slice(0, 3)).toEqual([0, 100, 200]);
    expect(times.at(-1)).toBe(5500);
  });

  test('N4: 30 of 50 are a partial disruption of a small zone: none', () => {
    const { plane, seen } = lose([...zone('a', 50), ...zone('b', 3)], first('a', 30));
    plane.runTo(3000);
    expect(seen.filter((entry) => entry.endsWith('Unknown'))).toHaveLength(30);
    expect(taintTimes(seen)).toEqual([]);
  });

  test('N4: 2 of 3 are not yet a disruption', () => {
    const { plane, seen } = lose([...zone('a', 3), ...zone('b', 3)], first('a', 2));
    plane.runTo(300);
    expect(taintTimes(seen)).toEqual([0, 10]);
  });

  test('N5: all of one zone, while another lives, go one every 10 s', () => {
    const { plane, seen } = lose([...zone('a', 6), ...zone('b', 1)], first('a', 6));
    plane.runTo(300);
    expect(taintTimes(seen)).toEqual([0, 10, 20, 30, 40, 50]);
  });

  test('N5: two zones at once go in parallel, each at its own rate', () => {
    const { plane, seen } = lose(
      [...zone('a', 3), ...zone('b', 3), ...zone('c', 1)],
      [...first('a', 3), ...first('b', 3)],
    );
    plane.runTo(300);
    expect(taintTimes(seen)).toEqual([0, 0, 10, 10, 20, 20]);
  });

  test('N5: when all zones are lost nobody is evicted, and what was tainted is cleared', () => {
    const { plane, seen } = lose([...zone('a', 3), ...zone('b', 2)], first('a', 3));
    plane.at(150, () => first('b', 2).forEach((name) => plane.silence(name))).runTo(600);
    expect(plane.list('Node').filter((node) => hasNoExecute(node, unreachableTaint))).toEqual([]);
    expect(seen.filter((entry) => entry.includes('-unreachable:NoExecute'))).toHaveLength(3);
    expect(plane.list('Node').every((node) => readyStatus(node) === 'Unknown')).toBe(true);
    // One node is back: its zone and the other go on, from empty buckets.
    plane.at(700, () => plane.revive('b0')).runTo(800);
    const again = seen.slice(seen.indexOf('700 b0 True')).filter((entry) => entry.includes('+unreachable:NoExecute'));
    const times = again.map((entry) => Number(entry.split(' ')[0]) - 700);
    expect(times).toHaveLength(4);
    // A pass within 5 s notices it, the first taint comes 10 s after, then one every 10 s; zone b has one node.
    expect(times[0]).toBeGreaterThan(10);
    expect(times[0]).toBeLessThan(15.2);
    expect(times.map((time) => Math.round((time - times[0]!) * 10) / 10)).toEqual([0, 0, 10, 20]);
  });

  test('N5: after such a darkness every node has a fresh grace, also one that fell silent within it', () => {
    const excluded = makeReadyNode('x', 'b');
    const labels = { ...excluded.metadata.labels, 'node.kubernetes.io/exclude-disruption': '' };
    // A node that does not count for its zone may be ready while the zone is dark.
    const uncounted = { ...excluded, metadata: { ...excluded.metadata, labels } };
    const { plane, seen } = lose([...zone('a', 2), ...zone('b', 1), uncounted], [...first('a', 2), ...first('b', 1)]);
    plane
      .at(380, () => plane.silence('x'))
      .at(400, () => plane.revive('b0'))
      .runTo(600);
    const unknownAt = Number(seen.find((entry) => entry.endsWith('x Unknown'))!.split(' ')[0]);
    // Not at 430 to 435 s: 50 s from the pass that saw the light.
    expect(unknownAt).toBeGreaterThan(450);
    expect(unknownAt).toBeLessThan(460.3);
  });
});

describe('arithmetic instead of looking', () => {
  interface Span {
    readonly node: number;
    readonly silentAt: number;
    readonly lasts: number;
  }

  /** Looks at every node at every pass, as upstream does; returns `time node status` in microseconds. */
  function pollEveryPass(plane: ControlPlane, first: number, spans: readonly Span[], until: number): string[] {
    const nodes = new Map<string, { probe: number; renewal: number; status: string; posted: number }>();
    const seen: string[] = [];
    const returns = spans.map(({ node, silentAt, lasts }) => ({ name: `n${node}`, at: silentAt + lasts }));
    for (let pass = first; pass <= until; pass += 5_010_000) {
      for (let node = 0; node < 4; node++) {
        const name = `n${node}`;
        const state = nodes.get(name) ?? { probe: -1, renewal: -1, status: 'True', posted: -1 };
        nodes.set(name, state);
        const posted = returns.filter((back) => back.name === name && back.at <= pass).at(-1)?.at ?? -1;
        if (posted > state.posted) {
          state.posted = posted;
          state.probe = pass;
          if (state.status === 'Unknown') seen.push(`${posted} ${name} True`);
          state.status = 'True';
        }
        const renewal = plane.heartbeats.lastRenewal(name, pass);
        if (state.probe < 0 || renewal > state.renewal) state.probe = pass;
        state.renewal = renewal;
        if (state.status === 'True' && pass > state.probe + 50 * SECOND) {
          state.status = 'Unknown';
          seen.push(`${pass} ${name} Unknown`);
        }
      }
    }
    return seen;
  }

  test('finds what a poller finds that looks at every node every 5.01 s', () => {
    const span = fc.record({
      node: fc.nat(1),
      silentAt: fc.integer({ min: 6 * SECOND, max: 300 * SECOND }),
      lasts: fc.integer({ min: SECOND, max: 200 * SECOND }),
    });
    const phases = fc.array(fc.nat(10 * SECOND - 1), { minLength: 4, maxLength: 4 });
    fc.assert(
      fc.property(fc.array(span, { maxLength: 4 }), phases, fc.nat(1000), (drawn, phase, seed) => {
        const spans = withoutOverlap(drawn);
        const plane = planeOf({ nodes: 4, hasKubelets: false, seed: `s${seed}` });
        phase.forEach((phaseUs, node) => plane.heartbeats.setPhase(`n${node}`, phaseUs - 10 * SECOND));
        const first = firstPassAt(plane);
        const seen: string[] = [];
        plane.observe('Node', (before, after) => {
          const status = readyStatus(after!);
          if (readyStatus(before!) !== status) seen.push(`${plane.api.engine.now} ${after!.metadata.name} ${status}`);
        });
        const polled: string[] = [];
        const until = 600 * SECOND;
        // The poller needs the renewals as they were at each pass, so both run side by side in stretches.
        const marks = spans.flatMap(({ node, silentAt, lasts }) => [
          { at: silentAt, act: () => plane.silence(`n${node}`) },
          { at: silentAt + lasts, act: () => plane.revive(`n${node}`) },
        ]);
        for (const { at, act } of marks) plane.at(at / SECOND, act);
        const history = recordRenewals(plane, marks, until);
        plane.runTo(until / SECOND);
        const model = { heartbeats: history } as unknown as ControlPlane;
        polled.push(...pollEveryPass(model, first, spans, until));
        expect(seen.toSorted()).toEqual(polled.toSorted());
      }),
      { numRuns: 60 },
    );
  });

  /** One silence of a node after the other. */
  function withoutOverlap(spans: readonly Span[]): Span[] {
    const free = [0, 0];
    const kept: Span[] = [];
    for (const span of spans.toSorted((a, b) => a.silentAt - b.silentAt)) {
      if (span.silentAt <= free[span.node]!) continue;
      free[span.node] = span.silentAt + span.lasts + SECOND;
      kept.push(span);
    }
    return kept;
  }

  /** The renewals of a whole run, so that they can be asked for afterwards. */
  function recordRenewals(
    plane: ControlPlane,
    marks: readonly { readonly at: number }[],
    until: number,
  ): { lastRenewal(name: string, now: number): number } {
    const renewals = new Map<string, number[]>();
    const note = (): void => {
      for (let node = 0; node < 4; node++) {
        const name = `n${node}`;
        const list = renewals.get(name) ?? [];
        const renewal = plane.heartbeats.lastRenewal(name, plane.api.engine.now);
        if (renewal !== list.at(-1)) list.push(renewal);
        renewals.set(name, list);
      }
    };
    for (let at = 5.5 * SECOND; at < until; at += SECOND) plane.at(at / SECOND, note);
    for (const { at } of marks) plane.at(at / SECOND, note);
    return {
      lastRenewal: (name, now) =>
        renewals
          .get(name)!
          .filter((renewal) => renewal <= now)
          .at(-1) ?? -1,
    };
  }
});

test('a pod that is bound to a node which has been tainted is judged by its tolerations', () => {
  const plane = planeOf({ hasKubelets: false });
  plane.at(30, () => plane.silence('n0')).runTo(100);
  expect(hasNoExecute(plane.get('Node', 'n0', '')!, unreachableTaint)).toBe(true);
  expect(hasNoExecute(plane.get('Node', 'n0', '')!, notReadyTaint)).toBe(false);
  const tolerations = [{ key: '', operator: 'Exists', value: '', effect: '', tolerationSeconds: 20 }] as const;
  plane.create(makePod('late', { spec: { nodeName: 'n0', tolerations }, metadata: { namespace: 'shop' } }));
  const touch = (pod: Pod): Pod => podWith(pod, { metadata: metadataWith(pod.metadata, { annotations: { a: 'b' } }) });
  plane.at(110, () => void plane.api.server.execute(patchRequest('Pod', 'shop', 'late', touch)));
  plane.runTo(119.9);
  expect(plane.get('Pod', 'late')!.metadata.deletionTimestamp).toBeUndefined();
  plane.runTo(121);
  expect(plane.get('Pod', 'late')!.metadata.deletionTimestamp).toBeDefined();
});
