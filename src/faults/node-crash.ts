import { defineNodeFault } from './node-fault.ts';

/** The machine stops: kubelet and containers die, the lease is renewed no more. Its end is a reboot. */
export const nodeCrash = defineNodeFault({
  name: 'nodeCrash',
  description: 'a node loses power: kubelet and containers stop; at the end it reboots',
  begin: (targets, nodeName) => targets.crashNode(nodeName),
  end: (targets, nodeName) => targets.restoreNode(nodeName),
});
