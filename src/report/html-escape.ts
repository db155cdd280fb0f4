import { assert } from '../util/assert.ts';

const entities = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['"', '&quot;'],
  ["'", '&#39;'],
]);

/** Text as it may stand in HTML, between tags and in quoted attributes alike. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities.get(character)!);
}

/** A value as JSON that may stand in a script element: no text in it can end the element or a line of JavaScript. */
export function jsonForScript(value: unknown): string {
  return JSON.stringify(value)
    .replaceAll('<', '\\u003c')
    .replaceAll('\u2028', '\\u2028')
    .replaceAll('\u2029', '\\u2029');
}

/** JavaScript as it stands in a script element; it must not contain what would end or confuse the element. */
export function inlineScript(source: string): string {
  const script = source.replaceAll('\r\n', '\n');
  assert(!/<\/script|<!--/i.test(script), 'a script to be inlined contains an end tag or a comment opening of HTML');
  return script;
}

/** A table of plain texts; columns named in `numeric` (0-based) are set flush right. */
export function htmlTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  numeric: readonly number[] = [],
): string {
  const cell = (tag: 'td' | 'th', text: string, index: number): string =>
    `<${tag}${numeric.includes(index) ? ' class="number"' : ''}>${escapeHtml(text)}</${tag}>`;
  const line = (tag: 'td' | 'th', texts: readonly string[]): string =>
    `<tr>${texts.map((text, index) => cell(tag, text, index)).join('')}</tr>`;
  const body = rows.map((row) => line('td', row)).join('\n');
  return `<div class="scroll"><table><thead>${line('th', head)}</thead><tbody>\n${body}\n</tbody></table></div>`;
}
