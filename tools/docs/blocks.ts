/** Takes a page of Markdown apart: blocks of code, and the text around them. */

/** A block of code between fences. */
export interface Block {
  /** What stands behind the opening fence, such as "ts ignore". */
  readonly info: string;
  readonly text: string;
  /** The line of its first line of code, from 1. */
  readonly line: number;
}

/** A page, taken apart. */
export interface Page {
  /** From the root. */
  readonly path: string;
  readonly blocks: readonly Block[];
  /** All lines; those of blocks and of comments are empty. */
  readonly lines: readonly string[];
}

/** Takes a page apart. */
export function readPage(path: string, text: string): Page {
  const blocks: Block[] = [];
  const lines: string[] = [];
  let open: { fence: string; indent: number; info: string; from: number } | undefined;
  let code: string[] = [];
  for (const [i, line] of withoutComments(text).split("\n").entries()) {
    const [, indent = "", fence, info = ""] =
      /^( *(?:[-*] +|\d+\. +)?)(`{3,}|~{3,})(.*)$/.exec(line) ?? [];
    const ends = open && fence?.startsWith(open.fence) && info.trim() === "";
    if (open && ends) {
      blocks.push({ info: open.info, text: code.join("\n"), line: open.from });
      open = undefined;
    } else if (open) {
      code.push(line.slice(Math.min(open.indent, /^ */.exec(line)![0].length)));
    } else if (fence !== undefined) {
      open = { fence, indent: indent.length, info: info.trim(), from: i + 2 };
      code = [];
    }
    lines.push(open || ends ? "" : line);
  }
  return { path, blocks, lines };
}

/** Comments of HTML become empty lines. */
function withoutComments(text: string): string {
  return text.replaceAll("\r\n", "\n").replace(
    /^<!--.*?-->/gms,
    (comment) => comment.replace(/[^\n]/g, ""),
  );
}

/** The code between backticks in a line. */
export function codeIn(line: string): string[] {
  return [...line.matchAll(/(`+)(?!`)(.+?)(?<!`)\1(?!`)/g)].map(([, , code]) => code!.trim());
}

/** A line without the code between backticks. */
export function withoutCode(line: string): string {
  return line.replace(/(`+)(?!`)(.+?)(?<!`)\1(?!`)/g, (code) => " ".repeat(code.length));
}
