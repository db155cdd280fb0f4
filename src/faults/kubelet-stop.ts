import { defineNodeFault } from './node-fault.ts';

/** The kubelet process is gone; containers run on unattended. */
export const kubeletStop = defineNodeFault({
  name: 'kubeletStop',
  description: 'the kubelet of a node stops; its containers run on',
  begin: (targets, nodeName) => targets.stopKubelet(nodeName),
  end: (targets, nodeName) => targets.startKubelet(nodeName),
});
