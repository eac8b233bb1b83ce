/** A terminal that keeps what is written, and types what a test says. */

import type { Terminal } from "../../src/runtime/terminal.ts";

/** What a test may want of it. */
export interface TestTerminalOptions {
  /** What is typed, a line each, where somebody is asked; nobody can be asked without it. */
  readonly typed?: readonly string[];
  /** What is sent on standard input. */
  readonly sent?: string;
  /** Its width; what is written goes to no terminal without it. */
  readonly columns?: number;
  readonly colours?: boolean;
}

/** The terminal, and what was written. */
export class TestTerminal implements Terminal {
  /** What was written to standard output. */
  stdout = "";
  /** What was written to standard error. */
  stderr = "";
  readonly interactive: boolean;
  readonly errInteractive: boolean;
  readonly colours: boolean;
  readonly input: Terminal["input"];
  readonly #columns: number;

  constructor({ typed, sent = "", columns, colours = false }: TestTerminalOptions = {}) {
    const lines = [...typed ?? []];
    this.interactive = this.errInteractive = columns !== undefined;
    this.colours = colours;
    this.#columns = columns ?? 80;
    const answer = (question: string): Promise<string | undefined> => {
      this.stderr += question;
      return Promise.resolve(lines.shift());
    };
    this.input = {
      isTerminal: typed !== undefined,
      readAll: () => Promise.resolve(sent),
      ask: answer,
      askSecret: answer,
    };
  }

  columns(): number {
    return this.#columns;
  }

  readonly out = (text: string): void => void (this.stdout += text);
  readonly err = (text: string): void => void (this.stderr += text);
}
