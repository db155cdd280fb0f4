/** The comparison rule of the recordings: sequences exactly, times within the spread of the plays. */
import type { KubeletCase, RecordedItem, RecordedVariant } from './recording.ts';
import type { TrackItem } from './tracks.ts';

/** What agrees and what does not in one case. */
export interface CaseComparison {
  readonly id: string;
  tracks: number;
  times: number;
  readonly trackMisses: string[];
  readonly timeMisses: string[];
  /** The farthest that a time lies from what was recorded, seconds. */
  largestDifferenceS: number;
}

/** All judged sequences agree, and at least nine in ten of the times. */
export function agrees({ trackMisses, timeMisses, times }: CaseComparison): boolean {
  return trackMisses.length === 0 && timeMisses.length * 10 <= times;
}

/** Seconds within which a state is not settled. */
const settlingSeconds = 0.3;
/** Seconds of the clocks' phases that a few plays do not exhaust. */
const phaseSeconds = 0.6;
/** From this part of the time on at which the spam filter begins to drop events they may be there or not. */
const nearCutPart = 0.6;
/** Seconds of the eviction and node status loops. */
const loopSeconds = 10;

/** Compares the tracks of a replay with the recording; `eventsUntil` is when the replay's spam filter began to drop. */
export function compareCase(
  recorded: KubeletCase,
  seen: ReadonlyMap<string, readonly TrackItem[]>,
  firstDropAt: number,
): CaseComparison {
  const result: CaseComparison = {
    id: recorded.id,
    tracks: 0,
    times: 0,
    trackMisses: [],
    timeMisses: [],
    largestDifferenceS: 0,
  };
  const loose = new Set(recorded.loose ?? []);
  for (const [track, variants] of Object.entries(recorded.tracks)) {
    if (isJudged(track, loose)) compareTrack(recorded, track, variants, trackOf(seen, track), firstDropAt, result);
  }
  const margin = Math.min(12, recorded.seconds * 0.15) + 0.02 * recorded.seconds;
  for (const [track, items] of seen) {
    if (track in recorded.tracks || !isJudged(track, loose)) continue;
    const isLate = (items[0]?.t ?? Infinity) > Math.min(recorded.seconds - margin, recorded.eventsUntil ?? Infinity);
    if (!isLate) result.trackMisses.push(`${track}: not recorded, seen ${describe(items)}`);
  }
  return result;
}

function isJudged(track: string, loose: ReadonlySet<string>): boolean {
  return !loose.has(track) && !track.includes('/removed ');
}

const settledTracks = /\/(phase|why|condition|container|restarts)/;

/** Settled states, in order of time. */
function trackOf(seen: ReadonlyMap<string, readonly TrackItem[]>, track: string): readonly TrackItem[] {
  const items = [...(seen.get(track) ?? [])].sort((a, b) => a.t - b.t);
  if (!settledTracks.test(track)) return items;
  const settled: TrackItem[] = [];
  for (const [index, item] of items.entries()) {
    const next = items[index + 1];
    if (next !== undefined && next.t - item.t < settlingSeconds) continue;
    const last = settled.at(-1);
    if (last === undefined || JSON.stringify(last.what) !== JSON.stringify(item.what)) settled.push(item);
  }
  return settled;
}

function compareTrack(
  recorded: KubeletCase,
  track: string,
  variants: readonly RecordedVariant[],
  items: readonly TrackItem[],
  firstDropAt: number,
  result: CaseComparison,
): void {
  result.tracks++;
  const cut = track.includes('/event ') ? Math.min(firstDropAt, recorded.eventsUntil ?? Infinity) : Infinity;
  const margin = Math.min(12, recorded.seconds * 0.15) + 0.02 * recorded.seconds;
  const until = Math.min(recorded.seconds - margin, cut);
  const found = variants.find((variant) => isSameSequence(variant, items, until, cut));
  if (found === undefined) {
    const want = variants.map(({ items: wanted }) => describeRecorded(wanted)).join(' OR ');
    result.trackMisses.push(`${track}: recorded ${want}; seen ${describe(items)}`);
    return;
  }
  const isEviction = recorded.node === 'press' || recorded.node === 'soft';
  compareTimes(track, found, items, isEviction ? loopSeconds : phaseSeconds, result);
}

function isSameSequence(
  { items: wanted }: RecordedVariant,
  items: readonly TrackItem[],
  until: number,
  cut: number,
): boolean {
  const common = Math.min(wanted.length, items.length);
  for (let at = 0; at < common; at++) {
    if (JSON.stringify(wanted[at]!.slice(0, -2)) !== JSON.stringify(items[at]!.what)) return false;
  }
  // When the spam filter begins to drop events differs from play to play, and with it how many of the last ones there are.
  const nearCut = cut * nearCutPart;
  if (items.length > common && items[common]!.t < Math.min(until, nearCut)) return false;
  return wanted.length === common || timesOf(wanted[common]!)[1] >= nearCut;
}

function compareTimes(
  track: string,
  { items: wanted, plays }: RecordedVariant,
  items: readonly TrackItem[],
  least: number,
  result: CaseComparison,
): void {
  let before = 0;
  for (let at = 0; at < Math.min(wanted.length, items.length); at++) {
    const { t } = items[at]!;
    const d = t - before;
    before = t;
    const [tMin, tMax, dMin, dMax] = timesOf(wanted[at]!);
    const w = Math.max(least, dMax - dMin, plays < 3 ? dMin / 2 : 0);
    const wT = Math.max(least, tMax - tMin);
    result.times++;
    const difference = Math.min(outside(d, dMin, dMax), outside(t, tMin, tMax));
    result.largestDifferenceS = Math.max(result.largestDifferenceS, difference);
    const miss = Math.min(outside(d, dMin - w, dMax + w), outside(t, tMin - wT, tMax + wT));
    if (miss <= 1e-9) continue;
    result.timeMisses.push(
      `${track} ${at} ${JSON.stringify(items[at]!.what)}: t ${t.toFixed(3)} of ${tMin}-${tMax}, d ${d.toFixed(3)} of ${dMin}-${dMax}`,
    );
  }
}

function timesOf(item: RecordedItem): readonly [number, number, number, number] {
  const [tMin, tMax] = item.at(-2) as [number, number];
  const [dMin, dMax] = item.at(-1) as [number, number];
  return [tMin, tMax, dMin, dMax];
}

function outside(value: number, low: number, high: number): number {
  return Math.max(0, low - value, value - high);
}

function describe(items: readonly TrackItem[]): string {
  return items.map(({ what, t }) => `${what.join(' ')} @${t.toFixed(3)}`).join(' | ') || 'nothing';
}

function describeRecorded(items: readonly RecordedItem[]): string {
  return (
    items.map((item) => `${item.slice(0, -2).join(' ')} @${(item.at(-2) as number[]).join('-')}`).join(' | ') ||
    'nothing'
  );
}
