/** Streams of events over real sockets: on Deno, Bun and Node. */

import { deepEqual, equal, match, ok } from "node:assert/strict";
import { describe, it } from "node:test";
import { Client, createMonitor, memoryStore, serveMonitor, Server } from "../../mod.ts";
import { systemClock } from "../../src/clock.ts";
import { eventRoutes } from "../../src/monitor/api/events.ts";
import { LiveHub } from "../../src/monitor/live/hub.ts";
import { Redactor } from "../../src/monitor/redact.ts";
import { EventStream } from "./support/event_stream.ts";
import { ownMonitor } from "./support/own_monitor.ts";
import { Raw, request } from "./support/raw.ts";

const LOCAL = { addr: "127.0.0.1:0" };
const EVENTS = "/api/v1/events";

async function look(url: string, query = ""): Promise<EventStream> {
  const response = await fetch(`${url}${EVENTS}${query}`);
  equal(response.status, 200);
  const stream = new EventStream(response.body!);
  await stream.until(({ blocks }) => blocks.length > 1);
  return stream;
}

/** A served monitor whose streams a test can count. */
async function countedWorld() {
  const store = memoryStore();
  const hub = new LiveHub({
    store: () => store.open().then(() => store),
    clock: systemClock,
    redactor: new Redactor([]),
    livingSessions: undefined,
  });
  const monitor = ownMonitor(eventRoutes, { live: hub });
  const served = await serveMonitor(monitor, LOCAL);
  return {
    hub,
    url: served.url,
    served,
    async [Symbol.asyncDispose](): Promise<void> {
      hub.close();
      await served.close();
      await monitor.close();
      await store.close();
    },
  };
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 5));
}

describe("a stream of events over HTTP", () => {
  it("comes piece by piece, as things happen", async () => {
    const store = memoryStore();
    await using client = new Client({ store });
    await using monitor = createMonitor({ store, auth: "none", logLevel: "silent" });
    await using served = await serveMonitor(monitor, LOCAL);
    const stream = await look(served.url);
    for (const id of ["a", "b"]) {
      await client.enqueue("greet", {}, { id });
      await stream.until(() => stream.jobs.includes(`${id} created`));
    }
    await stream.cancel();
  });

  it("has its headers, and HEAD has them alone", async () => {
    await using world = await countedWorld();
    const head = await fetch(`${world.url}${EVENTS}`, { method: "HEAD" });
    equal(head.status, 200);
    equal(head.headers.get("content-type"), "text/event-stream");
    equal(await head.text(), "");
    await until(() => world.hub.viewers === 0);
    using raw = await Raw.open(world.url);
    raw.write(request([`GET ${EVENTS} HTTP/1.1`, "Host: localhost"]));
    const text = await raw.until((text) => text.includes("event: counts"));
    match(text, /^HTTP\/1\.1 200 /);
    match(text, /\r\ncache-control: no-store\r\n/i);
    match(text, /\r\nx-accel-buffering: no\r\n/i);
    equal(/\r\ncontent-encoding:/i.test(text), false);
  });

  it("is left by a client that goes away", async () => {
    await using world = await countedWorld();
    const streams = [await look(world.url), await look(world.url)];
    using raw = await Raw.open(world.url);
    raw.write(request([`GET ${EVENTS} HTTP/1.1`, "Host: localhost"]));
    await raw.until((text) => text.includes("event: counts"));
    equal(world.hub.viewers, 3);
    raw[Symbol.dispose]();
    await streams[0]!.cancel();
    // That a connection has gone, some platforms learn when they write.
    while (world.hub.viewers > 1) {
      world.hub.publish({ event: "alert", data: {} });
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await streams[1]!.cancel();
  });

  it("ends for a client that reads nothing, before much has been kept for it", async () => {
    await using world = await countedWorld();
    const reader = await look(world.url);
    using raw = await Raw.open(world.url);
    raw.write(request([`GET ${EVENTS} HTTP/1.1`, "Host: localhost"]));
    await raw.until((text) => text.includes("event: counts"));
    raw.pause();
    const data = "x".repeat(32_768);
    let sent = 0;
    while (world.hub.viewers > 1) {
      ok(++sent < 2000, `${sent} pieces are kept`);
      world.hub.publish({ event: "alert", data });
      // Whoever reads has all of it before there is more.
      await reader.until(() => reader.text.length >= sent * data.length);
    }
    equal(reader.hasEnded, false);
    await reader.cancel();
  });

  it("comes to its end when the monitor is no longer served, or closed", async () => {
    const store = memoryStore();
    await using monitor = createMonitor({ store, auth: "none", logLevel: "silent" });
    const [one, other] = [await serveMonitor(monitor, LOCAL), await serveMonitor(monitor, LOCAL)];
    const [first, second] = [await look(one.url), await look(other.url)];
    await one.close();
    await first.ended;
    // What is cut off has no end, and is an error.
    deepEqual([first.error, second.hasEnded], [undefined, false]);
    await monitor.close();
    await second.ended;
    equal(second.error, undefined);
    await other.close();
    await store.close();
  });

  it("comes to its end when its server stops", async () => {
    await using server = new Server({
      ...{ store: memoryStore(), logLevel: "error", api: { ...LOCAL, auth: "none" } },
    });
    server.handle("greet", () => "hello");
    await server.start();
    const stream = await look(server.api!.url);
    await server.stop();
    await stream.ended;
    equal(stream.error, undefined);
  });
});
