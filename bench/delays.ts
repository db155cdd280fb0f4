/**
 * The mix of delays of the queue benchmarks: seven constant delays of a Kubernetes model and 10 % exponential ones, drawn
 * beforehand from a small generator, in microseconds.
 */
export function mixedDelays(count: number): Float64Array {
  const constants = [0, 1_000, 10_000, 1_000_000, 10_000_000, 40_000_000, 300_000_000];
  const exponentialMeanUs = 60_000_000;
  let state = 42;
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  return Float64Array.from({ length: count }, () =>
    next() < 0.1 ? Math.round(-exponentialMeanUs * Math.log1p(-next())) : constants[Math.floor(next() * 7)]!,
  );
}

/** Must be a power of two: the benchmarks go round in it. */
export const delayCount = 1_048_576;
