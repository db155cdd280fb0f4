/** A recorded workload, whatever format it was recorded in. Files become streams of rows; nothing here reads files. */
import type { Labels } from '../../api/meta-v1.ts';
import type { DeviceDemand, DeviceStock } from '../../scheduler/devices/device-kind.ts';
import type { NameRegister } from './name-register.ts';

/** Something that was submitted: one pod, or `count` alike. */
export interface TracePod {
  /** Unique in the trace. */
  readonly name: string;
  /** Microseconds since the trace begins; undefined = the trace does not say. */
  readonly arrivalUs: number | undefined;
  /** Microseconds; undefined = it did not end, or the trace does not say. */
  readonly runTimeUs: number | undefined;
  /** As in `ResourceList`: milliCPU, bytes, units; what it does not ask for is left out. */
  readonly requests: ReadonlyMap<string, number>;
  readonly devices: DeviceDemand | undefined;
  readonly labels: Labels;
  /** At least 1. */
  readonly count: number;
}

/** A machine. */
export interface TraceNode {
  /** Unique in the trace. */
  readonly name: string;
  /** As in `ResourceList`, `pods` included. */
  readonly allocatable: ReadonlyMap<string, number>;
  readonly devices: DeviceStock | undefined;
  readonly labels: Labels;
}

/** A line of a table. */
export interface TraceRecord {
  readonly fields: readonly string[];
  /** From 1. */
  readonly line: number;
  /** Cells stand in quotes, which `fields` no longer have. */
  readonly isQuoted?: true;
  /** Why it has no fields. */
  readonly problem?: string;
}

/** Where a cell of a line begins, in letters from 1; 1 where quotes hide it. Beyond the last cell: where the line ends. */
export function columnOf({ fields, isQuoted }: TraceRecord, at: number): number {
  if (isQuoted === true || at < 0) return 1;
  const before = fields.slice(0, at);
  const length = before.reduce((sum, field) => sum + field.length + 1, 0);
  return at < fields.length ? length + 1 : Math.max(1, length);
}

/** Hears what is wrong with a line, which is then left out. `column` counts letters from 1; absent: the line as a whole. */
export type RecordReport = (line: number, message: string, column?: number) => void;

/** How one format of traces is read; names that stand twice are reported. One file each, one line in the registry. */
export interface TraceFormat {
  /** As in a scenario. */
  readonly name: string;
  /** One sentence. */
  readonly description: string;
  /** Machines, line by line; formats without a list of machines have none. */
  nodes?(records: Iterable<TraceRecord>, report: RecordReport, names?: NameRegister): Iterable<TraceNode>;
  /** What was submitted, line by line, in the order of the file. */
  pods(records: Iterable<TraceRecord>, report: RecordReport, names?: NameRegister): Iterable<TracePod>;
}
