/** What a configuration file means, as options of code. */

import { deepEqual, equal, throws } from "node:assert/strict";
import { describe, it } from "node:test";
import { fixtures, read } from "../support/config.ts";

const byName = new Map((await fixtures()).map(({ name, text }) => [name, text]));
const fixture = (name: string) => read(byName.get(`valid_${name}.yaml`)!);

describe("readConfig", () => {
  it("gives options in milliseconds for a file as GQM (Go) documents it", () => {
    const { server, pools, schedules, limits, notes } = fixture("as_documented");
    const { api, ...rest } = server;
    deepEqual(rest, {
      store: "redis://localhost:6379/0?prefix=gqm",
      timeZone: "Asia/Jakarta",
      logLevel: "info",
      shutdownTimeoutMs: 30_000,
      timeoutMs: 1_800_000,
      graceMs: 10_000,
      scheduler: true,
      dashboard: { pathPrefix: "/dashboard" },
    });
    equal(api?.addr, ":8080");
    const { auth } = api!;
    if (auth === "none") throw new Error("there must be users");
    deepEqual(auth.users?.map(({ username, role }) => [username, role]), [["admin", "admin"]]);
    deepEqual(auth.apiKeys?.map(({ name, role }) => [name, role]), [["grafana", "viewer"]]);
    equal(auth.sessionTtlMs, 86_400_000);
    deepEqual(pools, [{
      name: "fast",
      types: ["email.send", "notification.push"],
      queues: ["critical", "default"],
      concurrency: 10,
      timeoutMs: 60_000,
      strategy: "weighted",
      weights: { critical: 10, default: 1 },
      maxRetry: 5,
      backoff: { type: "exponential", baseMs: 10_000, maxMs: 3_600_000 },
    }, {
      name: "background",
      types: ["*"],
      queues: ["default", "low"],
      concurrency: 3,
      weights: { default: 1, low: 1 },
    }]);
    deepEqual(schedules, {
      "cleanup-daily": {
        type: "cleanup",
        cron: "0 0 2 * * *",
        timeZone: "UTC",
        overlap: "skip",
        options: { queue: "default" },
      },
    });
    deepEqual(limits, []);
    deepEqual(notes.map((note) => note.replace(/:.*?'/, ":'").replace(/: .*/, "")), [
      "17:'queues[0].priority' is of GQM (Go) 0.1.2",
      "19:'queues[1].priority' is of GQM (Go) 0.1.2",
      "21:'queues[2].priority' is of GQM (Go) 0.1.2",
      "42:'scheduler.poll_interval' has no effect",
      "45:'scheduler.cron_entries[0].name' has no effect",
    ]);
  });

  it("fills in variables by the kind of the value", () => {
    const { server, schedules } = fixture("variables");
    const host = "rediss://:p%40ss%20w0rd@redis.example.com:6379";
    deepEqual(server, { store: `${host}/3?prefix=other` });
    deepEqual(schedules?.a?.payload, { text: "${HOST}" });
  });

  it("gives what GQM (Go) has not under its names in code", () => {
    const { server, pools, limits, schedules } = fixture("ours");
    deepEqual(server, {
      store: "sqlite:./jobs.db",
      retention: { completedMs: -1, failedMs: 60_000, maxCount: 1000 },
      leaseMs: 20_000,
      maxDeliveries: 3,
      scheduleScope: "billing",
      api: {
        addr: "127.0.0.1:8080",
        auth: {
          apiKeys: [{
            name: "ci",
            key: "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
            role: "producer",
            queues: ["mail"],
            types: ["email.send"],
          }],
          cookieSecure: true,
        },
        rateLimit: -1,
        trustProxy: 2,
        redact: [{ path: "**.card_number", except: ["admin", "operator"] }],
        corsOrigins: ["https://app.example.com"],
        live: { maxViewers: 10, maxViewersPerClient: 2 },
        alerts: {
          rules: [{ name: "half", when: "failure_rate", above: 0.5, overMs: 60_000 }],
          webhooks: [{
            url: "https://example.com/hook",
            headers: { "X-Team_Name": "jobs", "x-number": "017" },
            secret: "0123456789abcdef",
            events: ["firing"],
            backoff: { type: "fixed", baseMs: 1000 },
          }],
          everyMs: 5000,
        },
        strictHealth: true,
        metrics: { open: true },
      },
    });
    deepEqual(pools, [{ name: "a", types: ["t"], queues: ["default"], prefetch: 0 }]);
    deepEqual(limits, [
      {
        target: { type: "email.send", perKey: true },
        limits: { rate: { count: 100, perMs: 60_000, burst: 10 } },
      },
      { target: { key: "customer-7" }, limits: { concurrency: 1 } },
    ]);
    deepEqual(schedules, {});
  });

  it("reads YAML as people write it, and the first document alone", () => {
    const { server, pools, schedules, warnings } = fixture("yaml");
    deepEqual(server, { store: "redis://:0123@localhost:6379/0?prefix=12", logLevel: "warn" });
    deepEqual(pools.map(({ name, types, concurrency }) => [name, types, concurrency]), [
      ["2026-01-01", ["t"], 3],
      ["true", ["7"], 3],
    ]);
    equal(schedules?.block?.cron, "0 2 * * *");
    deepEqual(schedules?.block?.payload, { days: [1, 2] });
    deepEqual(warnings.map(({ line, message }) => `${line}: ${message}`), [
      "28: a further document is not read: only the first document of a file counts",
    ]);
  });

  it("takes a section without keys for Redis on this machine", () => {
    for (const text of ["redis:\n", "redis: {}\n", "redis:\n  addr:\n"]) {
      deepEqual(read(text).server, { store: "redis://localhost:6379/0" });
    }
  });

  const nothing = ["", "# a comment\n", "---\n", "null\n", "app:\npools:\n"];
  for (const text of nothing) {
    it(`says nothing for ${JSON.stringify(text)}`, () => {
      const { server, pools, schedules, limits, notes } = read(text);
      deepEqual([server, pools, schedules, limits, notes], [{}, [], undefined, [], []]);
    });
  }

  it("takes lines that end as on Windows", () => {
    equal(read("store: memory:a\r\napp:\r\n  timezone: UTC\r\n").server.timeZone, "UTC");
  });

  it("gives what cannot be changed", () => {
    const config = fixture("ours") as unknown as { server: { retention: { maxCount: number } } };
    throws(() => (config.server.retention.maxCount = 1), TypeError);
  });

  it("takes 0 for the default where GQM (Go) does, and for itself elsewhere", () => {
    const { server, pools } = read(`
app: { shutdown_timeout: 0, global_job_timeout: 0, grace_period: 0, result_ttl: 0, failure_ttl: -1 }
pools:
  - { name: a, job_types: [t], concurrency: 0, job_timeout: 0, retry: { max_retry: 0 } }
`);
    deepEqual(server, { retention: { completedMs: 0, failedMs: -1 } });
    deepEqual(pools, [{ name: "a", types: ["t"], queues: ["default"], maxRetry: 0 }]);
  });

  const backoffs: readonly (readonly [string, unknown])[] = [
    ["{}", undefined],
    ["{ backoff_base: 5 }", { type: "fixed", baseMs: 5000 }],
    ["{ backoff: fixed }", { type: "fixed" }],
    ["{ backoff: exponential, backoff_max: 60 }", { type: "exponential", maxMs: 60_000 }],
    ["{ backoff: custom, intervals: [1, 60] }", { type: "custom", intervals: [1000, 60_000] }],
  ];
  for (const [retry, backoff] of backoffs) {
    it(`gives the backoff of ${retry}`, () => {
      const { pools } = read(`pools: [{ name: a, job_types: [t], retry: ${retry} }]`);
      deepEqual(pools[0]?.backoff, backoff);
    });
  }

  it("warns of what is taken and may be a mistake", () => {
    const { warnings } = read(`
pools:
  - { name: a, job_types: [t], shutdown_timeout: 5, retry: { intervals: [1] } }
scheduler:
  cron_entries:
    - { id: a, cron_expr: "@daily", job_type: t, queue: mial }
    - { id: b, cron_expr: "@daily", job_type: t, queue: default }
`);
    deepEqual(warnings.map(({ path, rule }) => `${path} ${rule}`), [
      "pools[0].shutdown_timeout has no effect: a server stops as a whole, by 'app.shutdown_timeout'",
      "pools[0].retry.intervals has no effect unless 'backoff' is 'custom'",
      "scheduler.cron_entries[0].queue is not among the queues of this file: current value is 'mial'",
    ]);
  });

  it("asks for API keys also where nobody can log in", () => {
    const key = "k".repeat(32);
    const { server } = read(`
monitoring:
  auth: { users: [{ username: ada }] }
  api: { enabled: true, api_keys: [{ name: ci, key: ${key} }] }
`);
    deepEqual(server.api, { auth: { apiKeys: [{ name: "ci", key }] } });
  });

  it("serves nothing where neither API nor dashboard are on, and lets its rules rest", () => {
    const { server } = read(`
monitoring:
  auth: { enabled: true, users: [{ username: admin, password_hash: "" }] }
  api: { addr: ":8080", api_keys: [{ name: "", key: "" }] }
`);
    deepEqual(server, {});
  });

  it("serves the API for the dashboard", () => {
    const { server } = read(`
monitoring: { api: { addr: "localhost:0" }, dashboard: { enabled: true } }
`);
    deepEqual(server, { api: { addr: "localhost:0", auth: "none" }, dashboard: {} });
  });
});
