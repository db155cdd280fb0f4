/** Where two traces that were replayed in order part: they have no events, but every offer is in their tables. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatNumber } from '../report/format.ts';
import type { CsvRecord } from './explain/csv-records.ts';
import { csvRecords } from './explain/csv-records.ts';
import type { ReadResult } from './read-result.ts';

/** Lines that name the first offer that ended otherwise and count all of them; undefined = neither result is of a replay in order. */
export function offerDifference(left: ReadResult, right: ReadResult): string[] | undefined {
  const [a, b] = [offersOf(left), offersOf(right)];
  if (a === undefined && b === undefined) return undefined;
  if (a === undefined || b === undefined)
    return [`${(a === undefined ? right : left).name} has no events: its trace was replayed in order`];
  const length = Math.max(a.length, b.length);
  const others = Array.from({ length }, (_, at) => at).filter((at) => outcome(a[at]) !== outcome(b[at]));
  const first = others[0];
  if (first === undefined) return ['every offer ended on the same node with the same devices'];
  const width = Math.max(left.name.length, right.name.length);
  return [
    `first difference at offer ${formatNumber(first)}; ${formatNumber(others.length)} of ${formatNumber(length)} ended otherwise`,
    `  ${left.name.padEnd(width)}  ${told(a[first])}`,
    `  ${right.name.padEnd(width)}  ${told(b[first])}`,
  ];
}

function offersOf({ folder }: ReadResult): readonly CsvRecord[] | undefined {
  const path = join(folder, 'placements.csv');
  return existsSync(path) ? csvRecords(readFileSync(path, 'utf8')) : undefined;
}

function outcome(offer: CsvRecord | undefined): string {
  return offer === undefined ? '' : [offer['pod'], offer['node'], offer['gpus']].join(' ');
}

function told(offer: CsvRecord | undefined): string {
  if (offer === undefined) return 'no further offer';
  const { pod = '', node = '', gpus = '', score = '', ties = '' } = offer;
  if (node === '') return `${pod}  no node`;
  const devices = gpus === '' ? '' : ` gpus ${gpus}`;
  return `${pod}  ${node}${devices}  score ${score}, ties ${ties}`;
}
