import { keepingLease, killing, pressureConditions } from '../metrics/fault-kinds.ts';
import { counted, formatDuration, formatNumber } from './format.ts';
import { groupBy } from './read-table.ts';
import { isToldByKubelet, recoverySteps, takeOverText } from './recovery-steps.ts';
import type { ToldFault } from './recovery-steps.ts';
import type { ChainLink, StoryItem } from './report-input.ts';
import { crashesText, crashText, hangText } from './story-containers.ts';
import { isSlow, whatOf, wordingOf } from './story-wordings.ts';

/** The faults as items of the story; containers of the same pods that are killed again and again are one item. */
export function faultItems(faults: readonly ToldFault[]): StoryItem[] {
  const groups = groupBy(faults, ({ id, kind, target }) => (killing.has(kind) ? `${kind} ${target}` : `#${id}`));
  const byId = new Map(faults.map((fault) => [fault.id, fault]));
  return [...groups.values()].map((group) => (group.length === 1 ? faultItem(group[0]!, byId) : crashesItem(group)));
}

/** What came of a fault in one line, and the chain from the cause to the recovery. */
function faultItem(fault: ToldFault, byId: ReadonlyMap<string, ToldFault>): StoryItem {
  const { startsAt, podsHit } = fault;
  const hit = podsHit === undefined || podsHit === 0 ? '' : ` (${counted(podsHit, 'pod')})`;
  const what = `${whatOf(fault)}${hit}`;
  return { t: startsAt, what, detail: detailOf(fault, byId), chain: chainOf(fault) };
}

const CHAIN_CRASHES_MAX = 10;

function crashesItem(crashes: readonly ToldFault[]): StoryItem {
  const [first] = crashes;
  const told = crashes.slice(0, CHAIN_CRASHES_MAX);
  return {
    t: first!.startsAt,
    what: `${whatOf(first!)} (${formatNumber(crashes.length)} times)`,
    detail: crashesText(crashes),
    chain: told.flatMap((crash) => chainOf({ ...crash, endsAt: undefined })).sort((a, b) => a.t - b.t),
  };
}

/** Who leads again, each component by itself, and which had no leader by the end. */
function leaderTexts(fault: ToldFault): string[] {
  const { startsAt, takeOvers, leaderless, leadersLost } = fault;
  const open = leaderless === '' ? leadersLost - takeOvers.length : leaderless.split(', ').length;
  return [
    ...takeOvers.map((each) => `${takeOverText(fault, each)} after ${formatDuration(each.at - startsAt)}`),
    ...(open > 0 ? [`${leaderless.split(', ').join(' and ') || open} without a leader until the end of the run`] : []),
  ];
}

/** What became of pulls in an outage of the registry. */
function pullTexts({ target, pulls, pullsFailed }: ToldFault): string[] {
  if (pulls === undefined) return [];
  if (pulls === 0) return ['no image was pulled meanwhile'];
  const all = counted(pulls, 'pull');
  return [isSlow(target) && pullsFailed === 0 ? `${all} meanwhile` : `${formatNumber(pullsFailed)} of ${all} failed`];
}

function detailOf(fault: ToldFault, byId: ReadonlyMap<string, ToldFault>): string {
  const { kind, startsAt, endsAt, nodeCount } = fault;
  const lasting = endsAt === undefined ? 'until the end of the run' : `for ${formatDuration(endsAt - startsAt)}`;
  if (killing.has(kind)) return crashText(fault);
  if (kind === 'containerHang') return `${lasting} · ${hangText(fault, byId)}`;
  if (nodeCount === 0) return [lasting, ...pullTexts(fault), ...leaderTexts(fault)].join(' · ');
  const under = byId.get(fault.noticedUnder ?? '');
  const parts = keepingLease.has(kind) ? goingOnTexts(fault, lasting, under) : silenceTexts(fault, lasting, under);
  return [...parts, ...(fault.podsLost > 0 ? [recoveryOf(fault)] : [])].join(' · ');
}

/** Of nodes that go on: how long, and whether their kubelet told of pressure. */
function goingOnTexts(fault: ToldFault, lasting: string, under: ToldFault | undefined): string[] {
  const condition = pressureConditions.get(fault.kind);
  if (condition === undefined) return [lasting];
  const { startsAt, pressureAt, relievedAt } = fault;
  const until = relievedAt === undefined ? 'the end of the run' : formatDuration(relievedAt - startsAt);
  if (pressureAt !== undefined)
    return [lasting, `${condition} from ${formatDuration(pressureAt - startsAt)} until ${until}`];
  return [lasting, under === undefined ? `no ${condition} was told` : `${condition} already, since ${whatOf(under)}`];
}

/** Of nodes that fall silent: who noticed, and what followed. */
function silenceTexts(fault: ToldFault, lasting: string, under: ToldFault | undefined): string[] {
  const { startsAt, endsAt, detectedAt, taintedAt, evictedAt, podsLost, recoveredAt } = fault;
  const after = (time: number): string => formatDuration(time - startsAt);
  const isHealed = recoveredAt !== undefined && recoveredAt > startsAt && under === undefined && podsLost === 0;
  const healed = isHealed ? `, workloads complete again after ${after(recoveredAt)}` : '';
  if (detectedAt === undefined) return [`${lasting}; ${unnoticedText(fault, under)}${healed}`];
  const open = recoveredAt === undefined ? ', not recovered by the end' : healed;
  const end = `${endsAt === undefined ? lasting : `back after ${after(endsAt)}`}, no pod lost${open}`;
  return [
    `${isToldByKubelet(fault) ? 'not ready' : 'Unknown'} after ${after(detectedAt)}`,
    ...(taintedAt === undefined ? [] : [`tainted ${after(taintedAt)}`]),
    ...(evictedAt === undefined ? [] : [`pods evicted ${after(evictedAt)}`]),
    ...(podsLost > 0 ? [] : [end]),
  ];
}

/** Of nodes that were not ready, or silent, before nobody can notice that they fall silent. */
function unnoticedText({ startsAt }: ToldFault, under: ToldFault | undefined): string {
  if (under === undefined) return 'the control plane did not notice';
  const isKnown = under.detectedAt !== undefined && under.detectedAt <= startsAt;
  return `${isKnown ? 'not ready' : 'silent'} already, since ${whatOf(under)}`;
}

/** How a kubelet under pressure loses pods: it evicts those that run and takes no others. */
function pressureText(evicted: number, refused: number): string {
  const parts = [
    ...(evicted > 0 ? [`${formatNumber(evicted)} evicted`] : []),
    ...(refused > 0 ? [`${formatNumber(refused)} not admitted`] : []),
  ];
  return parts.length === 0 ? '' : ` (${parts.join(', ')})`;
}

function recoveryOf({ startsAt, recoveredAt, podsLost, barePodsLost, podsEvicted, podsRefused }: ToldFault): string {
  const how = podsEvicted === podsLost ? 'evicted' : `lost${pressureText(podsEvicted, podsRefused)}`;
  const pods = `${counted(podsLost, 'pod')} ${how}`;
  const bare = barePodsLost === 0 ? '' : `, ${barePodsLost} without a controller and not replaced`;
  if (barePodsLost === podsLost) return `${pods}${bare}`;
  if (recoveredAt === undefined) return `${pods}${bare}, not recovered by the end`;
  const all = podsLost === 1 ? '' : 'all ';
  const which = barePodsLost === 0 ? all : podsLost - barePodsLost === 1 ? 'the other ' : 'the others ';
  return `${pods}${bare}, ${which}replaced and ready ${formatDuration(recoveredAt - startsAt)}`;
}

/** Each step with the rule that it follows. */
function chainOf(fault: ToldFault): ChainLink[] {
  const wording = wordingOf(fault);
  const steps = recoverySteps(fault).map(({ at, text, rule }): ChainLink => ({ t: at, text: `${text} (${rule})` }));
  const begin = { t: fault.startsAt, text: wording.cause(fault) };
  const end = fault.endsAt === undefined ? [] : [{ t: fault.endsAt, text: wording.end(fault) }];
  return [begin, ...steps, ...end].sort((a, b) => a.t - b.t);
}
