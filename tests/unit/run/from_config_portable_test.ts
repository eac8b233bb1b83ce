/** Servers of a configuration, and what code says beside it. */

import { deepEqual, equal, rejects, throws } from "node:assert/strict";
import { describe, it } from "node:test";
import { Client } from "../../../src/enqueue/client.ts";
import { UnknownJobTypeError } from "../../../src/enqueue/errors.ts";
import { InvalidOptionError } from "../../../src/errors.ts";
import { defineJobs, job } from "../../../src/job/registry.ts";
import { DuplicatePoolError } from "../../../src/run/errors.ts";
import { optionsOf } from "../../../src/run/from_config.ts";
import { Server } from "../../../src/run/server.ts";
import type { ConfigOverrides, ServerConfig } from "../../../src/run/server_config.ts";
import { ScheduleConflictError } from "../../../src/schedule/errors.ts";
import { memoryStore } from "../../../src/store/memory/store.ts";
import { CollectingLogger } from "../../support/collecting_logger.ts";

const QUIET = { logLevel: "silent" } as const;
const EMPTY: ServerConfig = { server: {}, pools: [], limits: [], notes: [] };
const daily = { type: "t", cron: "@daily" };
const viewer = { username: "ada", passwordHash: "$2b$10$" + "a".repeat(53) };
const key = { name: "ci", key: "k".repeat(32) };

describe("Server.fromConfig", () => {
  const config: ServerConfig["server"] = {
    store: "memory:config",
    retention: { completedMs: 1, failedMs: 2 },
    timeoutMs: 1000,
    graceMs: 10,
    api: {
      addr: "localhost:0",
      auth: { users: [viewer], apiKeys: [key], sessionTtlMs: 5000 },
      rateLimit: 5,
    },
    dashboard: { pathPrefix: "/panel" },
  };
  const other = { name: "other", key: "o".repeat(32) };
  const auth = config.api!.auth as object;
  const store = memoryStore();
  const rows: readonly (readonly [string, ConfigOverrides, object])[] = [
    ["nothing", {}, {}],
    ["undefined", { timeoutMs: undefined, api: undefined }, {}],
    ["one option", { timeoutMs: 5, scheduler: false }, { timeoutMs: 5, scheduler: false }],
    ["a part of the retention", { retention: { failedMs: 7 } }, {
      retention: { completedMs: 1, failedMs: 7 },
    }],
    ["another store", { store: "memory:code" }, { store: "memory:code" }],
    ["a part of the monitor", { api: { rateLimit: 9 } }, { api: { ...config.api, rateLimit: 9 } }],
    ["the keys, as a whole", { api: { auth: { apiKeys: [other] } } }, {
      api: { ...config.api, auth: { ...auth, apiKeys: [other] } },
    }],
    ["that nobody logs in", { api: { auth: "none" } }, { api: { ...config.api, auth: "none" } }],
    ["where the dashboard is", { dashboard: true }, { dashboard: true }],
    ["that there is none", { dashboard: false }, { dashboard: false }],
  ];
  for (const [what, code, changed] of rows) {
    it(`lets code say ${what}`, () => {
      deepEqual(optionsOf({ ...EMPTY, server: config }, code), { ...config, ...changed });
    });
  }

  it("lets code say that there is no monitor", () => {
    const { api: _api, dashboard: _dashboard, ...rest } = config;
    deepEqual(optionsOf({ ...EMPTY, server: config }, { api: false }), rest);
  });

  it("leaves its retention to a store that is given whole", () => {
    const { retention: _retention, ...rest } = config;
    deepEqual(optionsOf({ ...EMPTY, server: config }, { store }), { ...rest, store });
  });

  it("adds a monitor that code alone has", () => {
    const api = { addr: "localhost:0", auth: "none" } as const;
    deepEqual(optionsOf(EMPTY, { api }), { api });
  });

  it("runs jobs in the pools of the configuration and those of code", async () => {
    const pools = [{ name: "mail", types: ["mail"], queues: ["mail"], timeoutMs: 60_000 }];
    await using server = Server.fromConfig({ ...EMPTY, pools }, { store, ...QUIET });
    throws(() => server.pool({ name: "mail" }), DuplicatePoolError);
    server.pool({ name: "rest" });
    for (const type of ["mail", "other"]) server.handle(type, ({ job }) => job.type);
    await server.start();
    await using client = new Client({ store });
    for (const [type, queue, pool] of [["mail", "mail", "mail"], ["other", "default", "rest"]]) {
      const handle = await client.enqueue(type!, null, { queue });
      equal(await handle.result(), type);
      equal((await client.getJob(handle.id))?.attempts[0]?.pool, pool);
    }
  });

  it("sets limits when it starts, and leaves others as they are", async () => {
    const store = memoryStore();
    await using client = new Client({ store });
    await client.limits.set({ type: "theirs" }, { concurrency: 7 });
    await client.limits.set({ type: "ours" }, { concurrency: 1 });
    const limits = [{ target: { type: "ours" }, limits: { concurrency: 2 } }];
    await using server = Server.fromConfig({ ...EMPTY, limits }, { store, ...QUIET });
    await server.start();
    deepEqual(
      (await client.limits.list()).map(({ target, limits }) => [target, limits]),
      [[{ type: "ours" }, { concurrency: 2 }], [{ type: "theirs" }, { concurrency: 7 }]],
    );
  });

  it("logs what should be known", () => {
    const logger = new CollectingLogger();
    Server.fromConfig({ ...EMPTY, notes: ["a note"] }, { store, logger });
    deepEqual(logger.lines, [
      { level: "warn", message: "Configuration", fields: { note: "a note" } },
    ]);
  });

  it("checks what it is given", () => {
    const wrong: readonly unknown[] = [
      { ...EMPTY, pool: [] },
      { ...EMPTY, server: undefined },
      { ...EMPTY, server: { timeout: 5 } },
      { ...EMPTY, pools: [{ name: "" }] },
      { ...EMPTY, schedules: { "a b": daily } },
      { ...EMPTY, limits: [{ target: {}, limits: {} }] },
    ];
    for (const config of wrong) {
      throws(
        () => Server.fromConfig(config as ServerConfig, { store, ...QUIET }),
        InvalidOptionError,
      );
    }
    throws(
      () => Server.fromConfig(EMPTY, { store, ...QUIET, timeout: 5 } as ConfigOverrides),
      InvalidOptionError,
    );
  });

  it("keeps to the registry", () => {
    const jobs = defineJobs({ "known": job<number>() });
    const server = Server.fromConfig(EMPTY, { jobs, store, ...QUIET });
    server.handle("known", ({ job }) => void (job.payload satisfies number));
    const config = { ...EMPTY, schedules: { a: daily } };
    throws(() => Server.fromConfig(config, { jobs, store, ...QUIET }), UnknownJobTypeError);
  });
});

describe("schedules of a configuration", () => {
  const start = async (
    store: ReturnType<typeof memoryStore>,
    schedules: ServerConfig["schedules"],
    code: ConfigOverrides = {},
  ): Promise<void> => {
    await using server = Server.fromConfig({ ...EMPTY, schedules }, { store, ...QUIET, ...code });
    await server.start();
  };
  const listed = async (store: ReturnType<typeof memoryStore>): Promise<string[]> => {
    await using client = new Client({ store });
    const { schedules } = await client.schedules.list();
    return schedules.map(({ id, source, scope }) => `${id} ${source} ${scope}`).sort();
  };

  it("are its own, and go when it has them no more", async () => {
    const store = memoryStore();
    await start(store, { a: daily, b: daily }, { schedules: { c: daily } });
    deepEqual(await listed(store), ["a config default", "b config default", "c code default"]);
    await start(store, { b: daily });
    deepEqual(await listed(store), ["b config default", "c code default"]);
    await start(store, undefined);
    deepEqual(await listed(store), ["b config default", "c code default"]);
    await start(store, {}, { schedules: {} });
    deepEqual(await listed(store), []);
  });

  it("of another scope stay", async () => {
    const store = memoryStore();
    await start(store, { a: daily }, { scheduleScope: "other" });
    await start(store, { b: daily });
    deepEqual(await listed(store), ["a config other", "b config default"]);
  });

  it("cannot have the id of one of code", async () => {
    const store = memoryStore();
    throws(
      () =>
        Server.fromConfig({ ...EMPTY, schedules: { a: daily } }, {
          store,
          ...QUIET,
          schedules: { a: daily },
        }),
      InvalidOptionError,
    );
    await start(store, undefined, { schedules: { a: daily } });
    await rejects(start(store, { a: daily }), ScheduleConflictError);
  });
});
