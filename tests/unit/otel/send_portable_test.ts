/** Spans of calls that enqueue. */

import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { describe, it } from "node:test";
import { SpanStatusCode } from "@opentelemetry/api";
import { Client, createMonitor, memoryStore, Server } from "../../../mod.ts";
import { openTelemetry } from "../../../src/otel/mod.ts";
import { FakeClock } from "../../../src/testing/fake_clock.ts";
import { noSdk, only, treeOf } from "../../support/otel.ts";
import { stopUnder, TracedWorld } from "../../support/traced_world.ts";

const skip = noSdk ?? false;
const foreign = { traceparent: `00-${"a".repeat(32)}-${"b".repeat(16)}-01`, tracestate: "a=1" };

describe("the span of a call that enqueues", { skip }, () => {
  it("is one for all jobs of a batch", async () => {
    await using world = new TracedWorld();
    world.server.handle("mail", () => {});
    world.server.handle("post", () => {});
    await world.client.enqueueMany([{ type: "mail" }, { type: "mail" }]);
    await world.client.enqueueMany([{ type: "mail" }, { type: "post", options: { queue: "q" } }]);
    await world.run();
    deepEqual(world.tree.map((line) => line.trim()).toSorted(), [
      "process mail #1 completed",
      "process mail #1 completed",
      "process mail #1 completed",
      "process post #1 completed",
      "send",
      "send mail",
    ]);
    const { attributes } = only(world.spans, "send mail");
    equal(attributes["messaging.batch.message_count"], 2);
    equal(attributes["messaging.destination.name"], "default");
    const mixed = only(world.spans, "send").attributes;
    deepEqual([mixed["gqm.job.type"], mixed["messaging.destination.name"]], [undefined, undefined]);
    for (const span of world.spans.filter(({ name }) => name.startsWith("process"))) {
      ok(span.parentSpanContext !== undefined);
    }
  });

  it("is one for a graph, whose jobs belong to one trace", async () => {
    await using world = new TracedWorld();
    world.server.handle("part", () => {});
    world.server.handle("whole", async ({ job }) => void await job.parents());
    await world.client.enqueueGraph({
      a: { type: "part" },
      b: { type: "part" },
      c: { type: "whole", dependsOn: ["a", "b"] },
    });
    await world.run();
    deepEqual(world.tree, [
      "send",
      "  process part #1 completed",
      "  process part #1 completed",
      "  process whole #1 completed",
    ]);
    equal(only(world.spans, "process whole").links.length, 0);
  });

  it("tells of the queue that a hook chose", async () => {
    const hooks = { beforeEnqueue: () => ({ queue: "chosen" }) };
    await using world = new TracedWorld({ client: { hooks } });
    await world.client.enqueue("mail", undefined, { queue: "said" });
    equal(only(world.spans, "send mail").attributes["messaging.destination.name"], "chosen");
  });

  it("fails with a call that is refused", async () => {
    await using world = new TracedWorld();
    await world.client.enqueue("mail", undefined, { id: "m" });
    await rejects(world.client.enqueue("mail", undefined, { id: "m" }), { code: "DUPLICATE_JOB" });
    await rejects(world.client.enqueueMany([{ type: "" }]), { code: "INVALID_JOB_TYPE" });
    const [sent, duplicate, invalid] = world.spans;
    equal(sent!.status.code, SpanStatusCode.UNSET);
    for (
      const [span, name] of [[duplicate, "DuplicateJobError"], [
        invalid,
        "InvalidJobTypeError",
      ]] as const
    ) {
      equal(span!.status.code, SpanStatusCode.ERROR);
      equal(span!.attributes["error.type"], name);
      deepEqual(span!.events.map(({ name }) => name), ["exception"]);
    }
  });

  it("tells that the job was there already", async () => {
    await using world = new TracedWorld();
    await world.client.enqueue("mail", undefined, { id: "m" });
    await world.client.enqueue("mail", undefined, { id: "m", onConflict: "existing" });
    deepEqual(world.spans.map(({ attributes }) => attributes["gqm.job.is_new"]), [true, false]);
  });

  it("leaves a job the trace that it names, and links to it", async () => {
    await using world = new TracedWorld();
    const { id } = await world.client.enqueue("mail", undefined, { trace: foreign });
    deepEqual((await world.client.getJob(id))?.trace, foreign);
    const [link] = only(world.spans, "send mail").links;
    equal(link?.context.spanId, "b".repeat(16));
  });

  it("leaves a job without a trace that is to inherit none", async () => {
    await using world = new TracedWorld();
    world.server.handle("mail", () => {});
    await world.client.enqueue("mail", undefined, { inheritContext: false });
    await world.run();
    deepEqual(world.tree, ["process mail #1 completed", "send mail"]);
  });

  it("hangs on what the client's context tells", async () => {
    const context = () => ({ meta: { tenant: "a" }, trace: foreign });
    await using world = new TracedWorld({ client: { context } });
    const { id } = await world.client.enqueue("mail");
    const span = only(world.spans, "send mail");
    equal(span.parentSpanContext?.spanId, "b".repeat(16));
    const job = await world.client.getJob(id);
    deepEqual(job?.meta, { tenant: "a" });
    deepEqual(job?.trace, {
      traceparent: `00-${"a".repeat(32)}-${span.spanContext().spanId}-01`,
      tracestate: "a=1",
    });
  });

  it("hangs on the span below which a job was added in the background", async () => {
    await using world = new TracedWorld();
    await using background = world.client.background();
    await world.within("one", () => background.add("mail"));
    await world.within("two", () => background.add("post"));
    await background.flush();
    deepEqual(world.tree, ["one", "  send mail", "two", "  send post"]);
  });

  it("passes on that a trace is not recorded", async () => {
    await using world = new TracedWorld({ samples: false });
    let seen: string | undefined;
    world.server.handle("mail", async ({ job, enqueueChild }) => {
      seen = job.trace?.traceparent;
      await enqueueChild("child", undefined, { id: "child" });
    });
    await world.client.enqueue("mail");
    await world.run();
    deepEqual(world.spans, []);
    ok(seen?.endsWith("-00"), seen);
    const child = (await world.client.getJob("child"))?.trace?.traceparent;
    equal(child?.slice(0, 35), seen?.slice(0, 35));
    ok(child?.endsWith("-00"), child);
  });

  it("is made for jobs that come over HTTP", async () => {
    await using world = new TracedWorld();
    const { store, tracing, client } = world;
    await using monitor = createMonitor({ store, auth: "none", tracing, logLevel: "silent" });
    const request = new Request("http://localhost/api/v1/jobs", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ type: "mail", id: "m" }),
    });
    const { status } = await world.within(
      "request",
      () => monitor.fetch(request, { remoteAddr: "127.0.0.1" }),
    );
    equal(status, 201);
    deepEqual(world.tree, ["request", "  send mail"]);
    const { spanId } = only(world.spans, "send mail").spanContext();
    equal((await client.getJob("m"))?.trace?.traceparent.split("-")[2], spanId);
  });

  it("is a trace of its own for each slot of a schedule, whoever else would fire it", async () => {
    const clock = new FakeClock(Date.parse("2026-01-01T00:59:59Z"));
    await using world = new TracedWorld({
      store: memoryStore({ clock }),
      server: { clock, leaseMs: 100_000 },
    });
    const { store, tracing } = world;
    const servers = [world.server, new Server({ store, tracing, clock, logLevel: "silent" })];
    for (const server of servers) {
      server.handle("report", () => {});
      server.schedule("hourly", { type: "report", cron: "0 * * * *" });
    }
    await world.within("start", async () => {
      for (const server of servers) await server.start();
    });
    await clock.advance(2000);
    const slot = Date.parse("2026-01-01T01:00:00Z");
    const status = async () => (await world.client.getJob(`hourly.${slot}`))?.status;
    while (await status() !== "completed") await clock.advance(0);
    for (const server of servers) await stopUnder(clock, server);
    const spans = world.spans.filter(({ name }) => /report/.test(name));
    deepEqual(treeOf(spans), ["send report", "  process report #1 completed"]);
    for (const { attributes } of spans) {
      deepEqual(
        [attributes["gqm.schedule.id"], attributes["gqm.schedule.slot_ms"]],
        ["hourly", slot],
      );
    }
    equal(only(spans, "send report").parentSpanContext, undefined);
  });
});

describe("without an SDK", () => {
  it("jobs run as if nobody traced, and keep the trace that they have", async () => {
    const tracing = openTelemetry();
    const store = memoryStore();
    const client = new Client({ store, tracing });
    const server = new Server({ store, tracing, logLevel: "silent" });
    const seen: unknown[] = [];
    server.handle("mail", async ({ job, enqueueChild }) => {
      seen.push(job.trace);
      if (job.payload === "first") await enqueueChild("mail", "child");
    });
    await client.enqueue("mail", "first");
    await client.enqueue("mail", "second", { trace: foreign });
    await server.start();
    await server.drain();
    await server.stop();
    await client.close();
    deepEqual(seen.filter((trace) => trace === undefined).length, 2);
    deepEqual(seen.filter((trace) => trace !== undefined), [foreign]);
  });
});
