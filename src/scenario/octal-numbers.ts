/** Numbers with a leading zero, which YAML 1.1 reads as octal. */
import { visit } from 'yaml';
import type { Document } from 'yaml';
import * as messages from './messages.ts';
import type { ReportRange } from './plain-values.ts';

const leadingZero = /^[-+]?0[0-7]+$/;

/** Reports every octal number of a document whose value is not the decimal one. */
export function reportOctals(document: Document.Parsed, report: ReportRange): void {
  visit(document, {
    Scalar(_key, { value, source, range }) {
      if (typeof value !== 'number' || source === undefined || !leadingZero.test(source)) return;
      if (value !== Number(source) && range !== null && range !== undefined)
        report(messages.octal(source, value), [range[0], range[1]]);
    },
  });
}
