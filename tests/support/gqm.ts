/**
 * Runs the command `gqm` from the sources, as a user would.
 */

import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));
let std: Promise<string[]> | undefined;

/** Arguments that give child processes the standard library, wherever it comes from. */
export function standardLibrary(): Promise<string[]> {
  return std ??= new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "tools/std.ts"],
    cwd: root,
  })
    .output()
    .then(({ stdout }) =>
      new TextDecoder().decode(stdout).trim().split(/\s+/).filter((arg) => arg !== "")
    );
}

/** What runs `gqm` in a shell. */
export async function gqmLine(): Promise<string> {
  const words = [Deno.execPath(), "run", "-A", "--no-check", ...await standardLibrary(), "cli.ts"];
  return [`cd '${root}' &&`, ...words.map((word) => `'${word}'`)].join(" ");
}

/** Starts `gqm` with these arguments. @param env What its environment has besides. */
export async function startGqm(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Deno.ChildProcess> {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", ...await standardLibrary(), "cli.ts", ...args],
    cwd: root,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    env: { NO_COLOR: "1", ...env },
  }).spawn();
}

/** `gqm`, while it goes on: what it says is read as it comes. */
export class GoingGqm implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #reader: ReadableStreamDefaultReader<string>;
  readonly #err: Promise<string>;
  #said = "";
  #ended: Promise<number> | undefined;

  private constructor(child: Deno.ChildProcess) {
    this.#child = child;
    this.#reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
    this.#err = new Response(child.stderr).text();
  }

  /** Starts it. @param env What its environment has besides. */
  static async start(
    args: readonly string[],
    env?: Readonly<Record<string, string>>,
  ): Promise<GoingGqm> {
    return new GoingGqm(await startGqm(args, env));
  }

  /** Waits until it has said something; gives what that is. */
  async said(what: RegExp): Promise<RegExpExecArray> {
    while (true) {
      const found = what.exec(this.#said);
      if (found !== null) return found;
      const { value, done } = await this.#reader.read();
      if (done) throw new Error(`It ended without ${what}: ${this.#said}${await this.#err}`);
      this.#said += value;
    }
  }

  /** Asks it to end; gives its exit code. */
  stop(): Promise<number> {
    return this.#ended ??= this.#stop();
  }

  async #stop(): Promise<number> {
    this.#child.kill("SIGTERM");
    while (!(await this.#reader.read()).done);
    await this.#err;
    return (await this.#child.status).code;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}

/** Runs `gqm` to its end. */
export async function runGqm(
  args: readonly string[],
): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }> {
  const { code, stdout, stderr } = await (await startGqm(args)).output();
  const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
  return { code, stdout: text(stdout), stderr: text(stderr) };
}
