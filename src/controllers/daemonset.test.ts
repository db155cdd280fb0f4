import { expect, test } from 'vitest';
import type { DaemonSet } from '../api/apps-v1.ts';
import type { Node, Taint } from '../api/core-v1.ts';
import { metadataWith } from '../api/meta-v1.ts';
import { patchRequest } from '../apiserver/requests.ts';
import { ControlPlane, makeReadyNode } from '../testing/control-plane.ts';
import { decodedAs, rawWorkload } from '../testing/decode.ts';
import { targetNode } from './daemonset-placement.ts';

function planeOf(spec: object = {}, podSpec: object = {}): ControlPlane {
  // No pod is bound here: the plan counts pods by the node that they are meant for.
  const plane = new ControlPlane({ controllers: ['daemonset-controller'], hasKubelets: false, nodes: 3 });
  const raw = { ...rawWorkload('StatefulSet', spec, podSpec), kind: 'DaemonSet' };
  const set = decodedAs('DaemonSet', raw);
  plane.create({ ...set, metadata: metadataWith(set.metadata, { namespace: 'shop' }) });
  return plane;
}

function taint(plane: ControlPlane, name: string, effect: Taint['effect']): void {
  const taints = [{ key: 'x', value: '', effect, timeAdded: undefined }];
  const change = (node: Node): Node => ({ ...node, spec: { ...node.spec, taints } });
  plane.api.server.execute(patchRequest('Node', '', name, change));
}

const nodesOf = (plane: ControlPlane): string[] =>
  plane
    .list('Pod')
    .map(targetNode)
    .sort((a, b) => (a < b ? -1 : 1));

test('every node has one pod, also one that joins later', () => {
  const plane = planeOf().runTo(1);
  expect(nodesOf(plane)).toEqual(['n0', 'n1', 'n2']);
  plane.create(makeReadyNode('n9'));
  plane.runTo(1.5);
  // A new node is tainted as not ready until its controller has seen it, which does not run here.
  expect(nodesOf(plane)).toEqual(['n0', 'n1', 'n2']);
  const change = (node: Node): Node => ({ ...node, spec: { ...node.spec, taints: [] } });
  plane.api.server.execute(patchRequest('Node', '', 'n9', change));
  expect(nodesOf(plane.runTo(2))).toEqual(['n0', 'n1', 'n2', 'n9']);
});

test('a NoSchedule taint leaves the pod where it is, a NoExecute taint does not', () => {
  const plane = planeOf().runTo(1);
  taint(plane, 'n0', 'NoSchedule');
  taint(plane, 'n1', 'NoExecute');
  expect(nodesOf(plane.runTo(2))).toEqual(['n0', 'n2']);
  const { status } = plane.get('DaemonSet', 'w')!;
  expect([status.desiredNumberScheduled, status.numberMisscheduled]).toEqual([1, 1]);
});

test('a pod is meant for its node by name only, and tolerates dead nodes and cordons', () => {
  const plane = planeOf().runTo(1);
  const { affinity, tolerations } = plane.list('Pod')[0]!.spec;
  expect(affinity!.nodeAffinity!.required).toEqual([
    { matchExpressions: [], matchFields: [{ key: 'metadata.name', operator: 'In', values: ['n0'] }] },
  ]);
  const keys = tolerations.map(({ key }) => key.slice('node.kubernetes.io/'.length));
  expect(keys.filter((key) => ['not-ready', 'unreachable', 'unschedulable'].includes(key))).toHaveLength(3);
});

test('a new template replaces one pod after the other, and waits for each to be available', () => {
  const plane = planeOf().runTo(1);
  const change = (set: DaemonSet): DaemonSet => {
    const { template } = set.spec;
    const container = { ...template.spec.containers[0]!, image: 'i:2' };
    return {
      ...set,
      spec: { ...set.spec, template: { ...template, spec: { ...template.spec, containers: [container] } } },
    };
  };
  plane.api.server.execute(patchRequest('DaemonSet', 'shop', 'w', change));
  plane.runTo(60);
  // No pod is ever available here: old pods that are not available go freely, and all are new in the end.
  expect(plane.list('Pod').map(({ spec }) => spec.containers[0]!.image)).toEqual(['i:2', 'i:2', 'i:2']);
  expect(plane.get('DaemonSet', 'w')!.status.updatedNumberScheduled).toBe(3);
});

test('a set that is made anew takes the pods of its forerunner as they are, until its template changes', () => {
  // Upstream IsPodUpdated: the pods were made from the first template, and so is the first template of the new set.
  const plane = new ControlPlane({ controllers: ['daemonset-controller', 'garbage-collector-controller'], nodes: 3 });
  const daemons = (image: string): DaemonSet => {
    const raw = { ...rawWorkload('StatefulSet'), kind: 'DaemonSet' };
    const set = decodedAs('DaemonSet', raw);
    const containers = set.spec.template.spec.containers.map((container) => ({ ...container, image }));
    const template = { ...set.spec.template, spec: { ...set.spec.template.spec, containers } };
    return { ...set, metadata: metadataWith(set.metadata, { namespace: 'shop' }), spec: { ...set.spec, template } };
  };
  const imagesOf = (): string[] => plane.list('Pod').map(({ spec }) => spec.containers[0]!.image);
  plane.create(daemons('app:1'));
  plane.at(20, () => plane.delete('DaemonSet', 'w', { propagation: 'Orphan' }));
  plane.at(30, () => plane.create(daemons('app:2'))).runTo(100);
  expect(imagesOf()).toEqual(['app:1', 'app:1', 'app:1']);
  expect(plane.get('DaemonSet', 'w')!.status.updatedNumberScheduled).toBe(3);
  const change = (set: DaemonSet): DaemonSet => ({ ...set, spec: { ...set.spec, ...daemons('app:3').spec } });
  plane.api.server.execute(patchRequest('DaemonSet', 'shop', 'w', change));
  plane.runTo(300);
  expect(imagesOf()).toEqual(['app:3', 'app:3', 'app:3']);
});
