import fc from 'fast-check';
import { swarmScenario } from './src/testing/swarm/arbitrary-scenario.ts';
import { problemsOf } from './src/testing/swarm/swarm-case.ts';
const [seed, n, from = 0] = process.argv.slice(2).map(Number);
const all = fc.sample(swarmScenario, { seed: seed!, numRuns: n! });
let bad = 0; const t0 = process.cpuUsage().user; const slow: [number, number][] = [];
for (const [i, s] of all.entries()) {
  if (i < from) continue;
  const a = process.cpuUsage().user; const p = problemsOf(s); const d = (process.cpuUsage().user - a) / 1e6;
  slow.push([d, i]);
  if (process.env.V) console.error(i, d);
  if (p.length) { bad++; console.log('BAD', i, JSON.stringify(p).slice(0, 400)); }
}
console.log('cpu', (process.cpuUsage().user - t0) / 1e6, 'bad', bad, 'slowest', slow.sort((a, b) => b[0] - a[0]).slice(0, 3));
