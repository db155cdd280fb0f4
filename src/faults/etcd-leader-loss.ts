import { uniform } from '../engine/distributions.ts';
import { SECOND } from '../engine/time.ts';
import { defineServiceFault } from './service-fault.ts';

/** A follower waits for one to two election timeouts (1 s) before it stands for election. */
const electionTime = uniform(SECOND, 2 * SECOND);

/** Writes fail until a new leader is elected; reads and watches go on. */
export const etcdLeaderLoss = defineServiceFault({
  name: 'etcdLeaderLoss',
  description: 'etcd loses its leader: writes fail for the time of an election, 1s to 2s unless stated',
  target: 'etcd',
  usualLength: electionTime,
  extra: {},
  begin: (targets) => targets.setEtcdWritable(false),
  end: (targets) => targets.setEtcdWritable(true),
});
