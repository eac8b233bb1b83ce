/**
 * The whole terminal, taken for a program that draws, and given back however the program ends.
 *
 * @module
 */

import process from "node:process";

/** What the program is told. */
export interface ScreenEvents {
  /** Something was typed. */
  typed(text: string): void;
  /** The terminal has another size, or must be drawn anew. */
  changed(): void;
  /** The program is to end: by a signal, or as nobody is there any more. */
  ended(): void;
}

/** The terminal, taken. */
export interface Screen extends Disposable {
  /** Columns and rows. */
  size(): readonly [columns: number, rows: number];
  /** Writes to it, unless it has been given back. */
  write(text: string): void;
  /** Gives the terminal back until the program goes on (SIGCONT), as Ctrl-Z does. */
  suspend(): void;
}

// Alternate screen, no cursor, no wrapping at the right edge; and back.
const TAKE = "\u001b[?1049h\u001b[?25l\u001b[?7l\u001b[2J";
const GIVE_BACK = "\u001b[?7h\u001b[?25h\u001b[0m\u001b[?1049l";

/**
 * Takes the terminal.
 *
 * @throws {Error} If there is none.
 */
export function takeScreen(events: ScreenEvents): Screen {
  const { stdin, stdout } = process;
  if (!stdin.isTTY || !stdout.isTTY) {
    throw new Error("cannot draw as standard input and output must be a terminal");
  }
  let isTaken = false;
  const take = (): void => {
    if (isTaken) return;
    isTaken = true;
    stdin.setRawMode(true);
    stdin.setEncoding("utf8");
    stdin.resume();
    stdout.write(TAKE);
  };
  const taken = (): void => {
    take();
    events.changed();
  };
  const giveBack = (): void => {
    if (!isTaken) return;
    isTaken = false;
    stdout.write(GIVE_BACK);
    stdin.setRawMode(false);
  };
  const typed = (text: string): void => events.typed(text);
  const changed = (): void => events.changed();
  const ended = (): void => events.ended();
  const crashed = (error: unknown): void => {
    giveBack();
    process.stderr.write(`✗ gqm: ${error instanceof Error ? error.stack : String(error)}\n`);
    process.exit(1);
  };
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  stdin.on("data", typed);
  stdin.on("end", ended);
  stdout.on("resize", changed);
  for (const signal of signals) process.on(signal, ended);
  process.on("SIGCONT", taken);
  process.on("exit", giveBack);
  process.on("uncaughtException", crashed);
  process.on("unhandledRejection", crashed);
  take();
  return {
    size: () => [stdout.columns || 80, stdout.rows || 24],
    write: (text) => void (isTaken && stdout.write(text)),
    suspend: () => {
      giveBack();
      // Its whole group, as the terminal itself does it: what runs beside it in a pipe stops too.
      process.kill(0, "SIGTSTP");
    },
    [Symbol.dispose]: () => {
      giveBack();
      stdin.off("data", typed).off("end", ended);
      stdin.pause();
      stdout.off("resize", changed);
      for (const signal of signals) process.off(signal, ended);
      process.off("SIGCONT", taken).off("exit", giveBack);
      process.off("uncaughtException", crashed).off("unhandledRejection", crashed);
    },
  };
}
