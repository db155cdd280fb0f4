import { describe, expect, test } from 'vitest';
import { deleteRequest, patchRequest } from '../apiserver/requests.ts';
import { defaultLatency } from '../apiserver/latency.ts';
import { podWith } from '../apiserver/pod-object.ts';
import type { Pod, Service } from '../api/core-v1.ts';
import type { Endpoint, EndpointSlice } from '../api/discovery-v1.ts';
import { metadataWith, newObjectMeta } from '../api/meta-v1.ts';
import { SECOND } from '../engine/time.ts';
import { makeContainer, makePod } from '../testing/builders.ts';
import { ControlPlane, makeReadyNode } from '../testing/control-plane.ts';
import type { ControlPlaneOptions } from '../testing/control-plane.ts';

function planeOf(options: ControlPlaneOptions = {}): ControlPlane {
  return new ControlPlane({
    controllers: ['endpointslice-controller', 'garbage-collector-controller'],
    nodes: [makeReadyNode('n0', 'a'), makeReadyNode('n1', 'b')],
    ...options,
  });
}

function makeService(name: string, parts: Partial<Service> = {}): Service {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: newObjectMeta({ name, namespace: 'shop' }),
    selector: { app: name },
    type: 'ClusterIP',
    clusterIP: '',
    publishNotReadyAddresses: false,
    ports: [{ name: 'http', protocol: 'TCP', port: 80, targetPort: 'web' }],
    ...parts,
  };
}

function makeWebPod(name: string, app = 'web', containerPort = 8080): Pod {
  const ports = [{ name: 'web', containerPort, hostPort: 0, hostIP: '', protocol: 'TCP' }] as const;
  const spec = { containers: [makeContainer({ ports })] };
  return makePod(name, { labels: { app }, spec, metadata: { namespace: 'shop' } });
}

function slicesOf(plane: ControlPlane, name = 'web'): EndpointSlice[] {
  return plane.list('EndpointSlice').filter(({ metadata }) => metadata.labels['kubernetes.io/service-name'] === name);
}

const flags = ({ podName, ready, serving, terminating }: Endpoint): string =>
  `${podName}${ready ? ' ready' : ''}${serving ? ' serving' : ''}${terminating ? ' terminating' : ''}`;

function endpoints(plane: ControlPlane, name = 'web'): string[] {
  return slicesOf(plane, name)
    .flatMap((slice) => slice.endpoints.map(flags))
    .sort((a, b) => (a < b ? -1 : 1));
}

describe('the endpoints of a Service', () => {
  test('are its pods with an address, with their node and zone, under the port number of the container', () => {
    const plane = planeOf();
    plane.create(makeService('web'));
    for (const name of ['a', 'b']) plane.create(makeWebPod(name));
    plane.create(makeWebPod('c', 'other'));
    plane.runTo(5);
    const [slice] = slicesOf(plane);
    expect(slice!.metadata).toMatchObject({
      namespace: 'shop',
      ownerReferences: [{ kind: 'Service', name: 'web', controller: true }],
    });
    expect(slice!.ports).toEqual([{ name: 'http', protocol: 'TCP', port: 8080 }]);
    expect(slice!.endpoints.map(({ podName, nodeName, zone }) => `${podName} ${nodeName} ${zone}`)).toEqual([
      'a n0 a',
      'b n1 b',
    ]);
    expect(endpoints(plane)).toEqual(['a ready serving', 'b ready serving']);
  });

  test('are not ready until the pod is, and still serve while it is going', () => {
    const plane = planeOf({ behavior: () => ({ readyAfter: 5 * SECOND, stopAfter: 10 * SECOND }) });
    plane.create(makeService('web'));
    plane.create(makeWebPod('a'));
    expect(endpoints(plane.runTo(4))).toEqual(['a']);
    expect(endpoints(plane.runTo(6))).toEqual(['a ready serving']);
    plane.at(10, () => plane.delete('Pod', 'a'));
    expect(endpoints(plane.runTo(15))).toEqual(['a serving terminating']);
    expect(endpoints(plane.runTo(25))).toEqual([]);
    expect(slicesOf(plane).map(({ ports }) => ports)).toEqual([[]]);
  });

  test('are called ready before they are where the Service says so', () => {
    const plane = planeOf({ behavior: () => ({ readyAfter: undefined }) });
    plane.create(makeService('web', { publishNotReadyAddresses: true }));
    plane.create(makeWebPod('a'));
    expect(endpoints(plane.runTo(5))).toEqual(['a ready']);
  });

  test('follow the labels of pods and the selector of the Service', () => {
    const plane = planeOf();
    plane.create(makeService('web'));
    plane.create(makeWebPod('a'));
    plane.create(makeWebPod('b', 'next'));
    const relabel = (pod: Pod): Pod =>
      podWith(pod, { metadata: metadataWith(pod.metadata, { labels: { app: 'gone' } }) });
    plane.at(10, () => void plane.api.server.execute(patchRequest('Pod', 'shop', 'a', relabel)));
    expect(endpoints(plane.runTo(11))).toEqual([]);
    const reselect = (service: Service): Service => ({ ...service, selector: { app: 'next' } });
    plane.at(20, () => void plane.api.server.execute(patchRequest('Service', 'shop', 'web', reselect)));
    expect(endpoints(plane.runTo(21))).toEqual(['b ready serving']);
  });

  test('of pods with other port numbers stand in other slices', () => {
    const plane = planeOf();
    plane.create(makeService('web'));
    plane.create(makeWebPod('a'));
    plane.create(makeWebPod('b', 'web', 9090));
    plane.runTo(5);
    expect(slicesOf(plane).map(({ ports }) => ports[0]!.port)).toEqual([8080, 9090]);
  });

  test('are found whether the pods or the Service came first, and through a network', () => {
    const plane = planeOf({ latency: defaultLatency });
    for (const name of ['a', 'b']) plane.create(makeWebPod(name));
    plane.create(makeService('web'));
    plane.create(makeWebPod('c'));
    expect(endpoints(plane.runTo(30))).toEqual(['a ready serving', 'b ready serving', 'c ready serving']);
  });

  test('go with the Service', () => {
    const plane = planeOf();
    plane.create(makeService('web'));
    plane.create(makeWebPod('a'));
    plane.at(10, () => plane.delete('Service', 'web'));
    expect(slicesOf(plane.runTo(20))).toEqual([]);
  });
});

test('a Service without a selector, and one that is only a name, have no slices', () => {
  const plane = planeOf();
  plane.create(makeService('web', { selector: undefined }));
  plane.create(makeService('outside', { type: 'ExternalName' }));
  plane.runTo(5);
  expect(plane.list('EndpointSlice')).toEqual([]);
});

test('a slice that somebody deletes is made again a second later', () => {
  const plane = planeOf();
  plane.create(makeService('web'));
  plane.create(makeWebPod('a'));
  plane.runTo(5);
  const { name } = slicesOf(plane)[0]!.metadata;
  plane.at(10, () => void plane.api.server.execute(deleteRequest('EndpointSlice', 'shop', name)));
  expect(endpoints(plane.runTo(10.9))).toEqual([]);
  expect(endpoints(plane.runTo(11.1))).toEqual(['a ready serving']);
});

test('the slices that the controller writes itself are no reason to look again', () => {
  const plane = planeOf();
  const syncs: number[] = [];
  plane.api.recorder.observe({ reconciled: () => void syncs.push(plane.seconds) });
  plane.create(makeService('web'));
  plane.create(makeWebPod('a'));
  plane.at(5, () => plane.delete('Pod', 'a')).runTo(20);
  expect(syncs.filter((seconds) => ![0, 5, 6].includes(seconds))).toEqual([]);
});

test('pods that no Service selects cost no sync', () => {
  const plane = planeOf();
  plane.create(makeService('web'));
  plane.runTo(1);
  let syncs = 0;
  plane.api.recorder.observe({ reconciled: () => void syncs++ });
  for (let at = 0; at < 50; at++) plane.create(makeWebPod(`p${at}`, 'other'));
  plane.runTo(10);
  expect(syncs).toBe(0);
});
