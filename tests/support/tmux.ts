/** A program in a terminal of its own: keys in, screen out. */

import { until } from "../browser/support/until.ts";

/** How it is started. */
export interface TmuxOptions {
  readonly columns?: number;
  readonly rows?: number;
  /** Variables of its environment, beside those of the test. */
  readonly env?: Readonly<Record<string, string>>;
}

/** The terminal. */
export class Tmux implements AsyncDisposable {
  readonly #socket: string;

  private constructor(socket: string) {
    this.#socket = socket;
  }

  /** Starts a shell in a terminal, which runs a line. */
  static async start(
    line: string,
    { columns = 80, rows = 24, env = {} }: TmuxOptions = {},
  ): Promise<Tmux> {
    const tmux = new Tmux(`gqm-test-${crypto.randomUUID()}`);
    const variables = Object.entries({ TERM: "xterm-256color", ...env }).flatMap(
      ([name, value]) => ["-e", `${name}=${value}`],
    );
    await tmux.#call([
      ...[
        "-f",
        "/dev/null",
        "new-session",
        "-d",
        "-s",
        "s",
        "-x",
        String(columns),
        "-y",
        String(rows),
      ],
      ...[...variables, "bash --norc -i"],
    ]);
    await tmux.type("PS1='$ '", "Enter", "clear", "Enter", line, "Enter");
    return tmux;
  }

  /** Types: letters as they are, keys by tmux's names. */
  async type(...keys: readonly string[]): Promise<void> {
    for (const key of keys) {
      const isName = /^(?:Enter|Escape|Up|Down|Left|Right|Tab|BSpace|C-.|M-.|F\d+)$/.test(key);
      await this.#call(["send-keys", "-t", "s", ...isName ? [] : ["-l"], "--", key]);
    }
  }

  /** The screen now. */
  async screen(): Promise<string> {
    return await this.#call(["capture-pane", "-p", "-t", "s"]);
  }

  /** Waits until the screen shows something; gives it. */
  async shows(what: RegExp): Promise<string> {
    let screen = "";
    await until(
      async () => what.test(screen = await this.screen()),
      `the screen shows ${what}`,
    ).catch((error: Error) => {
      throw new Error(`${error.message}\n${screen}`);
    });
    return screen;
  }

  /** Changes its size. */
  async resize(columns: number, rows: number): Promise<void> {
    await this.#call(["resize-window", "-t", "s", "-x", String(columns), "-y", String(rows)]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#call(["kill-server"]);
  }

  async #call(args: readonly string[]): Promise<string> {
    const { success, stdout, stderr } = await new Deno.Command("tmux", {
      args: ["-L", this.#socket, ...args],
      stdin: "null",
    }).output();
    if (!success) throw new Error(`tmux ${args[0]}: ${new TextDecoder().decode(stderr)}`);
    return new TextDecoder().decode(stdout);
  }
}
