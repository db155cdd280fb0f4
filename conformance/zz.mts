import { replayTimeline } from '../src/testing/timelines/replay-timeline.ts';
import { readTimelines } from '../src/testing/timelines/timeline-case.ts';
for (const c of readTimelines()) { const r = replayTimeline(c); if (!r.agrees) console.log(c.id, r.exactMisses.length, r.timeMisses.length, r.times, r.exactMisses.map((m) => m.split(': ')[0]).slice(0, 3).join(' ; ')); }
