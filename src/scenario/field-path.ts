/** Places in a document: `spec.faults[2].zoneOutage`. */

/** Field names, keys of maps and positions in lists, from the root. */
export type FieldPath = readonly (string | number)[];

const plainKey = /^[A-Za-z_][\w-]*$/;

/** The path as messages show it; keys that are not plain words stand in brackets. */
export function formatPath(path: FieldPath): string {
  let text = '';
  for (const step of path) {
    if (typeof step === 'number') text += `[${step}]`;
    else if (plainKey.test(step)) text += text === '' ? step : `.${step}`;
    else text += `[${JSON.stringify(step)}]`;
  }
  return text;
}

/** One step of an override's path: a field, a position, or the entry of a list whose field has a value. */
export type OverrideStep = string | number | { readonly field: string; readonly value: string };

/**
 * Reads the path of an override: `spec.horizon`, `spec.cluster.nodePools[0].count`, `spec.cluster.nodePools[name=general].count`.
 * Undefined when it is none.
 */
export function parseOverridePath(text: string): readonly OverrideStep[] | undefined {
  if (text.length === 0 || text.length > 512) return undefined;
  const steps: OverrideStep[] = [];
  let at = 0;
  while (at < text.length) {
    if (text[at] === '[') {
      const end = text.indexOf(']', at);
      const step = end < 0 ? undefined : bracketStep(text.slice(at + 1, end));
      if (step === undefined) return undefined;
      steps.push(step);
      at = end + 1;
    } else {
      if (steps.length > 0 && text[at] !== '.') return undefined;
      const start = steps.length > 0 ? at + 1 : at;
      at = start;
      while (at < text.length && text[at] !== '.' && text[at] !== '[') at++;
      const name = text.slice(start, at);
      if (name === '' || name.includes('=')) return undefined;
      steps.push(name);
    }
  }
  return steps;
}

function bracketStep(inner: string): OverrideStep | undefined {
  if (/^\d{1,6}$/.test(inner)) return Number(inner);
  if (inner.length > 2 && inner.startsWith('"') && inner.endsWith('"')) return inner.slice(1, -1);
  const equals = inner.indexOf('=');
  return equals <= 0 ? undefined : { field: inner.slice(0, equals), value: inner.slice(equals + 1) };
}
