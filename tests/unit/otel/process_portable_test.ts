/** Spans of attempts. */

import { deepEqual, equal } from "node:assert/strict";
import { describe, it } from "node:test";
import { context, SpanStatusCode, trace } from "@opentelemetry/api";
import { Cancel, Consumer, memoryStore, SkipRetry } from "../../../mod.ts";
import { contextOf } from "../../../src/otel/mod.ts";
import { FakeClock } from "../../../src/testing/fake_clock.ts";
import { DecoratedStore } from "../../support/decorated_store.ts";
import { noSdk, only } from "../../support/otel.ts";
import { stopUnder, TracedWorld } from "../../support/traced_world.ts";

const skip = noSdk ?? false;

describe("the span of an attempt", { skip }, () => {
  it("says how the attempt ended", async () => {
    await using world = new TracedWorld();
    const { server, client } = world;
    server.handle("good", () => {});
    server.handle("bad", () => {
      throw new SkipRetry("no use");
    });
    server.handle("unwanted", () => {
      throw new Cancel("not wanted");
    });
    for (const type of ["good", "bad", "unwanted"]) await client.enqueue(type);
    await world.run();
    const ends = ["good", "bad", "unwanted"].map((type) => {
      const { attributes, status } = only(world.spans, `process ${type}`);
      return [attributes["gqm.outcome"], status, attributes["gqm.cancel.reason"]];
    });
    deepEqual(ends, [
      ["completed", { code: SpanStatusCode.UNSET }, undefined],
      ["dead_letter", { code: SpanStatusCode.ERROR, message: "no use" }, undefined],
      ["canceled", { code: SpanStatusCode.UNSET }, "not wanted"],
    ]);
  });

  it("says that the job was canceled while it ran", async () => {
    await using world = new TracedWorld();
    const started = Promise.withResolvers<void>();
    world.server.handle("long", ({ signal }) => {
      started.resolve();
      return new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
    });
    const { id } = await world.client.enqueue("long");
    await world.server.start();
    await started.promise;
    await world.client.control.cancel(id, { reason: "changed my mind" });
    await world.server.drain();
    await world.server.stop();
    const { attributes } = only(world.spans, "process long");
    equal(attributes["gqm.outcome"], "canceled");
    equal(attributes["gqm.cancel.reason"], "changed my mind");
  });

  it("says that the job was given back, and the next attempt links to it", async () => {
    await using world = new TracedWorld();
    const { store, tracing } = world;
    const started = Promise.withResolvers<void>();
    world.server.handle("long", ({ signal }) => {
      started.resolve();
      return new Promise((_, reject) =>
        signal.addEventListener("abort", () => reject(signal.reason), { once: true })
      );
    });
    await world.client.enqueue("long");
    await world.server.start();
    await started.promise;
    await world.server.stop({ shutdownTimeoutMs: 0, graceMs: 60_000 });

    await using second = new TracedWorld({ store, server: { tracing } });
    second.server.handle("long", () => {});
    await second.run();
    deepEqual(world.tree, [
      "send long",
      "  process long #1 released",
      "  process long #1 completed ~ process long #1 released",
    ]);
  });

  it("says that the job was lost when the store does not take its end", async () => {
    const store = new DecoratedStore(memoryStore());
    store.on("settle", async ({ run }) => {
      const reply = await run();
      return { ...reply, results: reply.results.map(() => "lost" as const) };
    });
    await using world = new TracedWorld({ store });
    world.server.handle("mail", () => {});
    await world.client.enqueue("mail");
    await world.run();
    const { attributes, status } = only(world.spans, "process mail");
    equal(attributes["gqm.outcome"], "lost");
    equal(status.code, SpanStatusCode.ERROR);
  });

  it("is there when the payload kept the handler from being called", async () => {
    const reads = { payload: { "~standard": schemaThatRefuses } };
    await using world = new TracedWorld({ server: { jobs: { mail: reads } } });
    let called = false;
    world.server.handle("mail", () => void (called = true));
    await world.client.enqueue("mail");
    await world.run();
    equal(called, false);
    equal(only(world.spans, "process mail").attributes["gqm.outcome"], "dead_letter");
  });

  it("begins a trace of its own where that was asked for, and links to its producer", async () => {
    await using world = new TracedWorld({ otel: { attempts: "link" } });
    world.server.handle("mail", async ({ enqueueChild }) => void await enqueueChild("child"));
    world.server.handle("child", () => {});
    await world.client.enqueue("mail");
    await world.run();
    deepEqual(world.tree.toSorted(), [
      "  send child",
      "process child #1 completed ~ send child",
      "process mail #1 completed ~ send mail",
      "send mail",
    ]);
    equal(new Set(world.spans.map((span) => span.spanContext().traceId)).size, 3);
  });

  it("links to what enqueued the parents that its handler reads", async () => {
    await using world = new TracedWorld();
    world.server.handle("part", () => {});
    world.server.handle("whole", async ({ job }) => void await job.parents());
    world.server.handle("blind", () => {});
    const parts = [await world.client.enqueue("part"), await world.client.enqueue("part")];
    await world.client.enqueue("whole", undefined, { dependsOn: parts });
    await world.client.enqueue("blind", undefined, { dependsOn: parts });
    await world.run();
    const sends = world.spans.filter(({ name }) => name === "send part");
    deepEqual(
      only(world.spans, "process whole").links.map(({ context }) => context.spanId),
      sends.map((span) => span.spanContext().spanId),
    );
    deepEqual(only(world.spans, "process blind").links, []);
  });

  it("is what jobs of its callbacks and hooks hang on, whatever the server was started below", async () => {
    await using world = new TracedWorld();
    const { client, server } = world;
    server.handle("mail", () => {}, {
      onSuccess: async () => void await client.enqueue("callback"),
    });
    server.handle("callback", () => {});
    server.after(async ({ job }) => {
      if (job.type === "mail") await client.enqueue("hook");
    });
    server.handle("hook", () => {});
    await client.enqueue("mail", undefined, { id: "m" });
    await world.within("boot", () => server.start());
    for (const type of ["callback", "hook"]) {
      while ((await client.list({ status: "completed", type })).jobs.length === 0) {
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    }
    await server.stop();
    deepEqual(world.tree.filter((line) => line !== "boot"), [
      "send mail",
      "  process mail #1 completed",
      "    send callback",
      "      process callback #1 completed",
      "    send hook",
      "      process hook #1 completed",
    ]);
  });

  it("is each job's own in a batch, whose handler runs outside of all", async () => {
    await using world = new TracedWorld();
    const { client, server } = world;
    const active: unknown[] = [];
    server.handleBatch("row", async ({ jobs }) => {
      active.push(trace.getActiveSpan());
      for (const { job, enqueueChild } of jobs) await enqueueChild("child", job.payload);
      await client.enqueue("all");
    });
    server.handle("child", () => {});
    server.handle("all", () => {});
    for (const row of ["a", "b"]) await client.enqueue("row", row);
    await world.run();
    deepEqual(active.filter((span) => span !== undefined), []);
    const branch = [
      "send row",
      "  process row #1 completed",
      "    send child",
      "      process child #1 completed",
    ];
    const alls = active.flatMap(() => ["send all", "  process all #1 completed"]);
    deepEqual(world.tree.toSorted(), [...branch, ...branch, ...alls].toSorted());
    const rows = world.spans.filter(({ name }) => name === "process row");
    const children = world.spans.filter(({ name }) => name === "send child");
    deepEqual(
      children.map((span) => span.parentSpanContext?.spanId).toSorted(),
      rows.map((span) => span.spanContext().spanId).toSorted(),
    );
  });

  it("lasts as long as the handler, however long the store takes", async () => {
    const clock = new FakeClock();
    const store = new DecoratedStore(memoryStore({ clock }));
    store.on("settle", async ({ run }) => {
      await clock.advance(5000);
      return await run();
    });
    await using world = new TracedWorld({ store, server: { clock } });
    world.server.handle("mail", () => clock.advance(1000));
    const handle = await world.client.enqueue("mail");
    await world.server.start();
    await handle.result();
    await stopUnder(clock, world.server);
    const { startTime, endTime } = only(world.spans, "process mail");
    equal(endTime[0] - startTime[0], 1);
  });
});

describe("contextOf", { skip }, () => {
  it("has spans of a consumer's code hang on the job's", async () => {
    await using world = new TracedWorld();
    await world.client.enqueue("mail");
    await using consumer = new Consumer({ store: world.store });
    for (const work of await consumer.claim({ types: ["mail"] })) {
      await context.with(contextOf(work.job), async () => {
        await world.within("by hand", async () => void await world.client.enqueue("next"));
      });
      await work.complete();
    }
    deepEqual(world.tree, ["send mail", "  by hand", "    send next"]);
  });

  it("is the root for a job without a trace", () => {
    equal(trace.getSpanContext(contextOf({})), undefined);
  });
});

const schemaThatRefuses = {
  version: 1,
  vendor: "test",
  validate: () => ({ issues: [{ message: "never" }] }),
} as const;
