/** Stands in for `@std/cli/unicode-width` where JSR cannot be reached: over npm's `string-width`. */

// deno-lint-ignore no-import-prefix -- only this stand-in uses the package
import stringWidth from "npm:string-width@8";

/** How many columns of a terminal a text takes. */
export function unicodeWidth(text: string): number {
  return stringWidth(text);
}
