/** Why a pod was killed, in one paragraph. */
import { formatClock, formatDuration } from '../../report/format.ts';
import type { CauseOfRun } from './causes-of-run.ts';
import type { PodOfRun } from './pods-of-run.ts';

/** What the paragraph is made of. */
export interface KilledCase {
  readonly pod: PodOfRun;
  /** From the first cause to the end of the pod; empty where nobody ended it. */
  readonly chain: readonly CauseOfRun[];
  readonly restarts: number;
  /** Whether the table of causes was full, so that the end of the pod may be missing. */
  readonly isFull: boolean;
}

/** The paragraph, without line breaks. */
export function killedText(given: KilledCase): string {
  const { namesakes } = given.pod;
  const others = namesakes > 1 ? ` One of ${namesakes} pods that had this name; --at chooses another.` : '';
  return `${ownText(given)}${others}`;
}

function ownText(given: KilledCase): string {
  const end = given.chain.at(-1);
  if (end === undefined) return notKilledText(given);
  const { pod, chain } = given;
  const because = chain.slice(1, -1).reverse().map(becauseText);
  const gone =
    pod.deletedAt === undefined
      ? 'It was not removed from the API server before the run ended.'
      : `It was removed from the API server at ${formatClock(pod.deletedAt)}${afterText(pod.deletedAt, end.at)}.`;
  return [`${[endText(pod, end), ...because].join('; ')}.`, firstText(chain), gone].join(' ');
}

function endText({ namespace, name, workload, node }: PodOfRun, { at, who, what, reason, rule }: CauseOfRun): string {
  const of = workload === '' ? '' : ` (${workload})`;
  const where = node === '' ? '' : ` on ${node}`;
  return `${namespace}/${name}${of} ended${where} at ${formatClock(at)} by ${whoText(who)}: ${what} (${reason}${rule === '' ? '' : `; rule: ${rule}`})`;
}

function becauseText({ who, event, at, what, rule, kind, subject }: CauseOfRun): string {
  const by = event === 'machine' ? '' : `${whoText(who)}: `;
  const follows = rule === '' ? '' : ` (rule: ${rule})`;
  return `because at ${formatClock(at)} ${by}${kind} ${subject}: ${what}${follows}`;
}

/** Where it all began. */
function firstText(chain: readonly CauseOfRun[]): string {
  const first = chain[0]!;
  const { who, event, at, what, kind, subject } = first;
  if (chain.length === 1)
    return who === 'user' ? 'That was an action of a user.' : 'Nothing else in the run caused that.';
  if (event === 'fault') return `The first cause: the fault ${what} at ${formatClock(at)}.`;
  return `The first cause: ${whoText(who)} at ${formatClock(at)}: ${kind} ${subject}: ${what}.`;
}

const afterText = (time: number, end: number): string => (time === end ? '' : `, ${formatDuration(time - end)} later`);

const whoText = (who: string): string => (who === 'user' ? 'a user' : who);

function notKilledText({ pod, restarts, isFull }: KilledCase): string {
  const { namespace, name, phase, finishedAt, deletedAt } = pod;
  const named = `${namespace}/${name}`;
  if (phase === 'Succeeded')
    return `${named} was not killed: it ended by itself at ${formatClock(finishedAt ?? 0)}, its work done.`;
  if (isFull && (deletedAt !== undefined || phase === 'Failed'))
    return `${named} is gone, but the table of causes was full by then: run with a shorter horizon.`;
  const again =
    restarts === 0
      ? ''
      : ` Its containers were restarted ${restarts} ${restarts === 1 ? 'time' : 'times'}: a restart does not end a pod.`;
  return `${named} was not killed: it is ${phase} at the end of the run.${again}`;
}
