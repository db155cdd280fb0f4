/**
 * Words set in lines of at most `width` characters, all but the first behind `indent`; a word that is longer stands alone.
 * Blanks that are not to be broken are written as U+00A0 and come out as plain blanks.
 */
export function wrapText(text: string, width: number, indent: string): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line === '') line = lines.length === 0 ? word : indent + word;
    else if (line.length + 1 + word.length <= width) line += ` ${word}`;
    else {
      lines.push(line);
      line = indent + word;
    }
  }
  if (line !== '') lines.push(line);
  return lines.map((finished) => finished.replaceAll('\u00a0', ' '));
}
