/**
 * A line that is written over on a terminal, and written now and then where
 * output goes to a file or a pipe.
 *
 * @module
 */

import type { Terminal } from "../../runtime/terminal.ts";

/** How many changes of a line are left out between two that go to a file. */
const EVERY = 20;

/** One line that changes. */
export class LiveLine {
  readonly #terminal: Terminal;
  #shown = "";
  #changes = 0;

  /** @param terminal Where the line is. */
  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  /** Shows the line as it is now. */
  show(line: string): void {
    if (line === this.#shown) return;
    this.#shown = line;
    if (this.#terminal.interactive) this.#terminal.out(`\r\x1b[2K${line}`);
    else if (this.#changes++ % EVERY === 0) this.#terminal.out(`${line}\n`);
  }

  /** Leaves the line as it is and goes to the next. */
  end(): void {
    this.#terminal.out(this.#terminal.interactive ? "\n" : `${this.#shown}\n`);
  }
}
