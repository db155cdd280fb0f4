/** Carries out the faults of a scenario: draws their schedule, tells it, and begins and ends each occurrence. */
import type { Engine, HandlerId } from '../engine/engine.ts';
import { EventPhase } from '../record/event-phases.ts';
import type { FaultRecord } from '../record/facts.ts';
import type { Recorder } from '../record/recorder.ts';
import type { ArgumentsOf, FaultDefinition, FaultNode, FaultTargets, Occurrence, Parameters } from './fault.ts';

/** One entry of a scenario's `faults`. */
export interface FaultRule {
  readonly definition: FaultDefinition;
  readonly args: ArgumentsOf<Parameters>;
}

interface Source {
  readonly rule: FaultRule;
  readonly occurrences: Iterator<Occurrence>;
}

interface Active {
  readonly source: Source;
  readonly occurrence: Occurrence;
  readonly record: FaultRecord;
}

/** The faults of one run: their schedule, and what begins and ends by it. */
export class FaultInjector {
  private readonly engine: Engine;
  private readonly recorder: Recorder;
  private readonly targets: FaultTargets;
  /** Occurrences by id; kept, since reports refer to them. */
  private readonly occurrences: Active[] = [];
  private readonly beginHandler: HandlerId;
  private readonly endHandler: HandlerId;

  constructor(engine: Engine, recorder: Recorder, targets: FaultTargets) {
    this.engine = engine;
    this.recorder = recorder;
    this.targets = targets;
    this.beginHandler = engine.register({
      name: 'faults/begin',
      phase: EventPhase.input,
      handle: (id) => this.begin(id),
    });
    this.endHandler = engine.register({ name: 'faults/end', phase: EventPhase.input, handle: (id) => this.end(id) });
  }

  /** Draws the schedule. Streams are named by fault and position among faults of its kind, so that adding another kind shifts nothing. */
  start(rules: readonly FaultRule[], nodes: readonly FaultNode[], horizon: number): void {
    const positions = new Map<string, number>();
    for (const rule of rules) {
      const { name } = rule.definition;
      const position = positions.get(name) ?? 0;
      positions.set(name, position + 1);
      const random = (part: string): ReturnType<Engine['random']> =>
        this.engine.random(`faults/${name}/${position}/${part}`);
      for (const occurrences of rule.definition.plan(rule.args, { nodes, horizon, random })) {
        this.pull({ rule, occurrences: occurrences[Symbol.iterator]() });
      }
    }
  }

  private pull(source: Source): void {
    const next = source.occurrences.next();
    if (next.done === true) return;
    const occurrence = next.value;
    const { name } = source.rule.definition;
    const record: FaultRecord = { id: this.occurrences.length, kind: name, ...occurrence };
    this.occurrences.push({ source, occurrence, record });
    this.engine
      .fingerprint('faults')
      .addText(`${name} ${occurrence.target} ${occurrence.startsAt} ${occurrence.endsAt ?? '-'}`);
    this.engine.at(occurrence.startsAt, this.beginHandler, record.id);
  }

  private begin(id: number): void {
    const { source, occurrence, record } = this.occurrences[id]!;
    this.recorder.faultStarted(record);
    source.rule.definition.begin(occurrence, source.rule.args, this.targets, id);
    if (occurrence.endsAt !== undefined) this.engine.at(occurrence.endsAt, this.endHandler, id);
    else this.pull(source);
  }

  private end(id: number): void {
    const { source, occurrence, record } = this.occurrences[id]!;
    source.rule.definition.end(occurrence, source.rule.args, this.targets, id);
    this.recorder.faultEnded(record);
    this.pull(source);
  }
}
