/** A folder outside the checkout, into which the package is installed, with programs that use it. */

import { join } from "node:path";
import { runtimes } from "../../../tools/runtimes.ts";
import { NPM_SCRIPT } from "../../../tools/test/npm.ts";
import { Running } from "../../support/binary.ts";

const PROGRAMS = join(import.meta.dirname ?? ".", "../consumer");

/** The runtimes that the package for npm is for. */
export type ConsumerRuntime = "node" | "bun";

/** What a program printed, and its exit code. */
export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Such a folder. */
export class Consumer implements AsyncDisposable {
  readonly folder: string;
  readonly #runtime: ConsumerRuntime;
  readonly #bin: string;

  private constructor(folder: string, runtime: ConsumerRuntime, bin: string) {
    this.folder = folder;
    this.#runtime = runtime;
    this.#bin = bin;
  }

  /** Makes an empty folder, with the programs. */
  static async make(runtime: ConsumerRuntime): Promise<Consumer> {
    const folder = await Deno.makeTempDir({ prefix: `gqm-${runtime}-` });
    for await (const { name } of Deno.readDir(PROGRAMS)) {
      await Deno.copyFile(join(PROGRAMS, name), join(folder, name));
    }
    const manifest = { name: "consumer", private: true, type: "module" };
    await Deno.writeTextFile(join(folder, "package.json"), JSON.stringify(manifest));
    return new Consumer(folder, runtime, (await runtimes())[runtime].bin);
  }

  /** Installs packages: by npm for Node, by itself for Bun. */
  async install(...packages: readonly string[]): Promise<void> {
    const args = this.#runtime === "bun"
      ? ["add", ...packages]
      : [NPM_SCRIPT, "install", "--no-audit", "--no-fund", "--ignore-scripts", ...packages];
    const { code, stdout, stderr } = await this.#end(args);
    if (code !== 0) throw new Error(`Cannot install ${packages.join(", ")}: ${stdout}${stderr}`);
  }

  /** Runs a program to its end, which must be good; gives what it printed. */
  async run(file: string, env: Readonly<Record<string, string>> = {}): Promise<string> {
    const { code, stdout, stderr } = await this.#end([file], env);
    if (code === 0) return stdout;
    throw new Error(`${file} ended with ${code} on ${this.#runtime}: ${stdout}${stderr}`);
  }

  /** Runs a script of Node with arguments to its end. */
  async script(file: string, ...args: readonly string[]): Promise<Ended> {
    return await this.#end([file, ...args]);
  }

  /** Runs the command to its end, which must be good; gives what it printed. */
  async gqm(...args: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await this.#end([this.#command, ...args]);
    if (code === 0) return stdout;
    throw new Error(`gqm ${args.join(" ")} ended with ${code}: ${stdout}${stderr}`);
  }

  /** Starts the command. */
  startGqm(...args: readonly string[]): Running {
    return this.#start([this.#command, ...args]);
  }

  /** Removes it. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.folder, { recursive: true });
  }

  /** As `npx gqm` and `bunx gqm` find it. */
  get #command(): string {
    return join(this.folder, "node_modules/.bin/gqm");
  }

  #start(args: readonly string[], env: Readonly<Record<string, string>> = {}): Running {
    return new Running(
      new Deno.Command(this.#bin, {
        args: [...args],
        cwd: this.folder,
        env: { NO_COLOR: "1", ...env },
        stdin: "null",
        stdout: "piped",
        stderr: "piped",
      }).spawn(),
    );
  }

  async #end(args: readonly string[], env?: Readonly<Record<string, string>>): Promise<Ended> {
    const running = this.#start(args, env);
    const code = await running.ended;
    return { code, stdout: running.stdout, stderr: running.stderr };
  }
}
