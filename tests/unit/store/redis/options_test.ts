import { assertEquals, assertMatch, assertThrows } from "@std/assert";
import { InvalidOptionError } from "../../../../src/errors.ts";
import { StoreUrlError } from "../../../../src/store/errors.ts";
import {
  readUrl,
  type RedisStoreOptions,
  resolveOptions,
  showAddress,
} from "../../../../src/store/redis/options.ts";
import { redisStore } from "../../../../src/store/redis/store.ts";

const urls: Readonly<Record<string, [address: object, shown: string]>> = {
  "redis://localhost": [{ host: "localhost", port: 6379 }, "redis://localhost:6379"],
  "redis://h:7000/3": [{ host: "h", port: 7000, db: 3 }, "redis://h:7000/3"],
  "redis://h/": [{ host: "h", port: 6379 }, "redis://h:6379"],
  "redis://:pw@h": [{ host: "h", port: 6379, password: "pw" }, "redis://h:6379"],
  "redis://ada:p%40s%3As@h": [
    { host: "h", port: 6379, username: "ada", password: "p@s:s" },
    "redis://h:6379",
  ],
  "rediss://h:1": [{ host: "h", port: 1, tls: {} }, "rediss://h:1"],
  "redis://[::1]:9": [{ host: "::1", port: 9 }, "redis://[::1]:9"],
  "unix:/run/redis.sock": [{ path: "/run/redis.sock" }, "unix:/run/redis.sock"],
  "unix:/a%20b.sock?db=2": [{ path: "/a b.sock", db: 2 }, "unix:/a b.sock?db=2"],
};

for (const [url, [address, shown]] of Object.entries(urls)) {
  Deno.test(`readUrl reads '${url}'`, () => {
    assertEquals(readUrl(url).address, address);
    assertEquals(showAddress(readUrl(url).address), shown);
  });
}

Deno.test("readUrl reads a prefix", () => {
  assertEquals(readUrl("redis://h?prefix=shop").prefix, "shop");
  assertEquals(readUrl("unix:/s?prefix=shop&db=1").prefix, "shop");
  const store = redisStore("redis://ada:secret@h?prefix=shop");
  assertEquals(store.description, "redis://h:6379, prefix 'shop'");
  assertEquals(
    redisStore("redis://h?prefix=a", { prefix: "b:" }).description,
    "redis://h:6379, prefix 'b'",
  );
});

for (
  const url of [
    "redis:",
    "redis://",
    "redis://h/x",
    "redis://h:x",
    "redis://h?db=1",
    "unix:",
    "unix:s",
  ]
) {
  Deno.test(`readUrl refuses '${url}'`, () => {
    const error = assertThrows(() => readUrl(url), StoreUrlError);
    assertMatch(error.message, /^Cannot open store as a Redis URL must .+: current value is '/);
  });
}

const refused: readonly [RedisStoreOptions, string][] = [
  [{ prefix: "" }, "prefix"],
  [{ prefix: "a{b}" }, "prefix"],
  [{ prefix: "a b" }, "prefix"],
  [{ prefix: 5 as never }, "prefix"],
  [{ connectTimeoutMs: 0 }, "connectTimeoutMs"],
  [{ patienceMs: -1 }, "patienceMs"],
  [{ replyTimeoutMs: 1.5 }, "replyTimeoutMs"],
  [{ retention: { maxCount: -1 } }, "retention.maxCount"],
  [{ host: "h" } as never, "host"],
];

for (const [options, name] of refused) {
  Deno.test(`redisStore refuses ${JSON.stringify(options)}`, () => {
    const error = assertThrows(() => resolveOptions(options), InvalidOptionError);
    assertEquals(error.option, name);
  });
}
