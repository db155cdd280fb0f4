import type { Check, CheckDefinition, Report } from './check.ts';
import type { PodHop } from '../record/facts.ts';

class TimeCheck implements Check {
  private readonly report: Report;
  private readonly engineNow: () => number;
  private last = 0;

  constructor(report: Report, engineNow: () => number) {
    this.report = report;
    this.engineNow = engineNow;
  }

  committed(): void {
    const now = this.engineNow();
    if (!Number.isSafeInteger(now)) this.report('virtual time', `${now} us is not an integer`);
    else if (now < this.last) this.report('virtual time', `went back from ${this.last} us to ${now} us`);
    this.last = now;
  }

  podHop(uid: number, hop: PodHop, time: number): void {
    if (Number.isSafeInteger(time) && time >= 0 && time <= this.engineNow()) return;
    this.report(`pod with uid ${uid}`, `hop ${hop} at ${time} us is not an instant between the start and now`);
  }
}

/** Virtual time never goes back, and nothing is told of the future. */
export const timeCheck: CheckDefinition = {
  name: 'time',
  description:
    'Virtual time is a whole number of microseconds and never decreases; no hop of a pod lies in the future.',
  create: (report, engineNow) => new TimeCheck(report, engineNow),
};
