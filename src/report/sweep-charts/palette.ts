import type { View } from '../define-chart.ts';

/** Colours of policies, in the order of the axis; they differ in lightness too (after Okabe and Ito). */
const colors = ['#1668b3', '#d1670a', '#2a9d74', '#8c3a86', '#6b7783', '#b08a00', '#c62f2f', '#56b4e9'] as const;
const dashes: readonly (readonly number[])[] = [
  [1, 0],
  [6, 3],
  [2, 2],
  [8, 2, 2, 2],
];

/** Scales that give each of these names its colour, and another dash once all colours are used. */
export function seriesScales(names: readonly string[]): { readonly color: View; readonly dash: View } {
  return {
    color: { domain: names, range: names.map((_, index) => colors[index % colors.length]) },
    dash: { domain: names, range: names.map((_, index) => dashes[Math.floor(index / colors.length) % dashes.length]) },
  };
}
