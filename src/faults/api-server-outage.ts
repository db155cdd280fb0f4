import { defineServiceFault } from './service-fault.ts';

/** Nobody can write or read; kubelets and containers run on, leases are not renewed. */
export const apiServerOutage = defineServiceFault({
  name: 'apiServerOutage',
  description: 'the API server refuses every request, or only writes (etcd without a leader)',
  target: ({ writesOnly }) => (writesOnly === true ? 'writes of kube-apiserver' : 'kube-apiserver'),
  stream: 'kube-apiserver',
  extra: { writesOnly: { type: 'boolean', description: 'true: etcd has no leader, reads still work' } } as const,
  begin: (targets, args) =>
    args.writesOnly === true ? targets.setEtcdWritable(false) : targets.setApiServerAvailable(false),
  end: (targets, args) =>
    args.writesOnly === true ? targets.setEtcdWritable(true) : targets.setApiServerAvailable(true),
});
