/** A script of a page: what a cart costs. */

import { formatted } from "./lib/money.ts";

/** A line of a cart. */
interface Line {
  readonly cents: number;
  readonly count: number;
}

function total(lines: readonly Line[]): number {
  return lines.reduce((sum, { cents, count }) => sum + cents * count, 0);
}

Object.assign(globalThis, { cartTotal: (lines: readonly Line[]) => formatted(total(lines)) });
