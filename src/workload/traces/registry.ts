/** All formats of traces. Adding one: its file, its test and one line here. */
import { alibabaOpenb } from './alibaba-openb.ts';
import { genericCsv } from './generic-csv.ts';
import type { TraceFormat } from './trace.ts';

export const traceFormats: readonly TraceFormat[] = [alibabaOpenb, genericCsv];
