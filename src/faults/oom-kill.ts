import { defineKillFault } from './kill-fault.ts';

/** The kernel ends a container for want of memory: exit code 137, reason OOMKilled. Nothing is evicted by it. */
export const oomKill = defineKillFault({
  name: 'oomKill',
  description: 'the kernel kills a container of matching pods for want of memory (OOMKilled)',
  extra: {},
  exit: () => ({ code: 137, reason: 'OOMKilled' }),
});
