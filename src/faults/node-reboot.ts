import { constant } from '../engine/distributions.ts';
import { SECOND } from '../engine/time.ts';
import { defineNodeFault } from './node-fault.ts';

/** The system goes down, gracefully where the kubelet has a shutdownGracePeriod, and the machine boots again. */
export const nodeReboot = defineNodeFault({
  name: 'nodeReboot',
  description: 'a node is rebooted; how long it lasts (default 10s) goes before the 30s of its boot',
  usualLength: constant(10 * SECOND),
  begin: (targets, nodeName) => targets.shutDownNode(nodeName),
  end: (targets, nodeName) => targets.restoreNode(nodeName),
});
