/** What came of containers that a fault killed or made to hang, in words. */
import { killing } from '../metrics/fault-kinds.ts';
import { counted, formatDuration, formatNumber } from './format.ts';
import type { ToldFault } from './recovery-steps.ts';
import { whatOf } from './story-wordings.ts';

/** What is said of a fault that looked for containers and found none. */
const foundNothing = 'no container of theirs ran';

/** Who healed a single kill, of however many containers, and how long that took. */
export function crashText(fault: ToldFault): string {
  const { startsAt, detectedAt, recoveredAt, podsHit, podsLost } = fault;
  if (podsHit === 0) return foundNothing;
  if (detectedAt === undefined) return '';
  if (recoveredAt === undefined) return 'not healed by the end';
  const ready = recoveredAt > startsAt ? [`ready again after ${formatDuration(recoveredAt - startsAt)}`] : [];
  return [...lostTexts(fault), ...restartTexts(fault, podsLost > 0), ...ready].join(', ');
}

/** Pods that failed by it: replaced, or not where nothing controls them. */
function lostTexts({ podsLost, barePodsLost }: ToldFault): string[] {
  const replaced = podsLost - barePodsLost;
  return [
    ...(barePodsLost > 0 ? [`${barePodsLost} without a controller lost and not replaced`] : []),
    ...(replaced > 0 ? [`${replaced} replaced by a new pod`] : []),
  ];
}

/** Pods whose container started again; `isRest`: others were lost. */
function restartTexts(fault: ToldFault, isRest: boolean): string[] {
  const { startsAt, recoveredAt, restartedAt, podsLost, kind } = fault;
  const count = podsHitBy(fault) - podsLost;
  if (count <= 0 || (restartedAt === undefined && (isRest || !killing.has(kind)))) return [];
  const after =
    recoveredAt === startsAt && restartedAt !== undefined ? ` after ${formatDuration(restartedAt - startsAt)}` : '';
  return [`${isRest ? `${count} ` : ''}restarted in the same ${count === 1 ? 'pod' : 'pods'}${after}`];
}

/** What probes made of containers that stand still. */
export function hangText(fault: ToldFault, byId: ReadonlyMap<string, ToldFault>): string {
  const { startsAt, detectedAt, podsHit } = fault;
  if (podsHit === 0) return foundNothing;
  const by = byId.get(fault.overtakenBy ?? '');
  if (by !== undefined)
    return `over after ${formatDuration(by.startsAt - startsAt)}, before a probe noticed: ${whatOf(by)}`;
  if (detectedAt === undefined) return 'no probe noticed';
  const end = crashText(fault);
  return `noticed after ${formatDuration(detectedAt - startsAt)}${end === '' ? '' : ` · ${end}`}`;
}

/** How many containers the kubelet healed, how many a controller did, and how long that took at most. */
export function crashesText(crashes: readonly ToldFault[]): string {
  const hits = crashes.filter(({ podsHit }) => podsHit !== 0);
  const healed = hits.filter(({ recoveredAt }) => recoveredAt !== undefined);
  const open = hits.filter(({ recoveredAt }) => recoveredAt === undefined);
  const restarted = (crash: ToldFault): number => podsHitBy(crash) - crash.podsLost;
  const replaced = ({ podsLost, barePodsLost }: ToldFault): number => podsLost - barePodsLost;
  const missed = crashes.length - hits.length;
  return [
    healedText(healed, restarted, 'restarted in the same pod'),
    healedText(healed, replaced, 'replaced by a new pod'),
    countText(
      sumOf(healed, ({ barePodsLost }) => barePodsLost),
      'without a controller and not replaced',
    ),
    countText(sumOf(open, podsHitBy), 'not healed by the end'),
    missed === 0 ? '' : `${counted(missed, 'time')} none ran`,
  ]
    .filter((text) => text !== '')
    .join(' · ');
}

const podsHitBy = ({ podsHit, podsLost }: ToldFault): number => podsHit ?? Math.max(1, podsLost);

const countText = (count: number, what: string): string => (count === 0 ? '' : `${formatNumber(count)} ${what}`);

function sumOf(crashes: readonly ToldFault[], of: (crash: ToldFault) => number): number {
  return crashes.reduce((sum, crash) => sum + of(crash), 0);
}

function healedText(crashes: readonly ToldFault[], of: (crash: ToldFault) => number, what: string): string {
  const some = crashes.filter((crash) => of(crash) > 0);
  const count = sumOf(some, of);
  const us = some.reduce((most, { startsAt, recoveredAt }) => Math.max(most, recoveredAt! - startsAt), 0);
  const ready = us === 0 ? '' : `, ready again after ${formatDuration(us)}${count > 1 ? ' at most' : ''}`;
  return countText(count, `${what}${ready}`);
}
