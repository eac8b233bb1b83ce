/** The URLs by which a Redis store is opened, against servers that ask for what they say. */

import { deepEqual, equal, ok, rejects, throws } from "node:assert/strict";
import { describe, it } from "node:test";
import { redisStore, type RedisStoreOptions, StoreOpenError, StoreUrlError } from "../../mod.ts";
import { tlsProblem } from "../support/redis/certificates.ts";
import { RespClient } from "../support/redis/resp_client.ts";
import { RedisServer, type RedisServerOptions, serverProblem } from "../support/redis/server.ts";
import { connectionsOf, untilAlone } from "./support/connections.ts";
import { roundTrip } from "./support/round_trip.ts";

const skip = serverProblem() ?? false;
const withoutTls = skip || (tlsProblem() ?? false);
/** All that means something in a URL. */
const ODD = "p@ss:w/o?r#d%41[]&=+é";

/** The first part of every key that the server holds. */
async function rootsOf(admin: RespClient): Promise<string[]> {
  const keys = await admin.call("KEYS", "*") as string[];
  return [...new Set(keys.map((key) => key.slice(0, key.indexOf("}") + 1)))];
}

describe("redisStore by URL", { skip }, () => {
  const places: readonly [
    string,
    RedisServerOptions,
    (server: RedisServer) => string,
    { readonly user?: string; readonly db?: string; readonly root?: string },
  ][] = [
    ["a port", {}, ({ url }) => url, {}],
    ["a host's name", {}, ({ port }) => `redis://localhost:${port}`, {}],
    [
      "a password alone",
      { user: { name: "default", password: "s3cret" } },
      ({ port }) => `redis://:s3cret@127.0.0.1:${port}`,
      {},
    ],
    [
      "user and password with odd characters",
      { user: { name: "shop@eu:1", password: ODD } },
      ({ port }) => `redis://shop%40eu%3A1:${encodeURIComponent(ODD)}@127.0.0.1:${port}`,
      { user: "shop@eu:1" },
    ],
    ["a database", {}, ({ url }) => `${url}/7`, { db: "7" }],
    ["a prefix", {}, ({ url }) => `${url}?prefix=shop`, { root: "{shop}" }],
    ["a database and a prefix with a colon at its end", {}, ({ url }) => `${url}/2?prefix=shop:`, {
      db: "2",
      root: "{shop}",
    }],
    ["a unix socket", { unixSocket: true }, ({ path }) => `unix:${path}`, {}],
    ["a unix socket with slashes", { unixSocket: true }, ({ path }) => `unix://${path}`, {}],
    [
      "a unix socket with database and prefix",
      { unixSocket: true },
      ({ path }) => `unix:${path}?db=3&prefix=shop`,
      { db: "3", root: "{shop}" },
    ],
  ];
  for (const [what, options, urlOf, { user = "default", db = "0", root = "{gqm}" }] of places) {
    it(`runs a job at a URL with ${what}`, async () => {
      await using server = await RedisServer.start(options);
      const store = redisStore(urlOf(server));
      await using admin = await RespClient.connect(server.address);
      try {
        await roundTrip(store);
        const own = await connectionsOf(admin);
        deepEqual([...new Set(own.map((one) => `${one.user} ${one.db}`))], [`${user} ${db}`]);
        ok(!store.description.includes("s3cret"), store.description);
      } finally {
        await store.close();
      }
      await admin.call("SELECT", db);
      deepEqual(await rootsOf(admin), [root]);
      await untilAlone(admin);
    });
  }

  it("runs a job at an IPv6 address", async (test) => {
    let server: RedisServer;
    try {
      server = await RedisServer.start({ args: ["--bind", "127.0.0.1", "::1"] });
    } catch {
      return test.skip("there is no IPv6 here");
    }
    await using owned = server;
    await using store = redisStore(`redis://[::1]:${owned.port}`);
    await roundTrip(store);
    equal(store.description, `redis://[::1]:${owned.port}`);
  });

  it("keeps the prefix of the URL when the option is given as undefined", async () => {
    await using store = redisStore("redis://localhost/?prefix=shop", { prefix: undefined });
    equal(store.description, "redis://localhost:6379, prefix 'shop'");
  });

  it("takes the option rather than the URL when both have a prefix", async () => {
    await using store = redisStore("redis://localhost/?prefix=shop", { prefix: "other" });
    equal(store.description, "redis://localhost:6379, prefix 'other'");
  });
});

describe("redisStore with TLS", { skip: withoutTls }, () => {
  it("runs a job where the authority is one that it was told to trust", async () => {
    await using server = await RedisServer.start({ tls: true });
    await using store = redisStore(server.url, { tls: { ca: server.ca! } });
    await roundTrip(store);
    await using named = redisStore(`rediss://localhost:${server.port}`, {
      tls: { ca: [server.ca!] },
    });
    await roundTrip(named);
  });

  it("runs a job with any certificate when told not to look", async () => {
    await using server = await RedisServer.start({ tls: true });
    await using store = redisStore(server.url, { tls: { rejectUnauthorized: false } });
    await roundTrip(store);
  });

  const untrusted: readonly [string, (ca: string) => RedisStoreOptions, RegExp][] = [
    ["an authority that nobody trusts", () => ({}), /certificate|self.signed|issuer/i],
    [
      "a certificate of another name",
      (ca) => ({ tls: { ca, servername: "redis.example" } }),
      /certificate|altnames/i,
    ],
  ];
  for (const [what, optionsOf, reason] of untrusted) {
    it(`refuses ${what}, at once and with a hint`, async () => {
      await using server = await RedisServer.start({ tls: true });
      const options = { connectTimeoutMs: 8000, ...optionsOf(server.ca!) };
      await using store = redisStore(server.url, options);
      const startedAt = performance.now();
      await rejects(store.open(), (error: Error) => {
        ok(error instanceof StoreOpenError, String(error));
        ok(error.message.includes(server.url), error.message);
        ok(reason.test(error.message), error.message);
        ok(error.message.includes("'tls.ca'"), error.message);
        return true;
      });
      // No waiting makes a certificate trusted.
      ok(performance.now() - startedAt < 7000);
    });
  }

  it("says what is wrong when the server does not speak TLS, or the URL does not", async () => {
    await using plain = await RedisServer.start();
    await using encrypted = await RedisServer.start({ tls: true });
    for (
      const url of [`rediss://127.0.0.1:${plain.port}`, `redis://127.0.0.1:${encrypted.port}`]
    ) {
      await using store = redisStore(url, { connectTimeoutMs: 1000 });
      await rejects(store.open(), (error: Error) => {
        ok(error instanceof StoreOpenError, String(error));
        ok(error.message.includes(url), error.message);
        return true;
      });
    }
  });

  it("refuses 'tls' with a URL that goes without, rather than to send all in the open", () => {
    throws(() => redisStore("redis://localhost", { tls: { ca: "x" } }), /tls/);
  });
});

describe("redisStore refuses URLs", () => {
  it("that are none, such as a variable that is not set", () => {
    for (const nothing of [undefined, null, 5]) {
      const isClear = (error: Error): boolean => /^Cannot open store as /.test(error.message);
      throws(() => redisStore(nothing as unknown as string), isClear);
    }
  });

  const refused: readonly [string, string, RegExp][] = [
    ["a database that is no number", "redis://h/jobs", /must name its database by a number/],
    ["two databases", "redis://h/1/2", /must name its database by a number/],
    ["an unknown parameter", "redis://h?prefx=a", /must have no parameter but 'prefix'/],
    ["a database as a parameter", "redis://h?db=1", /must have no parameter but 'prefix'/],
    ["no host", "redis:///1", /must name a host/],
    ["a socket that is not from the root", "unix:run/redis.sock", /must name its socket/],
    ["a socket whose first folder stands as a host", "unix://run/redis.sock", /socket/],
    ["a password with a bare %", "redis://:50%zoff@h", /must .*%/],
  ];
  for (const [what, url, message] of refused) {
    it(`with ${what}`, () => {
      throws(() => redisStore(url), (error: Error) => {
        ok(error instanceof StoreUrlError, `${error}`);
        ok(message.test(error.message), error.message);
        return true;
      });
    });
  }

  for (
    const url of [
      "redis://user:s3cret@h/jobs",
      "redis://:s3cret@h?prefx=a",
      "redis://h?password=s3cret",
      "redis://:s3cret%@h",
      "unix://bob:s3cret@/run/redis.sock",
    ]
  ) {
    it(`without its secrets in the message: ${url.replace("s3cret", "***")}`, () => {
      throws(() => redisStore(url), (error: Error) => {
        ok(error instanceof StoreUrlError, `${error}`);
        ok(!error.message.includes("s3cret"), error.message);
        return true;
      });
    });
  }
});
