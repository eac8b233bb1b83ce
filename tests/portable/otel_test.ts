/** The trace of a job on its whole way, on every store: runs on Deno, Bun and Node. */

import { deepEqual, equal, ok } from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { SpanKind, SpanStatusCode } from "@opentelemetry/api";
import { Client, memoryStore, redisStore, Server, sqliteStore, type Store } from "../../mod.ts";
import { openTelemetry } from "../../src/otel/mod.ts";
import { followCode, noSdk, ofJobs, only, recording, treeOf } from "../support/otel.ts";
import { removeKeys, testRedis, testRedisProblem, uniquePrefix } from "../support/redis/shared.ts";

const run = promisify(execFile);
const skip = noSdk ?? false;

/** Where a trace is made; the folder is removed with what is in it. */
const places: readonly {
  readonly name: string;
  readonly skip?: string | undefined;
  readonly use: (folder: string, test: (store: Store) => Promise<void>) => Promise<void>;
}[] = [
  { name: "memory", use: async (_folder, test) => await test(memoryStore()) },
  {
    name: "sqlite",
    use: async (folder, test) => await test(sqliteStore(join(folder, "jobs.db"))),
  },
  {
    name: "redis",
    skip: testRedisProblem(),
    use: async (_folder, test) => {
      const prefix = uniquePrefix();
      await test(redisStore(testRedis(), { prefix }));
      await removeKeys(testRedis(), prefix);
    },
  },
];

async function inFolder(test: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "gqm-otel-"));
  try {
    await test(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Waits for the end of jobs. */
async function untilCompleted(client: Client, ids: readonly string[]): Promise<void> {
  for (const id of ids) {
    while ((await client.getJob(id))?.status !== "completed") {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }
}

describe("a traced job", () => {
  before(followCode);

  for (const { name, skip: problem, use } of places) {
    const show = `shows its two attempts and its children on ${name}`;
    it(show, { skip: noSdk ?? problem ?? false }, async () => {
      await inFolder((folder) =>
        use(folder, async (store) => {
          const { tracerProvider, spans } = recording();
          const tracing = openTelemetry({ tracerProvider });
          const tracer = tracerProvider.getTracer("test");
          const client = new Client({ store, tracing });
          const server = new Server({ store, tracing, logLevel: "silent" });
          server.handle("order", async ({ job, enqueueChild }) => {
            if (job.attempt === 1) throw new TypeError("no answer");
            await enqueueChild("receipt", undefined, { id: "receipt" });
            await tracer.startActiveSpan("pay", async (span) => {
              await client.enqueue("notice", undefined, { id: "notice" });
              span.end();
            });
          }, { backoff: { type: "fixed", baseMs: 1 } });
          server.handle("receipt", () => {});
          server.handle("notice", () => {});
          await server.start();
          await tracer.startActiveSpan("request", async (span) => {
            await client.enqueue("order", undefined, { id: "order" });
            span.end();
          });
          await untilCompleted(client, ["order", "receipt", "notice"]);
          await server.stop();
          await client.close();
          await store.close();

          const ended = ofJobs(spans());
          deepEqual(treeOf(ended), [
            "request",
            "  send order",
            "    process order #1 retry",
            "    process order #2 completed ~ process order #1 retry",
            "      pay",
            "        send notice",
            "          process notice #1 completed",
            "      send receipt",
            "        process receipt #1 completed",
          ]);
          equal(new Set(ended.map((span) => span.spanContext().traceId)).size, 1);
          const [first, second] = ended.filter(({ name }) => name === "process order");
          equal(first!.kind, SpanKind.CONSUMER);
          deepEqual(first!.status, { code: SpanStatusCode.ERROR, message: "no answer" });
          deepEqual(first!.events.map(({ name }) => name), ["exception", "retry scheduled"]);
          equal(first!.events[0]!.attributes?.["exception.type"], "TypeError");
          equal(first!.attributes["error.type"], "TypeError");
          equal(typeof first!.events[1]!.attributes?.["gqm.retry.delay_ms"], "number");
          equal(second!.status.code, SpanStatusCode.UNSET);
          const { attributes } = second!;
          ok(attributes["messaging.client.id"] === server.id);
          deepEqual({ ...attributes, "messaging.client.id": "" }, {
            "messaging.system": "gqm",
            "messaging.operation.name": "process",
            "messaging.operation.type": "process",
            "messaging.destination.name": "default",
            "messaging.message.id": "order",
            "messaging.client.id": "",
            "gqm.job.type": "order",
            "gqm.job.attempt": 2,
            "gqm.job.retry_count": 1,
            "gqm.pool": "default",
            "gqm.outcome": "completed",
          });
          const send = only(ended, "send order");
          equal(send.kind, SpanKind.PRODUCER);
          deepEqual(send.attributes, {
            "messaging.system": "gqm",
            "messaging.operation.name": "send",
            "messaging.operation.type": "send",
            "messaging.destination.name": "default",
            "messaging.message.id": "order",
            "gqm.job.type": "order",
            "gqm.job.is_new": true,
          });
        })
      );
    });
  }

  it("hangs on its producer in another process", { skip }, async () => {
    await inFolder(async (folder) => {
      const file = join(folder, "jobs.db");
      const path = fileURLToPath(new URL("../support/otel_producer.ts", import.meta.url));
      const args = "Deno" in globalThis ? ["run", "--allow-all", "--quiet", "--no-lock"] : [];
      const { stdout } = await run(process.execPath, [...args, path, file]);
      const { traceId, spanId } = JSON.parse(stdout);

      const { tracerProvider, spans } = recording();
      const store = sqliteStore(file);
      const tracing = openTelemetry({ tracerProvider });
      const server = new Server({ store, tracing, logLevel: "silent" });
      const client = new Client({ store });
      server.handle("order", () => {});
      await server.start();
      await untilCompleted(client, ["order"]);
      await server.stop();
      await client.close();
      await store.close();

      const span = only(spans(), "process order");
      deepEqual(
        [span.parentSpanContext?.traceId, span.parentSpanContext?.spanId],
        [traceId, spanId],
      );
      equal(span.parentSpanContext?.isRemote, true);
      equal(span.spanContext().traceId, traceId);
    });
  });

  it("has the trace of its attempt in a thread", { skip }, async () => {
    const { tracerProvider, spans } = recording();
    const tracing = openTelemetry({ tracerProvider });
    const store = memoryStore();
    const server = new Server({ store, tracing, logLevel: "silent", maxRetry: 0 });
    const module = new URL("../support/threads/traced_handlers.ts", import.meta.url);
    server.pool({ name: "threads", isolate: "thread", module, concurrency: 2 });
    server.handle("child", () => {});
    await server.start();
    const client = new Client({ store, tracing });
    const ids = ["a", "b", "c"];
    const parents = await Promise.all(ids.map((id) => client.enqueue("traced", undefined, { id })));
    const traces = await Promise.all(parents.map((handle) => handle.result()));
    await untilCompleted(client, ids.map((id) => `${id}-child`));
    await server.stop();
    await client.close();
    await store.close();

    const own = ids.map((id) =>
      spans().find(({ name, attributes }) =>
        name === "process traced" && attributes["messaging.message.id"] === id
      )!.spanContext()
    );
    deepEqual(traces, own.map(({ spanId }) => ({ span: spanId, same: true })));
    for (const { traceId } of own) {
      deepEqual(treeOf(spans().filter((span) => span.spanContext().traceId === traceId)), [
        "send traced",
        "  process traced #1 completed",
        "    send child",
        "      process child #1 completed",
      ]);
    }
  });
});
