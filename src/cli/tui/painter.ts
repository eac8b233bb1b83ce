/**
 * Draws lines where they have changed.
 *
 * @module
 */

import { type Line, toAnsi } from "./line.ts";

/** What is on the screen. */
export class Painter {
  readonly #hasColours: boolean;
  #drawn: readonly string[] = [];
  #isCleared = false;

  /** @param hasColours Whether colours may be used. */
  constructor(hasColours: boolean) {
    this.#hasColours = hasColours;
  }

  /** What must be written for these lines to be seen; nothing if they are. */
  paint(lines: readonly Line[]): string {
    const texts = lines.map((one) => toAnsi(one, this.#hasColours));
    const changes = texts.map((text, i) =>
      text === this.#drawn[i] ? "" : `\u001b[${i + 1};1H${text}\u001b[0m`
    );
    this.#drawn = texts;
    // At once with what follows, so that nobody sees an empty screen.
    const clear = this.#isCleared ? "" : "\u001b[2J";
    this.#isCleared = true;
    return clear + changes.join("");
  }

  /** Forgets what was drawn: the screen is cleared, and all of it drawn, next time. */
  forget(): void {
    this.#drawn = [];
    this.#isCleared = false;
  }
}
