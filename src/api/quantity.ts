/**
 * Resource quantities (upstream `apimachinery/pkg/api/resource/quantity.go`), read by hand in one pass: a regular
 * expression for this grammar takes quadratic time on hostile text.
 */

/** An exact amount in units of 10^-9 and the way it was written. Amounts are capped at 2^63-1, as upstream caps them. */
export interface Quantity {
  readonly nano: bigint;
  readonly format: 'DecimalSI' | 'BinarySI' | 'DecimalExponent';
}

const quantityLengthMax = 64;
const nanoPerUnit = 1_000_000_000n;
const nanoMax = 9223372036854775807n * nanoPerUnit;
const decimalExponents: ReadonlyMap<string, number> = new Map([
  ['n', -9],
  ['u', -6],
  ['m', -3],
  ['', 0],
  ['k', 3],
  ['M', 6],
  ['G', 9],
  ['T', 12],
  ['P', 15],
  ['E', 18],
]);
const binaryExponents: ReadonlyMap<string, number> = new Map([
  ['Ki', 10],
  ['Mi', 20],
  ['Gi', 30],
  ['Ti', 40],
  ['Pi', 50],
  ['Ei', 60],
]);

/**
 * Reads a quantity such as `500m`, `1.5Gi`, `1e3`; undefined when it is none or longer than 64 characters. What is
 * finer than 10^-9 is rounded away from zero, as upstream does.
 */
export function parseQuantity(text: string): Quantity | undefined {
  if (text === '' || text.length > quantityLengthMax) return undefined;
  const isNegative = text.startsWith('-');
  const start = isNegative || text.startsWith('+') ? 1 : 0;
  const wholeEnd = digitsEnd(text, start);
  const hasPoint = text[wholeEnd] === '.';
  const end = hasPoint ? digitsEnd(text, wholeEnd + 1) : wholeEnd;
  const suffix = readSuffix(text.slice(end));
  if (suffix === undefined || (end === start && suffix.text !== '')) return undefined;
  const fraction = hasPoint ? text.slice(wholeEnd + 1, end) : '';
  const digits = text.slice(start, wholeEnd) + fraction;
  const mantissa = BigInt(digits === '' ? '0' : digits) << BigInt(suffix.binary);
  const nano = capped(scaled(mantissa, suffix.decimal - fraction.length + 9));
  const isBelowOne = nano > 0n && nano < nanoPerUnit;
  const format = suffix.format === 'BinarySI' && isBelowOne ? 'DecimalSI' : suffix.format;
  return { nano: isNegative ? -nano : nano, format };
}

function digitsEnd(text: string, from: number): number {
  let at = from;
  while (at < text.length && isDigit(text.charCodeAt(at))) at++;
  return at;
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

interface Suffix {
  readonly text: string;
  readonly decimal: number;
  readonly binary: number;
  readonly format: Quantity['format'];
}

function readSuffix(text: string): Suffix | undefined {
  const decimal = decimalExponents.get(text);
  if (decimal !== undefined) return { text, decimal, binary: 0, format: 'DecimalSI' };
  const binary = binaryExponents.get(text);
  if (binary !== undefined) return { text, decimal: 0, binary, format: 'BinarySI' };
  const exponent = text[0] === 'e' || text[0] === 'E' ? readExponent(text.slice(1)) : undefined;
  return exponent === undefined ? undefined : { text, decimal: exponent, binary: 0, format: 'DecimalExponent' };
}

function readExponent(text: string): number | undefined {
  const digits = text.startsWith('-') || text.startsWith('+') ? text.slice(1) : text;
  if (digits === '' || digits.length > 18 || digitsEnd(digits, 0) !== digits.length) return undefined;
  // Beyond a hundred places every amount is at the cap or at the smallest unit, so the size of the power is bounded.
  const places = Math.min(Number(digits), exponentMax);
  return text.startsWith('-') ? -places : places;
}

const exponentMax = 200;

/** `mantissa * 10^exponent`, rounded away from zero to an integer; the mantissa is not negative. */
function scaled(mantissa: bigint, exponent: number): bigint {
  if (exponent >= 0) return mantissa * powerOfTen(exponent);
  const divisor = powerOfTen(-exponent);
  return (mantissa + divisor - 1n) / divisor;
}

function powerOfTen(exponent: number): bigint {
  return BigInt(`1${'0'.repeat(exponent)}`);
}

function capped(nano: bigint): bigint {
  return nano > nanoMax ? nanoMax : nano;
}

/** Thousandths, rounded away from zero (upstream `MilliValue`). */
export function milliValue(quantity: Quantity): bigint {
  return dividedUp(quantity.nano, 1_000_000n);
}

/** Whole units, rounded away from zero (upstream `Value`). */
export function value(quantity: Quantity): bigint {
  return dividedUp(quantity.nano, nanoPerUnit);
}

function dividedUp(amount: bigint, divisor: bigint): bigint {
  return amount < 0n ? -((-amount + divisor - 1n) / divisor) : (amount + divisor - 1n) / divisor;
}

/**
 * The integer that a ResourceList holds: milliCPU for `cpu`, whole units for everything else; undefined when the text is
 * no quantity. Amounts beyond 2^53-1 become 2^53-1, so that sums stay exact.
 */
export function quantityToInteger(name: string, text: string): number | undefined {
  const quantity = parseQuantity(text);
  if (quantity === undefined) return undefined;
  const exact = Number(name === 'cpu' ? milliValue(quantity) : value(quantity));
  return Math.max(-Number.MAX_SAFE_INTEGER, Math.min(Number.MAX_SAFE_INTEGER, exact));
}

/** A quantity in its canonical form, in the units in which it was written (upstream `Quantity.String`). */
export function formatQuantity({ nano, format }: Quantity): string {
  if (nano < 0n) return `-${formatQuantity({ nano: -nano, format })}`;
  const isWhole = nano % nanoPerUnit === 0n;
  if (format === 'BinarySI' && isWhole && nano >= 1024n * nanoPerUnit) return inBinary(nano / nanoPerUnit);
  let amount = nano;
  let exponent = -9;
  while (amount !== 0n && amount % 1000n === 0n) {
    amount /= 1000n;
    exponent += 3;
  }
  if (amount === 0n) return '0';
  if (format === 'DecimalExponent') return exponent === 0 ? String(amount) : `${amount}e${exponent}`;
  return `${amount}${suffixOf(decimalExponents, exponent)}`;
}

function inBinary(amount: bigint): string {
  let rest = amount;
  let exponent = 0;
  while (rest % 1024n === 0n && exponent < 60) {
    rest /= 1024n;
    exponent += 10;
  }
  return `${rest}${exponent === 0 ? '' : suffixOf(binaryExponents, exponent)}`;
}

function suffixOf(exponents: ReadonlyMap<string, number>, exponent: number): string {
  for (const [suffix, known] of exponents) if (known === exponent) return suffix;
  return `e${exponent}`;
}

const decimalUnits: readonly (readonly [string, number])[] = [
  ['E', 1e18],
  ['P', 1e15],
  ['T', 1e12],
  ['G', 1e9],
  ['M', 1e6],
  ['k', 1e3],
  ['', 1],
];
const binaryUnits: readonly (readonly [string, number])[] = [
  ['Ei', 1152921504606846976],
  ['Pi', 1125899906842624],
  ['Ti', 1099511627776],
  ['Gi', 1073741824],
  ['Mi', 1048576],
  ['Ki', 1024],
  ['', 1],
];

/** MilliCPU as Kubernetes prints it: `500m`, `2`. */
export function formatCpu(milli: number): string {
  return milli % 1000 === 0 ? inUnits(milli / 1000, decimalUnits) : `${milli}m`;
}

/** Bytes in the unit, binary or decimal, that says them exactly with the fewest digits: `64Gi`, `1500M`. */
export function formatBytes(bytes: number): string {
  const binary = inUnits(bytes, binaryUnits);
  const decimal = inUnits(bytes, decimalUnits);
  return digitCount(decimal) < digitCount(binary) ? decimal : binary;
}

function digitCount(text: string): number {
  return digitsEnd(text, text.startsWith('-') ? 1 : 0);
}

function inUnits(amount: number, units: readonly (readonly [string, number])[]): string {
  if (amount === 0) return '0';
  for (const [suffix, size] of units) if (amount % size === 0) return `${amount / size}${suffix}`;
  return String(amount);
}

/** The amount of a ResourceList as Kubernetes prints it for that resource. */
export function formatResource(name: string, amount: number): string {
  if (name === 'cpu') return formatCpu(amount);
  const isBytes = name.endsWith('memory') || name.endsWith('storage') || name.includes('hugepages-');
  return isBytes ? formatBytes(amount) : inUnits(amount, decimalUnits);
}

/** What somebody who wrote `64GB` or `1 gi` may have meant, or undefined: `64G (10^9) or 64Gi (2^30)`. */
export function quantitySuggestion(text: string): string | undefined {
  if (text.length > quantityLengthMax || parseQuantity(text) !== undefined) return undefined;
  const compact = text.replaceAll(' ', '').replaceAll(',', '').replaceAll('_', '');
  if (parseQuantity(compact) !== undefined) return compact;
  let end = compact.startsWith('-') ? 1 : 0;
  while (end < compact.length && (isDigit(compact.charCodeAt(end)) || compact[end] === '.')) end++;
  const number = compact.slice(0, end);
  if (parseQuantity(number) === undefined || number === '') return undefined;
  return unitSuggestion(number, compact.slice(end).toLowerCase());
}

function unitSuggestion(number: string, unit: string): string | undefined {
  if (['cpu', 'cpus', 'core', 'cores', 'vcpu', 'vcpus', 'b', 'byte', 'bytes'].includes(unit)) return number;
  if (['millicpu', 'millicores', 'mcpu', 'mcore', 'mcores'].includes(unit)) return `${number}m`;
  const at = 'kmgtpe'.indexOf(unit[0] ?? ' ');
  if (at < 0) return undefined;
  const decimal = `${number}${'kMGTPE'[at]} (10^${3 * (at + 1)})`;
  const binary = `${number}${'KMGTPE'[at]}i (2^${10 * (at + 1)})`;
  const rest = unit.slice(1);
  if (rest === 'i' || rest === 'ib') return binary;
  return rest === '' || rest === 'b' ? `${decimal} or ${binary}` : undefined;
}
