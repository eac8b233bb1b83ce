/** Servers whose main thread is blocked for several leases, beside a rival: on Deno, Bun and Node. */

import { deepEqual, equal, match } from "node:assert/strict";
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { Client, Server, storeFromUrl } from "../../mod.ts";
import { removeKeys, testRedis, testRedisProblem, uniquePrefix } from "../support/redis/shared.ts";

const script = fileURLToPath(new URL("../support/threads/blocking_process.ts", import.meta.url));

/** A process that runs the script; what it prints is kept. */
class Blocking implements AsyncDisposable {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #ended: Promise<unknown>;
  #heard = Promise.withResolvers<void>();
  printed = "";

  constructor(store: string, how: string) {
    const flags = "Deno" in globalThis
      ? ["run", "--allow-all", "--no-check", "--quiet"]
      : "Bun" in globalThis
      ? []
      : ["--disable-warning=ExperimentalWarning"];
    this.#child = spawn(process.execPath, [...flags, script, store, how], {
      env: { ...process.env, NO_COLOR: "1" },
    });
    this.#child.stdout.on("data", (piece: Uint8Array) => {
      this.printed += new TextDecoder().decode(piece);
      this.#heard.resolve();
      this.#heard = Promise.withResolvers();
    });
    this.#child.stderr.on("data", (piece: Uint8Array) => {
      this.printed += new TextDecoder().decode(piece);
    });
    this.#ended = new Promise((resolve) => this.#child.once("exit", resolve));
  }

  /** Resolves when it has printed a line. */
  async until(line: string): Promise<void> {
    while (!this.printed.split("\n").includes(line)) {
      const ended = this.#ended.then(() => {
        throw new Error(`Cannot go on as the process ended: ${this.printed}`);
      });
      await Promise.race([this.#heard.promise, ended]);
    }
  }

  /** Kills it, as a crash would. */
  async kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.stdin.end();
    await this.#ended;
  }
}

/** A store that processes share, and how to remove it. */
async function place(kind: string): Promise<{ readonly url: string } & AsyncDisposable> {
  if (kind === "redis") {
    const prefix = uniquePrefix();
    const url = `${testRedis()}?prefix=${prefix}`;
    return { url, [Symbol.asyncDispose]: () => removeKeys(testRedis(), prefix) };
  }
  const folder = await mkdtemp(join(tmpdir(), "gqm-blocked-"));
  const remove = (): Promise<void> => rm(folder, { recursive: true });
  return { url: `sqlite:${join(folder, "jobs.db")}`, [Symbol.asyncDispose]: remove };
}

for (const kind of ["sqlite", "redis"]) {
  const skip = kind === "redis" ? testRedisProblem() ?? false : false;

  describe(
    `a server on ${kind} whose main thread is blocked for more than two leases`,
    { skip },
    () => {
      it("loses no job to a rival when it has a pool of threads", async () => {
        await using shared = await place(kind);
        await using store = storeFromUrl(shared.url);
        await store.open();
        await using client = new Client({ store });
        await using blocking = new Blocking(shared.url, "beside");
        await blocking.until("started");
        const spins = await client.enqueue("spinFor", 4500);
        const waits = await client.enqueue("waits");
        while ((await waits.job())?.status === "ready" || (await spins.job())?.status === "ready") {
          await new Promise((resolve) => setTimeout(resolve, 10));
        }
        await using rival = new Server({ store, logLevel: "silent", leaseMs: 1000 });
        rival.handle("spinFor", () => "rival").handle("waits", () => "rival");
        await rival.start();
        deepEqual([await spins.result(), await waits.result()], ["spun", "waited"]);
        for (const handle of [spins, waits]) {
          const job = await handle.job();
          deepEqual([job?.deliveries, job?.attempts.length], [0, 1]);
        }
        match(blocking.printed, /started\n$/, "and says nothing");
      });

      it("loses its jobs to a rival when a plain handler blocks, and settles nothing", async () => {
        await using shared = await place(kind);
        await using store = storeFromUrl(shared.url);
        await store.open();
        await using client = new Client({ store });
        const blocks = await client.enqueue("blocks");
        await using blocking = new Blocking(shared.url, "inside");
        await blocking.until("blocks");
        await using rival = new Server({ store, logLevel: "silent", leaseMs: 1000 });
        await rival.handle("blocks", () => "rival").start();
        equal(await blocks.result(), "rival");
        await blocking.until("Job was taken from this server before it ended");
        const job = await blocks.job();
        deepEqual([job?.result, job?.deliveries], ["rival", 1]);
        deepEqual(job?.attempts.map(({ outcome }) => outcome), ["lost", "completed"]);
        match(job?.attempts[0]?.error?.message ?? "", /^Lease ended/);
      });
    },
  );
}

/** Resolves when a file has grown, or when it has not for a while. */
async function untilFile(file: string, what: "grows" | "rests"): Promise<void> {
  let before = -1;
  while (true) {
    const { size } = await stat(file);
    if (what === "grows" ? size > 0 : size === before) return;
    before = size;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

describe("a server that is killed", () => {
  it("takes a handler that spins in a thread along", async () => {
    await using shared = await place("sqlite");
    await using store = storeFromUrl(shared.url);
    await store.open();
    await using client = new Client({ store });
    const file = shared.url.replace(/^sqlite:(.*)\.db$/, "$1.txt");
    await writeFile(file, "");
    await client.enqueue("spin", { file });
    await using blocking = new Blocking(shared.url, "spins");
    await untilFile(file, "grows");
    await blocking.kill();
    await untilFile(file, "rests");
  });
});
