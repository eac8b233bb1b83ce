/** A folder outside the checkout, into which the package is installed, with programs that use it. */

import { join } from "node:path";
import { runtimes } from "../../../tools/runtimes.ts";
import { NPM_SCRIPT } from "../../../tools/test/npm.ts";
import { Running } from "../../support/binary.ts";

const PROGRAMS = join(import.meta.dirname ?? ".", "../consumer");
const ALL = ["run", "--allow-all"];

/** How a runtime installs and runs. */
interface Ways {
  readonly bin: string;
  readonly install: readonly string[];
  readonly run: readonly string[];
  readonly gqm: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** What a program printed, and its exit code. */
export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Such a folder. */
export class Consumer implements AsyncDisposable {
  readonly folder: string;
  readonly #ways: Ways;

  private constructor(folder: string, ways: Ways) {
    this.folder = folder;
    this.#ways = ways;
  }

  /** One for Node, which installs by npm. */
  static async ofNode(): Promise<Consumer> {
    return await Consumer.#make("node", async () => ({
      bin: (await runtimes()).node.bin,
      install: [NPM_SCRIPT, "install", "--no-audit", "--no-fund", "--ignore-scripts"],
      run: [],
      gqm: ["node_modules/.bin/gqm"],
      env: {},
    }));
  }

  /** One for Bun. */
  static async ofBun(): Promise<Consumer> {
    return await Consumer.#make("bun", async () => ({
      bin: (await runtimes()).bun.bin,
      install: ["add"],
      run: [],
      gqm: ["node_modules/.bin/gqm"],
      env: {},
    }));
  }

  /** One for Deno, which knows a registry as JSR, and has nothing in its cache. */
  static async ofDeno(registry: string): Promise<Consumer> {
    return await Consumer.#make("deno", (folder) => ({
      bin: Deno.execPath(),
      install: ["add", "--quiet"],
      run: ALL,
      gqm: [...ALL, "jsr:@gqm/gqm/cli"],
      env: { JSR_URL: registry, DENO_DIR: join(folder, ".cache") },
    }));
  }

  static async #make(
    name: string,
    waysIn: (folder: string) => Ways | Promise<Ways>,
  ): Promise<Consumer> {
    const folder = await Deno.makeTempDir({ prefix: `gqm-${name}-` });
    for await (const { name } of Deno.readDir(PROGRAMS)) {
      await Deno.copyFile(join(PROGRAMS, name), join(folder, name));
    }
    const [file, manifest] = name === "deno"
      ? ["deno.json", { nodeModulesDir: "auto" }]
      : ["package.json", { name: "consumer", private: true, type: "module" }];
    await Deno.writeTextFile(join(folder, file), JSON.stringify(manifest));
    return new Consumer(folder, await waysIn(folder));
  }

  /** Installs packages, as users do. */
  async install(...packages: readonly string[]): Promise<void> {
    const { code, stdout, stderr } = await this.end(...this.#ways.install, ...packages);
    if (code !== 0) throw new Error(`Cannot install ${packages.join(", ")}: ${stdout}${stderr}`);
  }

  /** Runs a program to its end, which must be good; gives what it printed. */
  async run(file: string, env: Readonly<Record<string, string>> = {}): Promise<string> {
    return good(file, await ended(this.#start([...this.#ways.run, file], env)));
  }

  /** Runs the command to its end, which must be good; gives what it printed. */
  async gqm(...args: readonly string[]): Promise<string> {
    return good(`gqm ${args.join(" ")}`, await this.end(...this.#ways.gqm, ...args));
  }

  /** Starts the command. */
  startGqm(...args: readonly string[]): Running {
    return this.#start([...this.#ways.gqm, ...args]);
  }

  /** Runs the runtime with arguments to its end. */
  async end(...args: readonly string[]): Promise<Ended> {
    return await ended(this.#start(args));
  }

  /** Removes it. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.folder, { recursive: true });
  }

  #start(args: readonly string[], env: Readonly<Record<string, string>> = {}): Running {
    return new Running(
      new Deno.Command(this.#ways.bin, {
        args: [...args],
        cwd: this.folder,
        env: { NO_COLOR: "1", ...this.#ways.env, ...env },
        stdin: "null",
        stdout: "piped",
        stderr: "piped",
      }).spawn(),
    );
  }
}

async function ended(running: Running): Promise<Ended> {
  const code = await running.ended;
  return { code, stdout: running.stdout, stderr: running.stderr };
}

function good(what: string, { code, stdout, stderr }: Ended): string {
  if (code === 0) return stdout;
  throw new Error(`${what} ended with ${code}: ${stdout}${stderr}`);
}
