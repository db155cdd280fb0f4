import type { PreemptionAttempt } from '../record/facts.ts';
import type { Check, CheckDefinition, Report } from './check.ts';
import { nameOf } from './subject.ts';

class PreemptionVictimsCheck implements Check {
  private readonly report: Report;

  constructor(report: Report) {
    this.report = report;
  }

  preemptionAttempt({ preemptor, nodeName, victims }: PreemptionAttempt): void {
    for (const victim of victims) {
      const { priority } = victim.spec;
      if (priority >= preemptor.spec.priority)
        this.report(
          nameOf(victim),
          `has priority ${priority} and goes for ${nameOf(preemptor)} of priority ${preemptor.spec.priority}`,
        );
      if (victim.spec.nodeName !== nodeName)
        this.report(nameOf(victim), `is on ${victim.spec.nodeName} and goes to make room on ${nodeName}`);
    }
  }
}

/** Nobody goes for an equal. */
export const preemptionVictimsCheck: CheckDefinition = {
  name: 'preemption-victims',
  description: 'Victims of preemption have a lower priority than the pod that they make room for, and are on its node.',
  create: (report) => new PreemptionVictimsCheck(report),
};
