/**
 * Worker processes for tests: started, killed, paused and continued.
 */

import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { runtimes } from "../../tools/runtimes.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** What `trouble` does. */
export interface Trouble {
  readonly rng: () => number;
  /** How long it goes on. */
  readonly forMs: number;
  /** Time between two events. */
  readonly everyMs: number;
  /** How long a paused worker stands still. */
  readonly pauseMs: number;
  /** Part of the events that are pauses, from 0 to 1. @default {0.3} */
  readonly pauseShare?: number;
}

/** What runs a script: an executable and what stands before the script's path. */
export interface Launcher {
  /** Name of the runtime. */
  readonly name: "deno" | "bun" | "node";
  readonly bin: string;
  readonly args: readonly string[];
  /** The folder in which scripts stand as they do in this repository. @default {this repository} */
  readonly root?: string;
}

/** The running Deno. */
export const DENO: Launcher = { name: "deno", bin: Deno.execPath(), args: ["run", "-A"] };

/** Deno, Bun and Node; throws with what to do if one is missing. */
export async function allLaunchers(): Promise<Launcher[]> {
  const { bun, node } = await runtimes();
  const args = ["--disable-warning=ExperimentalWarning"];
  return [DENO, { name: "bun", bin: bun.bin, args: [] }, { name: "node", bin: node.bin, args }];
}

interface Worker {
  readonly child: Deno.ChildProcess;
  readonly launcher: Launcher;
}

/** Some processes of one script. Disposing kills them all. */
export class Workers implements AsyncDisposable {
  readonly #script: string;
  readonly #args: readonly string[];
  readonly #launchers: readonly Launcher[];
  readonly #running = new Set<Worker>();
  readonly #pausing = new Map<Worker, ReturnType<typeof setTimeout>>();
  readonly #crashes: string[] = [];
  #started = 0;
  killed = 0;
  paused = 0;

  /**
   * @param script Path from the repository's root.
   * @param args Its arguments.
   * @param launchers What runs them, in turn.
   */
  constructor(script: string, args: readonly string[], launchers: readonly Launcher[] = [DENO]) {
    this.#script = script;
    this.#args = args;
    this.#launchers = launchers;
  }

  /** Those that ended by themselves, though nobody killed or stopped them. */
  get crashes(): readonly string[] {
    return this.#crashes;
  }

  /** The ids of the processes that run now. */
  get pids(): readonly number[] {
    return [...this.#running].map(({ child }) => child.pid);
  }

  /** Starts some more. */
  start(count: number): void {
    for (let i = 0; i < count; i++) {
      this.#launch(this.#launchers[this.#started++ % this.#launchers.length]!);
    }
  }

  /** Kills or pauses a worker now and then; for each that is killed another starts. */
  async trouble({ rng, forMs, everyMs, pauseMs, pauseShare = 0.3 }: Trouble): Promise<void> {
    const began = performance.now();
    for (let at = everyMs; at <= forMs; at += everyMs) {
      const leftMs = Math.max(0, began + at - performance.now());
      await new Promise((resolve) => setTimeout(resolve, leftMs));
      const free = [...this.#running].filter((worker) => !this.#pausing.has(worker));
      const victim = free[Math.floor(rng() * free.length)];
      if (victim === undefined) continue;
      if (rng() < pauseShare) this.#pause(victim, pauseMs);
      else await this.#replace(victim);
    }
  }

  /** Kills one, tells its process id when it is dead, and starts another. */
  async replace(index: number, dead?: (pid: number) => void): Promise<void> {
    const victim = [...this.#running][index]!;
    await this.#replace(victim, dead);
  }

  /** Kills them all. */
  async kill(): Promise<void> {
    for (const timer of this.#pausing.values()) clearTimeout(timer);
    this.#pausing.clear();
    await this.#end("SIGKILL");
  }

  /** Asks all to end in good order; gives their exit codes. */
  stop(): Promise<number[]> {
    return this.#end("SIGTERM");
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.kill();
  }

  #launch(launcher: Launcher): void {
    const script = join(launcher.root ?? ROOT, this.#script);
    const child = new Deno.Command(launcher.bin, {
      args: [...launcher.args, script, ...this.#args],
      stdin: "null",
      stdout: "null",
      stderr: "inherit",
    }).spawn();
    const worker = { child, launcher };
    this.#running.add(worker);
    child.status.then(({ code, signal }) => {
      if (!this.#running.delete(worker)) return;
      this.#crashes.push(`${launcher.name} ended with ${signal ?? code}`);
    });
  }

  async #end(signal: Deno.Signal): Promise<number[]> {
    const ending = [...this.#running];
    this.#running.clear();
    for (const { child } of ending) child.kill(signal);
    return await Promise.all(ending.map(async ({ child }) => (await child.status).code));
  }

  async #replace(worker: Worker, dead?: (pid: number) => void): Promise<void> {
    this.killed++;
    this.#running.delete(worker);
    clearTimeout(this.#pausing.get(worker));
    this.#pausing.delete(worker);
    worker.child.kill("SIGKILL");
    await worker.child.status;
    dead?.(worker.child.pid);
    this.#launch(worker.launcher);
  }

  #pause(worker: Worker, ms: number): void {
    this.paused++;
    worker.child.kill("SIGSTOP");
    const timer = setTimeout(() => {
      this.#pausing.delete(worker);
      worker.child.kill("SIGCONT");
    }, ms);
    this.#pausing.set(worker, timer);
  }
}
