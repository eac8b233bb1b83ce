/** A server that serves the monitor beside its workers: on Deno, Bun and Node. */

import { deepEqual, equal, match, rejects, throws } from "node:assert/strict";
import { describe, it } from "node:test";
import { Client, InvalidOptionError, memoryStore, ServeError, Server } from "../../mod.ts";
import { CollectingLogger } from "../support/collecting_logger.ts";

const api = { addr: "127.0.0.1:0", auth: "none" } as const;

describe("Server with api", () => {
  it("serves the monitor of its own store from start to stop", async () => {
    const store = memoryStore();
    const logger = new CollectingLogger();
    await using client = new Client({ store });
    const server = new Server({ store, logger, api });
    server.handle("greet", ({ job }) => `Hello, ${job.payload}`);
    equal(server.api, undefined);
    await server.start();
    const { addr, url } = server.api!;
    match(addr, /^127\.0\.0\.1:[1-9]\d*$/);
    equal(logger.lines.find(({ message }) => message === "Server started")?.fields.api, addr);
    equal(await (await client.enqueue("greet", "Ada")).result(), "Hello, Ada");
    const { data } = await (await fetch(`${url}/api/v1/queues/default`)).json();
    equal(data.processed_total, 1);
    await server.stop();
    await rejects(fetch(`${url}/health`));
  });

  it("serves it while running jobs end", async () => {
    const store = memoryStore();
    await using client = new Client({ store });
    const server = new Server({ store, logLevel: "silent", api });
    const started = Promise.withResolvers<void>();
    const goOn = Promise.withResolvers<void>();
    server.handle("slow", async () => {
      started.resolve();
      await goOn.promise;
    });
    await server.start();
    await client.enqueue("slow");
    await started.promise;
    const stopped = server.stop();
    const { data } = await (await fetch(`${server.api!.url}/api/v1/queues/default`)).json();
    equal(data.processing, 1);
    goOn.resolve();
    await stopped;
  });

  it("does not start where it cannot listen, and starts when it can", async () => {
    const store = memoryStore();
    const first = new Server({ store, logLevel: "silent", api });
    await first.start();
    const taken = { ...api, addr: first.api!.addr };
    await using second = new Server({ store, logLevel: "silent", api: taken });
    second.handle("greet", () => "Hello");
    await rejects(second.start(), ServeError);
    const { servers } = await store.servers({ limit: 10 });
    deepEqual(servers.map(({ id }) => id), [first.id]);
    await first.stop();
    await second.start();
    equal((await fetch(`${second.api!.url}/ready`)).status, 200);
  });

  it("is refused off this machine where nobody has to log in", async () => {
    for (const addr of [undefined, ":0", "0.0.0.0:0"]) {
      const options = { auth: "none", ...addr === undefined ? {} : { addr } } as const;
      await using server = new Server({ store: memoryStore(), logLevel: "silent", api: options });
      await rejects(server.start(), (error) => {
        return error instanceof InvalidOptionError && error.option === "addr";
      });
    }
  });

  it("tells of options that break a rule", async () => {
    throws(() => new Server({ store: memoryStore(), api: 8080 as never }), InvalidOptionError);
    const others = [{ ...api, rateLimit: 0.5 }, { ...api, store: memoryStore() }];
    for (const wrong of [{}, { ...api, port: 1 }, ...others]) {
      await using server = new Server({
        ...{ store: memoryStore(), logLevel: "silent", api: wrong as never },
      });
      await rejects(server.start(), InvalidOptionError);
    }
  });
});
