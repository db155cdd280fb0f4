/** Handlers of probes and hooks (`pkg/apis/core/validation` validateHandler): exactly one, and whole. */
import { portNameProblems } from '../names.ts';
import type { FieldReader } from './field-reader.ts';

const handlerTypes = ['exec', 'httpGet', 'tcpSocket', 'grpc', 'sleep'] as const;

/**
 * Reports what is wrong with the handler of a probe or of a hook.
 *
 * @param graceSeconds the pod's grace, which a sleep may not exceed; undefined for probes, which cannot sleep.
 */
export function checkHandler(reader: FieldReader, graceSeconds: number | undefined): void {
  const known = graceSeconds === undefined ? handlerTypes.slice(0, -1) : handlerTypes;
  const [first, ...others] = known.filter((type) => reader.has(type));
  if (first === undefined) reader.at.required('must specify a handler type');
  for (const other of others) reader.at.field(other).forbidden('may not specify more than 1 handler type');
  const handler = first === undefined ? undefined : reader.object(first);
  if (handler === undefined) return;
  if (first === 'exec' && handler.list('command').length === 0) handler.at.field('command').required();
  if (first === 'httpGet' || first === 'tcpSocket') checkPortNumberOrName(handler, 'port');
  if (first === 'httpGet') handler.choice('scheme', ['HTTP', 'HTTPS'], 'HTTP');
  if (first === 'sleep') checkSleep(handler, graceSeconds!);
}

function checkSleep(handler: FieldReader, graceSeconds: number): void {
  const bounds = { min: Number.MIN_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER };
  const seconds = handler.integer('seconds', 0, bounds);
  if (seconds >= 0 && seconds <= graceSeconds) return;
  const detail = `must be non-negative and less than terminationGracePeriodSeconds (${graceSeconds})`;
  handler.at.invalid(seconds, detail);
}

/** A port that a handler names: a number, or the name of a port. */
function checkPortNumberOrName(reader: FieldReader, name: string): void {
  const port = reader.value(name) ?? 0;
  const at = reader.at.field(name);
  if (typeof port === 'string') for (const problem of portNameProblems(port)) at.invalid(port, problem);
  else if (typeof port !== 'number' || !Number.isSafeInteger(port)) at.invalid(port, 'must be an integer');
  else if (port < 1 || port > 65535) at.invalid(port, 'must be between 1 and 65535, inclusive');
}
