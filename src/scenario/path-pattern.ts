/** Patterns of paths: `*` stands for any characters of one name, `?` for one, `**` for any number of folders. */

/** Whether a path has characters that stand for others. */
export function isPattern(path: string): boolean {
  return path.includes('*') || path.includes('?');
}

/** Whether a name matches a pattern of one segment. Linear in the length of both, times the number of stars at worst. */
export function matchesName(pattern: string, name: string): boolean {
  let at = 0;
  let from = 0;
  let star = -1;
  let retry = 0;
  while (at < name.length) {
    if (from < pattern.length && pattern[from] === '*') {
      star = from++;
      retry = at;
    } else if (from < pattern.length && (pattern[from] === '?' || pattern[from] === name[at])) {
      from++;
      at++;
    } else if (star >= 0) {
      from = star + 1;
      at = ++retry;
    } else return false;
  }
  while (pattern[from] === '*') from++;
  return from === pattern.length;
}
