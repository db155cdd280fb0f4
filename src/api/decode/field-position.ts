import type { FieldPath, FieldProblem, FieldProblemCode } from './problems.ts';

const shownLengthMax = 120;
const partsLengthMax = 1000;

/** A place in a raw object: knows its name, and says in upstream's words what is wrong there (`field/errors.go`). */
export class FieldPosition {
  readonly path: FieldPath;
  /** As upstream prints it: `spec.containers[0].resources.limits[cpu]`. */
  readonly text: string;
  readonly problems: FieldProblem[];
  readonly warnings: FieldProblem[];

  constructor(path: FieldPath, text: string, problems: FieldProblem[], warnings: FieldProblem[]) {
    this.path = path;
    this.text = text;
    this.problems = problems;
    this.warnings = warnings;
  }

  field(name: string): FieldPosition {
    return this.child(name, this.text === '' ? name : `${this.text}.${name}`);
  }

  index(at: number): FieldPosition {
    return this.child(at, `${this.text}[${at}]`);
  }

  /** A field of this one of which upstream's messages leave out the name. */
  unnamed(name: string): FieldPosition {
    return this.child(name, this.text);
  }

  key(key: string): FieldPosition {
    return this.child(key, `${this.text}[${shortened(key)}]`);
  }

  required(detail = ''): void {
    this.report('required', 'Required value', detail);
  }

  invalid(value: unknown, detail: string): void {
    this.report('invalid', `Invalid value: ${shown(value)}`, detail);
  }

  /** A list or a map that upstream prints as JSON. */
  invalidParts(value: unknown, detail: string): void {
    this.report('invalid', `Invalid value: ${shortened(JSON.stringify(value), partsLengthMax)}`, detail);
  }

  /** Of another type than the field: what an API server cannot even read. */
  wrongType(value: unknown, detail: string): void {
    this.report('wrong-type', `Invalid value: ${shown(value)}`, detail);
  }

  notSupported(value: unknown, supported: readonly string[]): void {
    const list = supported.map((name) => JSON.stringify(name)).join(', ');
    this.report('not-supported', `Unsupported value: ${shown(value)}`, `supported values: ${list}`);
  }

  duplicate(value: unknown, detail = ''): void {
    this.report('duplicate', `Duplicate value: ${shown(value)}`, detail);
  }

  duplicateParts(value: unknown): void {
    this.report('duplicate', `Duplicate value: ${shortened(JSON.stringify(value), partsLengthMax)}`, '');
  }

  notFound(value: unknown, detail = ''): void {
    this.report('not-found', `Not found: ${shown(value)}`, detail);
  }

  tooMany(count: number, max: number): void {
    this.report('too-many', `Too many: ${count}`, `must have at most ${max} items`);
  }

  tooLong(bytesMax: number): void {
    this.report('too-long', 'Too long', `may not be more than ${bytesMax} bytes`);
  }

  forbidden(detail: string): void {
    this.report('forbidden', 'Forbidden', detail);
  }

  /** A warning that does not name the field first, as `kubectl --validate=warn` prints them. */
  warn(code: FieldProblemCode, message: string): void {
    this.warnings.push({ path: this.path, message, code });
  }

  report(code: FieldProblemCode, what: string, detail: string): void {
    const subject = this.text === '' ? '' : `${this.text}: `;
    this.problems.push({ path: this.path, message: `${subject}${what}${detail === '' ? '' : `: ${detail}`}`, code });
  }

  private child(step: string | number, text: string): FieldPosition {
    return new FieldPosition([...this.path, step], text, this.problems, this.warnings);
  }
}

/** A value in a message: JSON, so that control characters cannot reach a terminal, and never long. */
export function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(shortened(value));
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (value === null || value === undefined) return 'null';
  return Array.isArray(value) ? 'a list' : 'an object';
}

function shortened(text: string, lengthMax = shownLengthMax): string {
  return text.length > lengthMax ? `${text.slice(0, lengthMax)}...` : text;
}
