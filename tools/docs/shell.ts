/** Takes lines of a shell apart, as far as docs have them. */

/** The simple commands of a block, each as its words, with the number of their line in the block. */
export function commandsIn(text: string): { readonly words: string[]; readonly line: number }[] {
  const found: { words: string[]; line: number }[] = [];
  const lines = text.split("\n");
  for (let i = 0; i < lines.length; i++) {
    const line = i;
    let whole = lines[i]!.replace(/^ *\$ /, "");
    while (isOpen(whole) && i + 1 < lines.length) {
      whole = whole.endsWith("\\") ? whole.slice(0, -1) + lines[++i]! : `${whole}\n${lines[++i]!}`;
    }
    const [, end] = /<<-?\s*['"]?(\w+)['"]?/.exec(whole) ?? [];
    if (end !== undefined) { while (i + 1 < lines.length && lines[++i]!.trim() !== end); }
    for (const words of split(whole)) found.push({ words, line });
  }
  return found;
}

/** Whether a line goes on with the next one: it ends with `\`, or a quote is open. */
function isOpen(line: string): boolean {
  return line.endsWith("\\") ||
    !/^(?:[^'"\\#]|\\.|(?<![^\s])#[^\n]*|#|'[^']*'|"(?:[^"\\]|\\.)*")*$/s.test(line);
}

/** The words of each command in a line; redirections and comments are left out. */
function split(line: string): string[][] {
  const commands: string[][] = [[]];
  const token =
    /\s+|(#.*$)|(&&|\|\||[;|&])|(\d?>>?|<<?-?)\s*(?=[^\s>])(?!\w+>)\S+|((?:[^\s'"\\;|&]|\\.|'[^']*'|"(?:[^"\\]|\\.)*")+)/gsy;
  for (const [, , operator, , word] of line.matchAll(token)) {
    if (operator !== undefined) commands.push([]);
    else if (word !== undefined) commands.at(-1)!.push(plain(word));
  }
  return commands.map(withoutVariables).filter((words) => words.length > 0);
}

/** A word as the shell gives it to a program. */
function plain(word: string): string {
  return word.replace(
    /\\(.)|'([^']*)'|"((?:[^"\\]|\\.)*)"/gs,
    (_, escaped, single, double) => escaped ?? single ?? double.replace(/\\(.)/gs, "$1"),
  );
}

/** A command without variables of its environment before it. */
function withoutVariables(words: string[]): string[] {
  const at = words.findIndex((word) => !/^[A-Z_][A-Z0-9_]*=/.test(word));
  return at < 0 ? [] : words.slice(at);
}
