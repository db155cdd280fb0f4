/** A look at the text before any parser sees it: parsers recurse, and a few kilobytes of brackets exhaust the stack. */

/** Levels after which text is not even parsed. Honest documents stay below a tenth of it. */
const roughDepthMax = 500;

/** Where text nests too deeply, or undefined. Quotes are not understood, so the limit is generous. */
export function nestingProblem(text: string): { readonly offset: number; readonly limit: number } | undefined {
  const offset = flowOffset(text) ?? blockOffset(text);
  return offset === undefined ? undefined : { offset, limit: roughDepthMax };
}

function flowOffset(text: string): number | undefined {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x5b || code === 0x7b) {
      if (++depth > roughDepthMax) return at;
    } else if ((code === 0x5d || code === 0x7d) && depth > 0) depth--;
  }
  return undefined;
}

/** Indentation that grows line by line, and `- - - -` on one line. */
function blockOffset(text: string): number | undefined {
  const indents: number[] = [];
  let start = 0;
  while (start < text.length) {
    const newLine = text.indexOf('\n', start);
    const end = newLine < 0 ? text.length : newLine;
    let at = start;
    while (at < end && text.charCodeAt(at) === 0x20) at++;
    const indent = at - start;
    if (at < end) {
      while (indents.length > 0 && indents.at(-1)! >= indent) indents.pop();
      indents.push(indent);
      if (indents.length + compactIndicators(text, at, end) > roughDepthMax) return at;
    }
    start = end + 1;
  }
  return undefined;
}

function compactIndicators(text: string, from: number, end: number): number {
  let indicators = 0;
  for (let at = from; at < end; at++) {
    const character = text[at];
    if (character === '-' || character === '?' || character === ':') indicators++;
    else if (character !== ' ' && character !== '\t') break;
  }
  return indicators;
}
