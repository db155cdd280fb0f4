import { defineServiceFault } from './service-fault.ts';

/**
 * Every request and every watch event takes longer by a constant. From 5 s on leaders of the control plane, from 10 s on kubelets wait in vain for
 * the answers that renew their leases.
 */
export const apiServerLatency = defineServiceFault({
  name: 'apiServerLatency',
  description: 'requests and watch events take longer',
  addsUp: true,
  target: 'kube-apiserver',
  extra: {
    request: { type: 'duration', description: 'added to every request' },
    watch: { type: 'duration', description: 'added to every watch event' },
  } as const,
  problem: (args) =>
    args.request === undefined && args.watch === undefined ? 'needs "request" or "watch"' : undefined,
  begin: (targets, args) => targets.addApiServerLatency(args.request ?? 0, args.watch ?? 0),
  end: (targets, args) => targets.addApiServerLatency(-(args.request ?? 0), -(args.watch ?? 0)),
});
