import { defineKillFault } from './kill-fault.ts';

/** Kills a running container of pods; the kubelet restarts it by the pod's restart policy. */
export const containerCrash = defineKillFault({
  name: 'containerCrash',
  description: 'a container of matching pods is killed',
  extra: {
    exitCode: { type: 'integer', maximum: 255, description: 'exit code of the container; default 137' },
  } as const,
  exit: ({ exitCode = 137 }) => ({ code: exitCode, reason: '' }),
});
