/** To a whole number, halves to the even one. @param value at least 0, below 2^52. */
export function roundHalfEven(value: number): number {
  const whole = Math.floor(value);
  const rest = value - whole;
  if (rest === 0.5) return whole + (whole % 2);
  return rest > 0.5 ? whole + 1 : whole;
}

/** 2^27 + 1: splits a number into halves of 26 bits. */
const splitter = 134_217_729;

/**
 * To two decimals as C and Go print `%.2f`: the decimal nearest to the exact binary value; where two are as near, that with the even digit.
 *
 * @param value at least 0, below 2^40.
 */
export function toHundredths(value: number): number {
  const product = value * 100;
  const whole = Math.floor(product);
  if (product - whole !== 0.5) return roundHalfEven(product) / 100;
  // The product itself was rounded to the half; what was lost decides.
  const high = splitter * value - (splitter * value - value);
  const lost = high * 100 - product + (value - high) * 100;
  if (lost === 0) return roundHalfEven(product) / 100;
  return (lost > 0 ? whole + 1 : whole) / 100;
}
