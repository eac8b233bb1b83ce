/** The command as one binary, built by Bun from what `deno task compile` builds it from. */

import { join } from "node:path";
import { build } from "../../tools/build.ts";
import { compileByBun } from "../../tools/compile/bun.ts";
import { bundleCommand } from "../../tools/compile/bundle.ts";
import { runtimes } from "../../tools/runtimes.ts";

const ROOT = join(import.meta.dirname ?? ".", "../..");

/** Why no binary can be built here, or undefined if one can: a reason to skip a test. */
export async function binaryProblem(): Promise<string | undefined> {
  return await runtimes().then(() => undefined, (error: Error) => error.message);
}

/** Builds it into a folder; gives its path. */
export async function buildBinary(folder: string): Promise<string> {
  await build(new URL("../../", import.meta.url));
  const path = join(folder, Deno.build.os === "windows" ? "gqm.exe" : "gqm");
  await compileByBun(await bundleCommand(ROOT, join(folder, "bundle")), path);
  return path;
}

/** A binary in a folder of its own, which is its working folder too, and holds nothing else of ours. */
export class Binary implements AsyncDisposable {
  readonly path: string;
  readonly folder: string;

  private constructor(path: string, folder: string) {
    this.path = path;
    this.folder = folder;
  }

  /** Builds it. */
  static async build(): Promise<Binary> {
    const folder = await Deno.makeTempDir({ prefix: "gqm-binary-" });
    const path = await buildBinary(folder);
    await Deno.remove(join(folder, "bundle"), { recursive: true });
    return new Binary(path, folder);
  }

  /** Starts it. @param env What its environment has besides. */
  start(args: readonly string[], env: Readonly<Record<string, string>> = {}): Running {
    return new Running(
      new Deno.Command(this.path, {
        args: [...args],
        cwd: this.folder,
        env: { NO_COLOR: "1", ...env },
        stdin: "null",
        stdout: "piped",
        stderr: "piped",
      }).spawn(),
    );
  }

  /** Runs it to its end, which must be good; gives what it printed. */
  async run(...args: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await this.end(...args);
    if (code === 0) return stdout;
    throw new Error(`gqm ${args.join(" ")} ended with ${code}: ${stdout}${stderr}`);
  }

  /** Runs it to its end. */
  async end(
    ...args: readonly string[]
  ): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }> {
    const running = this.start(args);
    const code = await running.ended;
    return { code, stdout: running.stdout, stderr: running.stderr };
  }

  /** Removes it. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.folder, { recursive: true });
  }
}

/** A binary that runs. Disposing it asks it to end, and waits for that. */
export class Running implements AsyncDisposable {
  /** Its exit code. */
  readonly ended: Promise<number>;
  readonly #child: Deno.ChildProcess;
  #heard = Promise.withResolvers<void>();
  #isOver = false;
  stdout = "";
  stderr = "";

  constructor(child: Deno.ChildProcess) {
    this.#child = child;
    const read = async (stream: ReadableStream<Uint8Array>, name: "stdout" | "stderr") => {
      const decoder = new TextDecoder();
      for await (const bytes of stream) {
        this[name] += decoder.decode(bytes, { stream: true });
        this.#tell();
      }
    };
    this.ended = Promise.all([
      child.status,
      read(child.stdout, "stdout"),
      read(child.stderr, "stderr"),
    ]).then(([{ code }]) => {
      this.#isOver = true;
      this.#tell();
      return code;
    });
  }

  /** Waits until it has printed something, wherever. */
  async said(what: RegExp): Promise<RegExpExecArray> {
    while (true) {
      const found = what.exec(this.stdout) ?? what.exec(this.stderr);
      if (found !== null) return found;
      if (this.#isOver) throw new Error(`It ended without ${what}: ${this.stdout}${this.stderr}`);
      await this.#heard.promise;
    }
  }

  /** Asks it to end, if it still runs; gives its exit code. */
  async stop(): Promise<number> {
    if (!this.#isOver) this.#child.kill("SIGTERM");
    return await this.ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  #tell(): void {
    this.#heard.resolve();
    this.#heard = Promise.withResolvers();
  }
}
