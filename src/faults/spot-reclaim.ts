import { SECOND } from '../engine/time.ts';
import { defineNodeFault } from './node-fault.ts';

/** Amazon gives two minutes of notice, Google and Azure 30 seconds. */
const usualNotice = 120 * SECOND;

/** Notice: a taint, and the graceful shutdown of the kubelet; then the machine is gone, and its Node is deleted. */
export const spotReclaim = defineNodeFault({
  name: 'spotReclaim',
  description:
    'the provider takes a spot machine back after a notice; where the fault ends, another one takes its name',
  extra: {
    notice: {
      type: 'duration',
      description: 'from the notice to the end of the machine; default 2m (Amazon), 30s at Google and Azure',
    },
  } as const,
  begin: (targets, nodeName, { notice = usualNotice }) => targets.reclaimNode(nodeName, notice),
  end: (targets, nodeName) => targets.replaceNode(nodeName),
});
