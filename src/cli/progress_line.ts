/**
 * How far long work is: a line on standard error, where a person looks on.
 *
 * @module
 */

import type { Terminal } from "../runtime/terminal.ts";
import { count } from "./format.ts";
import { clip } from "./table.ts";

const BAR = 24;

/** A line that is written over. */
export class ProgressLine {
  readonly #terminal: Terminal;
  #isShown = false;

  /** @param terminal Where it is shown, if a person looks on. */
  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  /** Shows how much of all is done, and something about it. */
  show(done: number, all: number, told: string): void {
    const { errInteractive, columns, err } = this.#terminal;
    if (!errInteractive) return;
    const filled = all === 0 ? BAR : Math.round(Math.min(1, done / all) * BAR);
    const bar = "█".repeat(filled) + "░".repeat(BAR - filled);
    err(`\r\u001b[2K${clip(`${bar} ${count(done)} of ${count(all)}  ${told}`, columns() - 1)}`);
    this.#isShown = true;
  }

  /** Takes the line away. */
  end(): void {
    if (this.#isShown) this.#terminal.err("\r\u001b[2K");
  }
}
