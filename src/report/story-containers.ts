/** What came of containers that a fault killed or made to hang, in words. */
import { killing } from '../metrics/fault-kinds.ts';
import { formatDuration } from './format.ts';
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
  const { startsAt, recoveredAt, restartedAt, podsHit, podsLost, kind } = fault;
  const count = (podsHit ?? podsLost + 1) - podsLost;
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

/** How often the kubelet healed it, how often a controller did, and how long that took at most. */
export function crashesText(crashes: readonly ToldFault[]): string {
  const longest = (group: readonly ToldFault[]): string => {
    const us = group.reduce((most, { startsAt, recoveredAt }) => Math.max(most, (recoveredAt ?? 0) - startsAt), 0);
    return us === 0 ? '' : `, ready again after ${formatDuration(us)}${group.length > 1 ? ' at most' : ''}`;
  };
  const isHealed = ({ recoveredAt }: ToldFault): boolean => recoveredAt !== undefined;
  const hits = crashes.filter(({ podsHit }) => podsHit !== 0);
  const missed = crashes.length - hits.length;
  const restarted = hits.filter((crash) => crash.podsLost === 0 && isHealed(crash));
  const bare = hits.filter((crash) => crash.podsLost > 0 && crash.barePodsLost === crash.podsLost && isHealed(crash));
  const replaced = hits.filter((crash) => crash.podsLost > crash.barePodsLost && isHealed(crash));
  const open = hits.length - restarted.length - bare.length - replaced.length;
  return [
    ...(restarted.length > 0 ? [`${restarted.length} restarted in the same pod${longest(restarted)}`] : []),
    ...(replaced.length > 0 ? [`${replaced.length} replaced by a new pod${longest(replaced)}`] : []),
    ...(bare.length > 0 ? [`${bare.length} ended a pod without a controller, not replaced`] : []),
    ...(open > 0 ? [`${open} not healed by the end`] : []),
    ...(missed > 0 ? [`${missed} found no container that ran`] : []),
  ].join(' · ');
}
