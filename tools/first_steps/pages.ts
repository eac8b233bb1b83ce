/** What docs/getting-started.md has its readers make. */

const FILE = /^```ts[^\n]*\n\/\/ ([\w.]+\.ts)\n([^]*?)^```$/gm;

/**
 * Files by their names: blocks of TypeScript whose first line is a comment with a name.
 *
 * @param page Text of a Markdown page.
 */
export function filesOf(page: string): ReadonlyMap<string, string> {
  return new Map([...page.matchAll(FILE)].map(([, name, text]) => [name!, text!]));
}

/** The page's `deno.json`. */
export function denoJsonOf(page: string): string {
  return /^ *```json\n([^]*?)^ *```$/m.exec(page)![1]!;
}

/** A program of the page as Bun and Node run it beside a checkout, as the page says. */
export function besideCheckout(text: string): string {
  return text.replaceAll('"@gqm/gqm/testing"', '"../gqm/src/testing/mod.ts"')
    .replaceAll('"@gqm/gqm"', '"../gqm/mod.ts"');
}
