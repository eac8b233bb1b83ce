/** One process of a Redis server or sentinel. Runs on Deno, Bun and Node. */

import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import process from "node:process";
import { needRedis } from "../../../tools/redis/binary.ts";
import { type RedisAddress, waitForRedis } from "../../../tools/redis/ready.ts";

/** What a process is started with. */
export interface ProcessOptions {
  /** Arguments of the server. */
  readonly args: readonly string[];
  /** Where it will listen. */
  readonly address: RedisAddress;
  /** File that takes what it prints. */
  readonly log: string;
}

/** Thrown when a server cannot start as its port is taken: another port may do. */
export class PortInUseError extends Error {
  override readonly name = "PortInUseError";
}

type Signal = "SIGTERM" | "SIGKILL" | "SIGSTOP" | "SIGCONT";

const IN_USE = /Address already in use/;
/** Lines of the log that an error shows. */
const SHOWN_LINES = 12;

/** The processes that run now, which must not outlive this one. */
const running = new Set<ChildProcess>();
process.on("exit", () => {
  for (const child of running) send(child, "SIGKILL");
});

/** A process that answers. */
export class ServerProcess {
  readonly #child: ChildProcess;
  readonly #ended: Promise<void>;

  private constructor(child: ChildProcess) {
    this.#child = child;
    this.#ended = new Promise((resolve) => {
      const end = (): void => {
        running.delete(child);
        resolve();
      };
      child.once("exit", end);
      child.once("error", end);
    });
  }

  /**
   * Starts a process and waits until it answers.
   *
   * @throws {PortInUseError} If its port is taken.
   * @throws {Error} If there is no server to start, or it does not answer; with its log.
   */
  static async start({ args, address, log }: ProcessOptions): Promise<ServerProcess> {
    const { bin, env } = needRedis();
    const output = openSync(log, "a");
    const logged = readFileSync(log, "utf8").length;
    const child = spawn(bin, [...args], {
      env: { ...process.env, ...env },
      stdio: ["ignore", output, output],
    });
    closeSync(output);
    const started = new ServerProcess(child);
    running.add(child);
    let hasEnded = false;
    started.#ended.then(() => hasEnded = true);
    const pid = await waitForRedis(address, { hasEnded: () => hasEnded });
    if (pid !== undefined && pid === child.pid) return started;
    await started.end("SIGKILL");
    const lines = readFileSync(log, "utf8").slice(logged).trim().split("\n");
    const isTaken = pid !== undefined || IN_USE.test(lines.join("\n"));
    const message = `Cannot run Redis as "${bin} ${args.join(" ")}" must start and answer: its ` +
      `log is "${lines.slice(-SHOWN_LINES).join("\n")}"`;
    throw isTaken ? new PortInUseError(message) : new Error(message);
  }

  /** The id of the process. */
  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Whether the process is there, paused or not. */
  get isRunning(): boolean {
    return running.has(this.#child);
  }

  /** Sends a signal, unless the process has ended. */
  signal(signal: "SIGSTOP" | "SIGCONT"): void {
    send(this.#child, signal);
  }

  /** Ends the process, which may be paused, and waits until it is gone. */
  async end(signal: "SIGTERM" | "SIGKILL"): Promise<void> {
    send(this.#child, signal);
    send(this.#child, "SIGCONT");
    await this.#ended;
  }
}

/** Sends a signal unless the process has ended; `child.kill` does so only once on Deno. */
function send({ pid, exitCode, signalCode }: ChildProcess, signal: Signal): void {
  if (pid === undefined || exitCode !== null || signalCode !== null) return;
  try {
    process.kill(pid, signal);
  } catch {
    // it has just ended
  }
}
