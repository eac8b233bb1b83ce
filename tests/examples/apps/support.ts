/**
 * Runs an application of examples/apps as a reader would: by its one command, on the runtime of the
 * test, with a folder of its own. What it says is read as it comes.
 */

import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
/** An application that takes longer is killed: one that hangs must not hide other tests. */
const LIMIT_MS = 120_000;

/** What this runtime needs before the name of a script. */
const RUNTIME_ARGS: readonly string[] = "Deno" in globalThis
  ? ["run", "--allow-all", "--quiet", "--no-lock"]
  : "Bun" in globalThis
  ? []
  : ["--disable-warning=ExperimentalWarning"];

/** How an application is run. */
export interface AppOptions {
  /** What follows the script's name. The first argument is the folder for what it makes. */
  readonly args?: readonly string[];
  /** What its environment has besides. `GQM_STORE` is taken out unless it stands here. */
  readonly env?: Readonly<Record<string, string>>;
  /** The script in the application's folder. @default {"main.ts"} */
  readonly script?: string;
  /** What the runtime gets before the script, such as what `stdArgs()` of tools/std.ts gives. */
  readonly runtimeArgs?: readonly string[];
  /** Another runtime's executable, which gets no arguments of its own. @default {that of the test} */
  readonly runtime?: string;
}

/** How an application ended, and all that it said. */
export interface Ended {
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** An application that runs. Disposing kills it. */
export class RunningApp implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #lines: string[] = [];
  #stderr = "";
  #read = 0;
  #isOver = false;
  #news = Promise.withResolvers<void>();
  /** Resolves when it has ended and all that it said is read. */
  readonly ended: Promise<Ended>;

  private constructor(child: ChildProcess) {
    this.#child = child;
    createInterface(child.stdout!).on("line", (line) => {
      this.#lines.push(line);
      this.#tell();
    });
    child.stderr!.setEncoding("utf8").on("data", (text: string) => this.#stderr += text);
    const limit = setTimeout(() => this.#signal("SIGKILL"), LIMIT_MS);
    this.ended = new Promise((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (code, signal) => {
        clearTimeout(limit);
        this.#isOver = true;
        this.#tell();
        resolve({ code, signal, stdout: this.stdout, stderr: this.#stderr });
      });
    });
  }

  /** Starts it. @param name The folder in examples/apps. */
  static start(
    name: string,
    { args = [], env = {}, script = "main.ts", runtimeArgs = [], runtime }: AppOptions = {},
  ): RunningApp {
    const { GQM_STORE: _, ...inherited } = process.env;
    const path = join("examples", "apps", name, script);
    const own = runtime === undefined ? RUNTIME_ARGS : [];
    const child = spawn(runtime ?? process.execPath, [...own, ...runtimeArgs, path, ...args], {
      cwd: ROOT,
      env: { ...inherited, NO_COLOR: "1", ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    return new RunningApp(child);
  }

  /** All that it said on standard output so far, without a last line that is not complete. */
  get stdout(): string {
    return this.#lines.map((line) => `${line}\n`).join("");
  }

  /** Its process. */
  get pid(): number {
    return this.#child.pid!;
  }

  /**
   * Waits for a line of its standard output, and goes on behind it with the next call.
   *
   * @throws {Error} If the application ends before.
   */
  async line(pattern: RegExp): Promise<string> {
    for (;;) {
      while (this.#read < this.#lines.length) {
        const line = this.#lines[this.#read++]!;
        if (pattern.test(line)) return line;
      }
      if (this.#isOver) {
        throw new Error(`No line matches ${pattern}:\n${this.stdout}\n${this.#stderr}`);
      }
      await this.#news.promise;
    }
  }

  /** Asks it to end in good order, as a supervisor does. */
  stop(): Promise<Ended> {
    this.#signal("SIGTERM");
    return this.ended;
  }

  /** Ends it as a crash does: at once, wherever it is. */
  kill(): Promise<Ended> {
    this.#signal("SIGKILL");
    return this.ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
  }

  #signal(name: NodeJS.Signals): void {
    // By its id: on Deno `child.kill` lets the exit code be forgotten.
    if (!this.#isOver && this.#child.exitCode === null) process.kill(this.pid, name);
  }

  #tell(): void {
    this.#news.resolve();
    this.#news = Promise.withResolvers();
  }
}

/**
 * Runs an application that ends by itself.
 *
 * @throws {Error} If its exit code is not 0.
 */
export async function runApp(name: string, options?: AppOptions): Promise<Ended> {
  await using app = RunningApp.start(name, options);
  const ended = await app.ended;
  if (ended.code === 0) return ended;
  const { code, signal, stdout, stderr } = ended;
  throw new Error(`${name} ended with ${signal ?? code}:\n${stdout}\n${stderr}`);
}

/** A folder that is removed with all that is in it. */
export class TempFolder implements AsyncDisposable {
  /** Absolute path. */
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  /** Makes one. */
  static async make(): Promise<TempFolder> {
    return new TempFolder(await mkdtemp(join(tmpdir(), "gqm-app-")));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.path, { recursive: true, force: true });
  }
}
