// SPDX-License-Identifier: Apache-2.0

/**
 * A command line as words. No shell looks at a job's command, so what needs one (pipes, variables, several commands) is run by `sh -c`;
 * undefined: a quote is not closed.
 */
export function wordsOf(text: string): { words: string[]; shell: boolean } | undefined {
  const joined = text.replace(/\\\n/g, " ").trim();
  const words: string[] = [];
  let word: string | undefined;
  let quote = "";
  for (let at = 0; at < joined.length; ++at) {
    const c = joined[at]!;
    if (quote) {
      if (c === quote) quote = "";
      else if (c === "$" && quote === '"') return { words: ["sh", "-c", joined], shell: true };
      else if (c === "\\" && quote === '"' && /["\\]/.test(joined[at + 1] ?? "")) word = (word ?? "") + joined[++at]!;
      else word = (word ?? "") + c;
    } else if (c === "'" || c === '"') {
      quote = c;
      word ??= "";
    } else if (c === "\\" && at + 1 < joined.length) word = (word ?? "") + joined[++at];
    else if (/[|&;<>$`*?()\n]/.test(c)) return { words: ["sh", "-c", joined], shell: true };
    else if (/\s/.test(c)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else word = (word ?? "") + c;
  }
  if (quote) return undefined;
  if (word !== undefined) words.push(word);
  return { words, shell: false };
}

/** A word as a shell would take it. */
export const quoted = (word: string): string => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`);

/** A command's words as one line that wordsOf() reads back. */
export const lineOf = (words: string[]): string =>
  words.length === 3 && words[0] === "sh" && words[1] === "-c" && wordsOf(words[2]!)?.shell ? words[2]! : words.map(quoted).join(" ");
