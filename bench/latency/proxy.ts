/** A proxy before Redis that makes it look far away, in a process of its own. */

import { join } from "node:path";
import { Redis } from "ioredis";
import { median } from "../median.ts";

const FILE = join(import.meta.dirname ?? ".", "proxy_process.ts");
const PINGS = 200;

/** A proxy on a free port of 127.0.0.1. Ends when it is disposed. */
export class LatencyProxy implements AsyncDisposable {
  /** What clients connect to. */
  readonly url: string;
  readonly #process: Deno.ChildProcess;

  private constructor(url: string, process: Deno.ChildProcess) {
    this.url = url;
    this.#process = process;
  }

  /**
   * Starts it.
   *
   * @param target URL of the server.
   * @param latencyMs What a round trip takes longer; half of it each way.
   */
  static async start(target: string, latencyMs: number): Promise<LatencyProxy> {
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--no-check", FILE, new URL(target).port, String(latencyMs / 2)],
      stdin: "piped",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
    const { value } = await reader.read();
    const port = Number(value?.trim());
    if (!Number.isInteger(port)) {
      child.kill("SIGKILL");
      await child.status;
      throw new Error(
        `Cannot start the proxy as it must print its port: current value is "${value}"`,
      );
    }
    await reader.cancel();
    return new LatencyProxy(`redis://127.0.0.1:${port}`, child);
  }

  /** Ends it at once, without waiting. */
  kill(): void {
    try {
      this.#process.kill("SIGKILL");
    } catch {
      // it has ended already
    }
  }

  /** Ends it, and waits until it has gone. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.kill();
    await this.#process.stdin.close().catch(() => {});
    await this.#process.status;
  }
}

/** Milliseconds of a round trip to a Redis with nothing else to do, the median of some. */
export async function roundTripMs(url: string): Promise<number> {
  const redis = new Redis(url);
  const times: number[] = [];
  for (let i = 0; i < PINGS; i++) {
    const sentAt = performance.now();
    await redis.ping();
    times.push(performance.now() - sentAt);
  }
  redis.disconnect();
  return median(times);
}
