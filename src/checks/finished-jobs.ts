import type { Job } from '../api/batch-v1.ts';
import type { Pod } from '../api/core-v1.ts';
import type { Kind, KindMap } from '../api/kinds.ts';
import type { Uid } from '../api/meta-v1.ts';
import { controllerOf } from '../api/meta-v1.ts';
import type { Check, CheckDefinition, Report } from './check.ts';
import { nameOf } from './subject.ts';

class FinishedJobsCheck implements Check {
  private readonly report: Report;
  private readonly finished = new Set<Uid>();

  constructor(report: Report) {
    this.report = report;
  }

  committed<K extends Kind>(
    kind: K,
    _slot: number,
    before: KindMap[K] | undefined,
    after: KindMap[K] | undefined,
  ): void {
    if (kind === 'Job') this.onJob(before as Job | undefined, after as Job | undefined);
    else if (kind === 'Pod' && before === undefined) this.onPod(after as Pod);
  }

  private onJob(before: Job | undefined, after: Job | undefined): void {
    if (after === undefined) {
      this.finished.delete(before!.metadata.uid);
      return;
    }
    const { metadata, spec, status } = after;
    if (spec.completions !== undefined && status.succeeded > spec.completions)
      this.report(nameOf(after), `counts ${status.succeeded} completions and wants ${spec.completions}`);
    if (isFinished(after)) this.finished.add(metadata.uid);
    else if (this.finished.has(metadata.uid)) this.report(nameOf(after), 'was finished and goes on');
  }

  private onPod(pod: Pod): void {
    const owner = this.finished.size === 0 ? undefined : controllerOf(pod);
    if (owner !== undefined && this.finished.has(owner.uid))
      this.report(nameOf(pod), `was created for the Job ${owner.name}, which is finished`);
  }
}

function isFinished({ status }: Job): boolean {
  return status.conditions.some(
    ({ type, status: value }) => value === 'True' && (type === 'Complete' || type === 'Failed'),
  );
}

/** The end of a Job is an end. */
export const finishedJobsCheck: CheckDefinition = {
  name: 'finished-jobs',
  description:
    'A Job counts at most as many completions as it wants; once Complete or Failed it stays so and starts no pod.',
  create: (report) => new FinishedJobsCheck(report),
};
