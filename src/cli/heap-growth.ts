/**
 * How much memory V8 gives to young objects. By itself it lets them have 48 MB, more than most commands need in all; only a simulation in
 * time, which makes garbage all the time for minutes, is faster for it.
 */
import { setFlagsFromString } from 'node:v8';

/** Young objects of the main thread stay within what they have now. */
export function keepHeapSmall(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
}

/** As V8 does it by itself. */
export function letHeapGrow(): void {
  setFlagsFromString('--semi-space-growth-factor=2');
}
