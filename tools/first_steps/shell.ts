/** Commands as a newcomer types them, with what they print and how long they take. */

import { spawn } from "node:child_process";
import { delimiter, join } from "node:path";
import process from "node:process";
import type { Readable } from "node:stream";

/** A command that goes on. */
export interface Going extends AsyncDisposable {
  /** Resolves when it has printed what is asked for. Rejects when it ends before. */
  until(pattern: RegExp): Promise<void>;
}

/** A shell with an empty home folder, that finds Node and the tools of the system, and no other runtime. */
export class Shell {
  readonly #env: Readonly<Record<string, string>>;
  readonly #startedAt = performance.now();

  private constructor(env: Readonly<Record<string, string>>) {
    this.#env = env;
  }

  /**
   * @param folder Where its home folder is made.
   * @param node The Node that it finds.
   */
  static async open(folder: string, node: string): Promise<Shell> {
    const [home, bin] = [join(folder, "home"), join(folder, "bin")];
    await Promise.all([home, bin].map((path) => Deno.mkdir(path)));
    await Deno.symlink(await Deno.realPath(node), join(bin, "node"));
    for (const name of ["npm", "npx", "sh", "env", "tar", "uname"]) {
      await Deno.symlink(await Deno.realPath(await which(name)), join(bin, name));
    }
    const kept = Object.entries(Deno.env.toObject())
      .filter(([name]) =>
        /^(LANG|TERM|NODE_EXTRA_CA_CERTS|DENO_TLS_CA_STORE|.*_proxy)$/i.test(name)
      );
    return new Shell({ ...Object.fromEntries(kept), HOME: home, PATH: bin, NO_COLOR: "1" });
  }

  /** A heading. */
  say(text: string): void {
    console.log(`\n== ${text} (${this.seconds()} s)`);
  }

  /** Seconds since the first step. */
  seconds(): string {
    return ((performance.now() - this.#startedAt) / 1000).toFixed(1);
  }

  /**
   * Runs a command to its end; gives what it printed.
   *
   * @throws {Error} If its exit code is not 0.
   */
  async run(command: string, cwd: string): Promise<string> {
    const startedAt = performance.now();
    console.log(`$ ${command}`);
    const { code, stdout, stderr } = await this.#command(command, cwd).output();
    const decoder = new TextDecoder();
    const text = decoder.decode(stdout);
    console.log(lastLines(text + decoder.decode(stderr)));
    console.log(`  ${((performance.now() - startedAt) / 1000).toFixed(1)} s`);
    if (code !== 0) {
      throw new Error(`Cannot go on as '${command}' must end well: its code is ${code}`);
    }
    return text;
  }

  /** Starts a command that goes on until it is disposed of, which sends it and its children SIGTERM. */
  start(command: string, cwd: string): Going {
    console.log(`$ ${command} &`);
    // A group of its own: npx does not give a signal on.
    const child = spawn(join(this.#env["PATH"]!, "sh"), ["-c", `exec ${command}`], {
      ...{ cwd, env: this.#env, detached: true },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const said = { text: "" };
    const changed = new Set<() => void>();
    const read = async (stream: Readable): Promise<void> => {
      for await (const text of stream.setEncoding("utf8")) {
        said.text += text;
        for (const tell of changed) tell();
      }
    };
    const over = Promise.all([read(child.stdout), read(child.stderr)]);
    return {
      until: async (pattern) => {
        while (!pattern.test(said.text)) {
          const next = Promise.withResolvers<void>();
          changed.add(next.resolve);
          const ended = await Promise.race([next.promise, over]);
          changed.delete(next.resolve);
          if (ended !== undefined) {
            throw new Error(`Cannot go on as '${command}' ended:\n${said.text}`);
          }
        }
      },
      [Symbol.asyncDispose]: async () => {
        if (child.exitCode === null) process.kill(-child.pid!, "SIGTERM");
        await over;
        console.log(lastLines(said.text));
      },
    };
  }

  #command(command: string, cwd: string): Deno.Command {
    return new Deno.Command(join(this.#env["PATH"]!, "sh"), {
      args: ["-c", `exec ${command}`],
      cwd,
      env: this.#env,
      clearEnv: true,
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    });
  }
}

/** Where a command is. */
async function which(name: string): Promise<string> {
  for (const folder of (Deno.env.get("PATH") ?? "").split(delimiter)) {
    const path = join(folder, name);
    if (await Deno.stat(path).then(({ isFile }) => isFile, () => false)) return path;
  }
  throw new Error(`Cannot take the first steps as '${name}' must be in PATH`);
}

const MOST_LINES = 12;

function lastLines(text: string): string {
  const lines = text.trimEnd().split("\n").flatMap((line) => line.split("\r").slice(-1));
  return lines.slice(-MOST_LINES).map((line) => `  ${line}`).join("\n");
}
