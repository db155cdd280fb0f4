/** Short names derived from contents and numbers, in the alphabet that upstream uses (no vowels, no look-alikes). */
import type { PodTemplateSpec } from './core-v1.ts';

/** Upstream `apimachinery/pkg/util/rand`: letters that cannot spell a word. */
const alphabet = 'bcdfghjklmnpqrstvwxz2456789';
/** Letters at the end of a generated name. */
export const nameSuffixLength = 5;

/**
 * The value of the label pod-template-hash: equal for equal templates, whatever the order of their keys. FNV-1a over the
 * canonical text; upstream hashes a dump of its own structure, so the letters differ from a real cluster's.
 *
 * @param collisionCount raised by the Deployment controller when another ReplicaSet already has the name.
 */
export function hashTemplate(template: PodTemplateSpec, collisionCount = 0): string {
  const text = canonicalText(template) + (collisionCount === 0 ? '' : `#${collisionCount}`);
  return encoded(String(fnv32a(text)));
}

/** As upstream's `rand.SafeEncodeString`: one letter per character. */
function encoded(text: string): string {
  let letters = '';
  for (let at = 0; at < text.length; at++) letters += alphabet[text.charCodeAt(at) % alphabet.length]!;
  return letters;
}

/** The 32-bit FNV-1a hash of the text's UTF-16 code units, low byte first. */
export function fnv32a(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    hash = Math.imul(hash ^ (code & 0xff), 0x01000193);
    if (code > 0xff) hash = Math.imul(hash ^ (code >> 8), 0x01000193);
  }
  return hash >>> 0;
}

/** JSON with sorted keys; maps become objects, undefined members are left out. */
export function canonicalText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalText).join(',')}]`;
  if (value instanceof Map) return objectText([...(value as Map<string, unknown>)]);
  if (typeof value === 'object' && value !== null) return objectText(Object.entries(value));
  return JSON.stringify(value) ?? 'null';
}

function objectText(entries: [string, unknown][]): string {
  const members = entries
    .filter(([, value]) => value !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${JSON.stringify(key)}:${canonicalText(value)}`);
  return `{${members.join(',')}}`;
}

/**
 * The five characters that end the name of a pod. The number comes from a random stream or a counter; its residue modulo
 * 27^5 = 14,348,907 decides, and numbers with different residues give different suffixes.
 *
 * @param number an integer, 0 .. 2^53-1.
 */
export function nameSuffix(number: number): string {
  let rest = number % nameSuffixCount;
  let suffix = '';
  for (let at = 0; at < nameSuffixLength; at++) {
    suffix = alphabet[rest % alphabet.length]! + suffix;
    rest = Math.floor(rest / alphabet.length);
  }
  return suffix;
}

/** How many different suffixes there are. */
export const nameSuffixCount = 14_348_907;

/** The name of an object whose manifest leaves its end to the API server: the same in every run. */
export function generatedName(generateName: string): string {
  return generateName + nameSuffix(fnv32a(generateName));
}
