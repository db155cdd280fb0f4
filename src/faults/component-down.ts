import type { ArgumentsOf, ComponentReplicas, ElectedComponent } from './fault.ts';
import { electedComponents } from './fault.ts';
import { defineServiceFault } from './service-fault.ts';

const extra = {
  component: { type: 'choice', choices: electedComponents, description: 'which one', required: true },
  replicas: { type: 'integer', description: 'processes in all, the leader among them; default 1: nobody stands by' },
  leaderElect: { type: 'boolean', description: 'false: a process that starts works at once; default true' },
} as const;

/**
 * The process that leads is gone, and nobody does its work until another one has the lease: 13 to 24 s later where one stands by
 * (lease 15 s, looked at every 2 to 4.4 s), else after the fault. It lists everything anew; what was under way is lost.
 */
export const componentDown = defineServiceFault({
  name: 'componentDown',
  description:
    'the leading kube-scheduler or kube-controller-manager is gone; another one takes over by leader election',
  target: ({ component }) => component,
  extra,
  problem: ({ replicas, leaderElect }) => {
    if (replicas !== undefined && replicas < 1) return '"replicas" must be at least 1';
    return leaderElect === false && (replicas ?? 1) > 1 ? 'more than one replica needs leader election' : undefined;
  },
  begin: (targets, args) => targets.stopComponent(args.component as ElectedComponent, replicasOf(args)),
  end: (targets, args) => targets.startComponent(args.component as ElectedComponent, replicasOf(args)),
});

function replicasOf({ replicas, leaderElect }: ArgumentsOf<typeof extra>): ComponentReplicas {
  return { replicas: replicas ?? 1, leaderElect: leaderElect ?? true };
}
