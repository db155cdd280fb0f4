/** Whether a name matches a pattern in which `*` stands for any text and `?` for one character. */
export function matchesGlob(pattern: string, name: string): boolean {
  let at = 0;
  let inPattern = 0;
  let starAt = -1;
  let retryFrom = 0;
  while (at < name.length) {
    const wanted = pattern[inPattern];
    if (wanted === '*') {
      starAt = inPattern++;
      retryFrom = at;
    } else if (wanted === '?' || wanted === name[at]) {
      inPattern++;
      at++;
    } else if (starAt >= 0) {
      inPattern = starAt + 1;
      at = ++retryFrom;
    } else return false;
  }
  while (pattern[inPattern] === '*') inPattern++;
  return inPattern === pattern.length;
}
