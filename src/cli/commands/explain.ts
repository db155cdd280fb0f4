import { defineCommandGroup } from '../command.ts';
import { explainPodCommand } from './explain/pod.ts';
import { explainWorkloadCommand } from './explain/workload.ts';

/** `orrery explain ...`: why something in a finished run is as it is; one file for each kind of question. */
export const explain = defineCommandGroup({
  usage: 'explain',
  description: 'say why, from a finished run: what became of a pod or a workload, and how the scheduler decided',
  subcommands: [explainPodCommand, explainWorkloadCommand],
});
