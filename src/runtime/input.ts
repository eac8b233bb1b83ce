/**
 * What a person types, or a file or another program sends: the standard input.
 *
 * @module
 */

import process from "node:process";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";

/** The standard input. */
export interface Input {
  /** Whether a person is there to be asked. */
  readonly isTerminal: boolean;
  /** Everything, to its end. */
  readAll(): Promise<string>;
  /** Asks, on standard error, for a line; undefined where the input ends instead. */
  ask(question: string): Promise<string | undefined>;
  /** Asks for a line without showing what is typed; undefined where the input ends or Ctrl-C is typed instead. */
  askSecret(question: string): Promise<string | undefined>;
}

const CTRL_C = "\u0003";
const CTRL_D = "\u0004";
const CTRL_U = "\u0015";
const BACKSPACES = ["\b", "\u007f"];

/** The process's own input. */
export function processInput(): Input {
  const { stdin, stderr } = process;
  return {
    isTerminal: stdin.isTTY === true,
    readAll: () => text(stdin),
    ask: (question) => {
      const lines = createInterface({ input: stdin, output: stderr });
      return new Promise((resolve) => {
        lines.once("close", () => resolve(undefined));
        lines.once("SIGINT", () => lines.close());
        lines.question(question, (line) => {
          resolve(line);
          lines.close();
        });
      });
    },
    askSecret: (question) => {
      return new Promise((resolve) => {
        let typed = "";
        const end = (line: string | undefined): void => {
          stdin.off("data", read).off("end", ended);
          stdin.setRawMode?.(false);
          stdin.pause();
          stderr.write("\n");
          resolve(line);
        };
        const ended = (): void => end(typed === "" ? undefined : typed);
        const read = (chunk: string): void => {
          for (const key of chunk) {
            if (key === "\r" || key === "\n") return end(typed);
            if (key === CTRL_C || (key === CTRL_D && typed === "")) return end(undefined);
            if (BACKSPACES.includes(key)) typed = Array.from(typed).slice(0, -1).join("");
            else if (key === CTRL_U) typed = "";
            else if (key >= " ") typed += key;
          }
        };
        // First of all: what is typed as soon as the question is seen must not be shown.
        stdin.setRawMode?.(true);
        stderr.write(question);
        stdin.setEncoding("utf8");
        stdin.on("data", read).once("end", ended).resume();
      });
    },
  };
}
