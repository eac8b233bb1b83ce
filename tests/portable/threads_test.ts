/** Handlers in threads: runs on Deno, Bun and Node. */

import { deepEqual, equal, match, notEqual, ok, rejects } from "node:assert/strict";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { after, before, beforeEach, describe, it } from "node:test";
import { threadId } from "node:worker_threads";
import {
  type AttemptEnd,
  Client,
  JobFailedError,
  type JobHandle,
  memoryStore,
  Server,
  type Store,
  ThreadDiedError,
  ThreadModuleError,
} from "../../mod.ts";
import { limitsMemory } from "../../src/runtime/threads.ts";
import { CollectingLogger } from "../support/collecting_logger.ts";
import { jobs } from "../support/threads/handlers.ts";

/** Where this test runs. */
const here = `${process.pid} ${threadId}`;
const module = new URL("../support/threads/handlers.ts", import.meta.url);

/** The error with which a job ended. */
async function failureOf(handle: JobHandle): Promise<string> {
  try {
    await handle.result();
  } catch (error) {
    if (error instanceof JobFailedError) return error.job.error ?? "";
  }
  throw new Error("Cannot give the error of a job that did not fail");
}

/** Resolves when a file has something in it. */
async function untilWritten(file: string): Promise<void> {
  while ((await stat(file)).size === 0) await new Promise((resolve) => setTimeout(resolve, 5));
}

/** Resolves when a job runs. */
async function untilRuns(handle: JobHandle<unknown, unknown>): Promise<void> {
  while ((await handle.job())?.status !== "processing") {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

describe("a pool of threads", () => {
  let folder: string;
  let store: Store;
  let client: Client<typeof jobs>;
  let server: Server<typeof jobs>;
  const logger = new CollectingLogger();
  const seen: string[] = [];
  const ends: AttemptEnd[] = [];
  let file: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "gqm-threads-"));
    store = memoryStore();
    client = new Client({ jobs, store });
    server = new Server({ jobs, store, logger, maxRetry: 0 });
    server.use(async ({ job }, next) => {
      seen.push(job.type);
      return await next();
    });
    server.pool({
      name: "threads",
      queues: ["default"],
      isolate: "thread",
      module,
      concurrency: 2,
      handlers: {
        "throws": {
          maxRetry: 1,
          isFailure: (error) => (error as { code?: string } | undefined)?.code !== "E_BUSY",
          onComplete: (end) => void ends.push(end),
        },
        "exits": { onFailure: (end) => void ends.push(end) },
      },
    });
    await server.start();
  });

  beforeEach(async () => {
    file = join(folder, crypto.randomUUID());
    await writeFile(file, "");
    ends.length = 0;
  });

  after(async () => {
    await server.stop();
    await client.close();
    await store.close();
    await rm(folder, { recursive: true });
  });

  it("runs the handlers of its module inside the middleware", async () => {
    equal(await (await client.enqueue("sum", [1, 2, 3])).result(), 6);
    ok(seen.includes("sum"));
  });

  it("hands payloads and results over as JSON", async () => {
    const value = { text: "ä\u0000🎉", list: [1, null, { a: [] }], big: 2 ** 53 };
    deepEqual(await (await client.enqueue("echo", value)).result(), value);
    equal(await (await client.enqueue("echo", null)).result(), null);
    deepEqual(await (await client.enqueue("odd", "date")).result(), {
      at: "1970-01-01T00:00:00.000Z",
    });
  });

  it("keeps a marker for a result that is no JSON or too large, and tells of it", async () => {
    const dropped: string[] = [];
    using _off = server.on("job.result_dropped", ({ reason }) => dropped.push(reason));
    for (const what of ["function", "large"]) {
      await rejects((await client.enqueue("odd", what)).result(), { code: "RESULT_UNAVAILABLE" });
    }
    equal(logger.saying("Job completed, its result cannot be kept").length, 2);
    deepEqual(dropped, [
      "'result' is a function",
      "it has 2097154 bytes of JSON, above 1048576",
    ]);
  });

  it("is told apart on the list of servers", async () => {
    const { servers } = await client.servers.list();
    deepEqual(servers[0]?.about.pools.map(({ name, isolate }) => [name, isolate]), [
      ["threads", "thread"],
    ]);
  });

  it("gives handlers the context of a job, in a thread that is used again", async () => {
    const first = await client.enqueue("tell", undefined, { meta: { a: 1 } });
    const { attempt, fence, thread, meta, current } = await first.result();
    deepEqual([attempt, meta, current], [1, { a: 1 }, { a: 1 }]);
    ok(fence > 0);
    notEqual(thread, here);
    const job = await first.job();
    deepEqual([job?.progress?.value, job?.progress?.message], [0.5, "half"]);
    equal(job?.logs[0]?.text, "attempt 1");
    const second = await client.enqueue("tell");
    ok((await second.result()).fence > fence);
    equal((await second.result()).thread, thread);
  });

  it("lets handlers add jobs and read parents", async () => {
    const { child, last, refused } = await (await client.enqueue("adds")).result();
    equal(refused, "DuplicateJobError of sum");
    await server.drain();
    deepEqual((await client.getJob(child))?.result, 3);
    deepEqual((await client.getJob(last))?.result, [7, 3]);
  });

  it("lets handlers wait for other jobs, or stop waiting", async () => {
    const there = await client.enqueue("sum", [1], { id: "there", delayMs: 200 });
    const waits = await client.enqueue("waits");
    deepEqual(await waits.result(), ["TimeoutError", 5]);
    equal(await there.result(), 1);
  });

  it("reads verdicts from what handlers throw", async () => {
    const skip = await client.enqueue("throws", "skip");
    equal(await failureOf(skip), "outer");
    const cancel = await client.enqueue("throws", "cancel");
    equal(await failureOf(cancel), "not wanted");
    const later = await client.enqueue("throws", "later");
    const coded = await client.enqueue("throws", "coded");
    await server.drain();
    const [a, b, c, d] = await Promise.all(
      [skip, cancel, later, coded].map((handle) => handle.job()),
    );
    deepEqual([a?.status, a?.attempts.length, b?.status], ["dead_letter", 1, "canceled"]);
    deepEqual([c?.status, c?.retryCount, d?.status, d?.retryCount], ["retry", 1, "retry", 0]);
    ok(c!.runAt! - c!.createdAt >= 86_000_000);
    match(a?.attempts[0]?.error?.stack ?? "", /handlers\.ts[^]*Caused by \w+: inner/);
  });

  it("gives callbacks what was thrown, as it was", async () => {
    for (const what of ["plain", "text", "nothing"]) {
      await client.enqueue("throws", what, { maxRetry: 0 });
      await server.drain();
    }
    const [plain, text, nothing] = ends.map(({ error }) => error);
    ok(plain instanceof TypeError);
    equal(text, "a text");
    equal((nothing as Error).message, "undefined");
  });

  it("ends a thread that spins past the time limit, and nobody else", async () => {
    const spin = await client.enqueue("spin", { file }, { timeoutMs: 300 });
    const neighbour = await client.enqueue("sum", [1]);
    equal(await neighbour.result(), 1);
    equal(await failureOf(spin), "Timeout of 300 ms exceeded");
    const written = await readFile(file, "utf8");
    ok(written.length > 0);
    for (const n of [1, 2, 3]) equal(await (await client.enqueue("sum", [n])).result(), n);
    equal(await readFile(file, "utf8"), written, "nothing goes on");
    equal((await spin.job())?.attempts.length, 1);
  });

  it("lets a handler that hears the abort end within its grace", async () => {
    equal(await (await client.enqueue("heeds", undefined, { timeoutMs: 50 })).result(), "in time");
  });

  it("ends the thread of a job that was canceled, if it is blocked", async () => {
    const spin = await client.enqueue("spin", { file });
    await untilWritten(file);
    await client.control.cancel(spin.id, { reason: "no longer" });
    await server.drain();
    const written = await readFile(file, "utf8");
    equal(await (await client.enqueue("sum", [2])).result(), 2);
    equal(await readFile(file, "utf8"), written);
    equal((await spin.job())?.status, "canceled");
  });

  it("replaces a thread that ended, whose job failed", async () => {
    equal(
      await failureOf(await client.enqueue("exits")),
      "Cannot finish job as its thread must live as long: it ended with exit code 3",
    );
    await server.drain();
    ok(ends[0]?.error instanceof ThreadDiedError);
    match(await failureOf(await client.enqueue("strays")), /ended by RangeError: stray/);
    equal(await (await client.enqueue("sum", [3])).result(), 3);
  });

  it("gives back what its threads still run when the server stops", async () => {
    const other = new Server({ jobs, store, logLevel: "silent" });
    other.pool({ name: "p", queues: ["own"], isolate: "thread", module, types: ["spin"] });
    await other.start();
    const spin = await client.enqueue("spin", { file }, { queue: "own" });
    await untilWritten(file);
    await other.stop({ shutdownTimeoutMs: 0, graceMs: 5000 });
    const written = await readFile(file, "utf8");
    const job = await spin.job();
    deepEqual([job?.status, job?.attempts.length, job?.deliveries], ["ready", 0, 0]);
    equal(await (await client.enqueue("sum", [4])).result(), 4);
    equal(await readFile(file, "utf8"), written);
    await client.control.remove(spin.id);
  });

  it("ends threads whose handlers hear the abort and go on, after their grace", async () => {
    const other = new Server({ jobs, store, logger, maxRetry: 0 });
    const options = { name: "p", queues: ["own"], module, types: ["heedsNot", "sum"] };
    other.pool({ ...options, isolate: "thread", concurrency: 1, graceMs: 400 });
    await other.start();
    const deaf = await client.enqueue("heedsNot", { file }, { queue: "own", timeoutMs: 50 });
    match(await failureOf(deaf), /^Timeout of 50 ms exceeded/);
    const next = await client.enqueue("sum", [5], { queue: "own" });
    equal(await next.result(), 5);
    await other.stop();
    const written = await readFile(file, "utf8");
    equal(await (await client.enqueue("sum", [4])).result(), 4);
    equal(await readFile(file, "utf8"), written);
  });

  it("tries again when a thread does not start, and burns no attempt of a job", async () => {
    const text = `import { existsSync } from "node:fs";
      import process from "node:process";
      if (existsSync(${JSON.stringify(file)})) throw new Error("not now");
      export default { leaves: ({ job }) => job.attempt > 1 ? "back" : process.exit(1) };`;
    await rm(file);
    const lines = new CollectingLogger();
    const other = new Server({ store, logger: lines, backoff: { type: "fixed", baseMs: 0 } });
    const path = join(folder, "leaves.mjs");
    await writeFile(path, text);
    const pool = { name: "p", queues: ["own"], module: path, concurrency: 1 };
    await other.pool({ ...pool, isolate: "thread" }).start();
    await writeFile(file, "");
    const leaves = await new Client({ store }).enqueue("leaves", null, { queue: "own" });
    while (lines.saying("Thread did not start, trying again").length < 2) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await rm(file);
    equal(await leaves.result(), "back");
    deepEqual((await leaves.job())?.attempts.map(({ outcome }) => outcome), ["retry", "completed"]);
    await other.stop();
  });

  it("holds the memory of a thread to its limit", { skip: !limitsMemory() }, async () => {
    const other = new Server({ jobs, store, logLevel: "silent", maxRetry: 0 });
    other.pool({
      ...{ name: "p", queues: ["own"], isolate: "thread", module, types: ["hoards", "sum"] },
      ...{ memoryLimitMb: 64, concurrency: 1 },
    });
    await other.start();
    const hoards = await client.enqueue("hoards", undefined, { queue: "own" });
    match(await failureOf(hoards), /ended by Error: (.*memory limit|it got SIG)/);
    equal(await (await client.enqueue("sum", [6], { queue: "own" })).result(), 6);
    await other.stop();
  });

  it("warns where the memory of a thread has no limit", { skip: limitsMemory() }, async () => {
    const lines = new CollectingLogger();
    const other = new Server({ jobs, store, logger: lines });
    other.pool({ name: "p", queues: ["own"], isolate: "thread", module, memoryLimitMb: 64 });
    await other.start();
    await other.stop();
    equal(
      lines.saying("Memory of threads is not limited, as this runtime cannot do that").length,
      1,
    );
  });

  it("says that a store in memory leaves the leases to the main thread", () => {
    const message = "Leases are kept by the main thread, as no other can open this store";
    ok(logger.saying(message).length > 0);
  });

  it("starts one thread for a slot, however many jobs give up waiting for it", async () => {
    process.env["GQM_TEST_STARTS"] = file;
    const other = new Server({ store, logLevel: "silent", maxRetry: 100 });
    const slow = new URL("../support/threads/slow_start.ts", import.meta.url);
    other.pool({
      ...{ name: "p", queues: ["own"], isolate: "thread", module: slow, concurrency: 1 },
      ...{ graceMs: 50, backoff: { type: "fixed", baseMs: 1, jitter: 0 } },
    });
    await other.start();
    const loose = new Client({ store });
    const exits = await loose.enqueue("exits", undefined, { queue: "own", maxRetry: 0 });
    await rejects(exits.result());
    const works = await loose.enqueue("works", undefined, { queue: "own", timeoutMs: 100 });
    equal(await works.result(), "done");
    const job = await works.job();
    ok(job!.retryCount > 1, "it waited for the thread");
    equal(job!.attempts[0]?.error?.message, "Timeout of 100 ms exceeded");
    equal(await readFile(file, "utf8"), "..");
    await other.stop();
    await loose.close();
  });

  it("takes its threads down with a job that runs when nobody waits for it", async () => {
    const other = new Server({ jobs, store, logLevel: "silent" });
    other.pool({ name: "p", queues: ["own"], isolate: "thread", module, types: ["heedsNot"] });
    await other.start();
    const deaf = await client.enqueue("heedsNot", { file }, { queue: "own" });
    await untilRuns(deaf);
    await other.stop({ shutdownTimeoutMs: 0, graceMs: 0 });
    equal((await deaf.job())?.status, "ready");
    await client.control.remove(deaf.id);
  });
});

describe("the start of a server with a pool of threads", () => {
  const modules: readonly [string, string, RegExp][] = [
    ["is not there", "./nowhere.ts", /must load: current value is 'file:.*nowhere\.ts', but /],
    ["throws", "data:text/javascript,throw new RangeError('no')", /must load: .*RangeError: no/],
    ["has no default export", "data:text/javascript,1", /as its default export/],
    ["has no handlers", "data:text/javascript,export default {}", /at least one handler/],
    [
      "has a handler that is no function",
      "data:text/javascript,export default { a: 1 }",
      /have a function as the handler of 'a'/,
    ],
    [
      "lacks a type that is named",
      "data:text/javascript,export default { b() {} }",
      /must export a handler of 'a'/,
    ],
  ];
  for (const [when, text, message] of modules) {
    it(`fails when the module ${when}`, async () => {
      const server = new Server({ store: memoryStore(), logLevel: "silent" });
      const url = new URL(text, import.meta.url);
      server.pool({ name: "p", isolate: "thread", module: url, types: ["a"] });
      await rejects(server.start(), (error: unknown) => {
        ok(error instanceof ThreadModuleError);
        match(error.message, message);
        return true;
      });
      await server.stop();
    });
  }

  it("fails when the server has a handler of its own for a type", async () => {
    const server = new Server({ store: memoryStore(), logLevel: "silent" });
    server.pool({ name: "p", isolate: "thread", module }).handle("sum", () => 0);
    await rejects(server.start(), { code: "JOB_TYPE_CONFLICT" });
    await server.stop();
  });

  it("fails when the registry lacks a type of the module", async () => {
    const server = new Server({ jobs: {}, store: memoryStore(), logLevel: "silent" });
    server.pool({ name: "p", isolate: "thread", module });
    await rejects(server.start(), { code: "UNKNOWN_JOB_TYPE" });
    await server.stop();
  });

  it("is over when the server is stopped meanwhile", async () => {
    const server = new Server({ store: memoryStore(), logLevel: "silent" });
    server.pool({ name: "p", isolate: "thread", module });
    const started = server.start();
    await server.stop();
    await started;
  });
});
