import { createRequire } from 'node:module';

interface Law {
  cdf(x: number, ...parameters: readonly number[]): number;
  inv(p: number, ...parameters: readonly number[]): number;
}

const require = createRequire(import.meta.url);

/** The parts of jstat, an independent library, that tests compare with: exact to about 1e-8. The package brings no types. */
export const jstat = require('jstat') as { readonly [law in 'binomial' | 'centralF' | 'studentt']: Law };
