/** `orrery explain pod --why-killed`: from the tables of the run alone. */
import { formatSeconds } from '../../engine/time.ts';
import { wrapText } from '../wrap-text.ts';
import type { CauseOfRun } from './causes-of-run.ts';
import { causesOfRun, chainTo } from './causes-of-run.ts';
import { chainLine, chainLines } from './chain-text.ts';
import type { Answer } from './explain-answer.ts';
import { killedText } from './killed-text.ts';
import type { PodOfRun } from './pods-of-run.ts';
import type { FinishedRun } from './read-run.ts';

const WIDTH = 80;
/** As many rows as the table of causes takes. */
const CAUSES_MAX = 200_000;

/** Why a pod ended, or that it did not. */
export function killedAnswer(finished: FinishedRun, pod: PodOfRun): Answer {
  const causes = causesOfRun(finished);
  const uid = String(pod.uid);
  const end = causes.find((cause) => cause.event === 'pod_end' && cause.uid === uid);
  const chain = end === undefined ? [] : chainTo(causes, end.id);
  const text = killedText({ pod, chain, restarts: pod.restarts, isFull: causes.length >= CAUSES_MAX });
  const table = chain.length < 2 ? [] : ['', ...chainLines(chain.map(chainLine))];
  return {
    lines: [...wrapText(text, WIDTH, ''), ...table],
    data: { killed: end === undefined ? null : causeJson(end), chain: chain.map(causeJson), why: text },
  };
}

/** A fact for programs. */
export function causeJson({ id, at, cause: causeId, ...rest }: CauseOfRun): Record<string, unknown> {
  return { id, t_s: formatSeconds(at), ...rest, ...(causeId >= 0 && { cause_id: causeId }) };
}
