/**
 * Worker processes for tests: started, killed, paused and continued.
 */

import { fileURLToPath } from "node:url";

/** What `trouble` does. */
export interface Trouble {
  readonly rng: () => number;
  /** How long it goes on. */
  readonly forMs: number;
  /** Time between two events. */
  readonly everyMs: number;
  /** How long a paused worker stands still. */
  readonly pauseMs: number;
}

/** Some processes of one script. Disposing kills them all. */
export class Workers implements AsyncDisposable {
  readonly #script: string;
  readonly #args: readonly string[];
  readonly #running = new Set<Deno.ChildProcess>();
  readonly #pausing = new Map<Deno.ChildProcess, ReturnType<typeof setTimeout>>();
  killed = 0;
  paused = 0;

  /** @param script Path from the repository's root. @param args Its arguments. */
  constructor(script: string, args: readonly string[]) {
    this.#script = fileURLToPath(new URL(`../../${script}`, import.meta.url));
    this.#args = args;
  }

  /** Starts some more. */
  start(count: number): void {
    for (let i = 0; i < count; i++) {
      const command = new Deno.Command(Deno.execPath(), {
        args: ["run", "-A", this.#script, ...this.#args],
        stdin: "null",
        stdout: "null",
        stderr: "inherit",
      });
      this.#running.add(command.spawn());
    }
  }

  /** Kills or pauses a worker now and then; for each that is killed another starts. */
  async trouble({ rng, forMs, everyMs, pauseMs }: Trouble): Promise<void> {
    const until = performance.now() + forMs;
    while (performance.now() < until) {
      await new Promise((resolve) => setTimeout(resolve, everyMs));
      const free = [...this.#running].filter((worker) => !this.#pausing.has(worker));
      const victim = free[Math.floor(rng() * free.length)];
      if (victim === undefined) continue;
      if (rng() < 0.3) this.#pause(victim, pauseMs);
      else await this.#replace(victim);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const timer of this.#pausing.values()) clearTimeout(timer);
    const running = [...this.#running];
    this.#running.clear();
    for (const worker of running) worker.kill("SIGKILL");
    await Promise.all(running.map((worker) => worker.status));
  }

  async #replace(worker: Deno.ChildProcess): Promise<void> {
    this.killed++;
    this.#running.delete(worker);
    worker.kill("SIGKILL");
    await worker.status;
    this.start(1);
  }

  #pause(worker: Deno.ChildProcess, ms: number): void {
    this.paused++;
    worker.kill("SIGSTOP");
    const timer = setTimeout(() => {
      this.#pausing.delete(worker);
      worker.kill("SIGCONT");
    }, ms);
    this.#pausing.set(worker, timer);
  }
}
