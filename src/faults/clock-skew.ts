import { defineNodeFault } from './node-fault.ts';

/**
 * The times that the kubelet writes (starts and ends of containers, conditions) are off, and with them what others count from
 * them: minReadySeconds, back-off and ttl of Jobs. The node lifecycle controller counts by its own clock from the changes that
 * it sees, so that a node with a wrong clock is not taken for lost.
 */
export const clockSkew = defineNodeFault({
  name: 'clockSkew',
  description: 'the clock of a node is wrong: so are the times that its kubelet writes',
  addsUp: true,
  extra: {
    ahead: { type: 'duration', description: 'so much ahead' },
    behind: { type: 'duration', description: 'so much behind' },
  } as const,
  problem: ({ ahead, behind }) =>
    (ahead === undefined) === (behind === undefined) ? 'needs exactly one of "ahead" and "behind"' : undefined,
  begin: (targets, nodeName, { ahead = 0, behind = 0 }) => targets.shiftClock(nodeName, ahead - behind),
  end: (targets, nodeName, { ahead = 0, behind = 0 }) => targets.shiftClock(nodeName, behind - ahead),
});
