/** The mark of the layout in Redis: who opens what, who carries forward, who finds out. */

import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { redisStore } from "../../../../mod.ts";
import { newJob, put } from "../../../../src/testing/conformance/builders.ts";
import { StoreOpenError, StoreVersionError } from "../../../../src/store/errors.ts";
import { clientMaker } from "../../../../src/store/redis/client.ts";
import { enqueue } from "../../../../src/store/redis/enqueue.ts";
import {
  LAYOUT,
  type Layout,
  type LayoutStep,
  prepareLayout,
} from "../../../../src/store/redis/layout.ts";
import { Link, LinkLost } from "../../../../src/store/redis/link.ts";
import { readUrl, resolveOptions } from "../../../../src/store/redis/options.ts";
import { Session } from "../../../../src/store/redis/session.ts";
import { RespClient } from "../../../support/redis/resp_client.ts";
import { RedisServer, serverProblem } from "../../../support/redis/server.ts";
import {
  removeKeys,
  testRedis,
  testRedisProblem,
  uniquePrefix,
} from "../../../support/redis/shared.ts";

const NEXT = LAYOUT.version + 1;
const OWN = `${LAYOUT.version}|${LAYOUT.least}`;
/** How long programs of these tests send calls after a look. */
const TRUST_MS = 200;

/** A prefix of a test's own, and who looks after it. */
interface Place {
  readonly url: string;
  readonly prefix: string;
  readonly redis: RespClient;
  readonly key: (name: string) => string;
  /** Opens a store as this version does. */
  readonly open: () => Promise<ReturnType<typeof redisStore>>;
  /** Opens it as a version of another layout does. */
  readonly carry: (
    layout: Layout,
    trustMs?: number,
    during?: (link: Link) => void,
  ) => Promise<void>;
}

function onPlace(name: string, run: (place: Place) => Promise<void>): void {
  Deno.test({
    name,
    ignore: testRedisProblem() !== undefined,
    async fn() {
      const [url, prefix] = [testRedis(), uniquePrefix()];
      const { address } = readUrl(url);
      try {
        await using redis = await RespClient.connect(url);
        await run({
          url,
          prefix,
          redis,
          key: (name) => `{${prefix}}:${name}`,
          open: async () => {
            const store = redisStore(url, { prefix });
            await store.open();
            return store;
          },
          carry: async (layout, trustMs, during) => {
            const link = new Link(await clientMaker(address, 5000), 5000);
            try {
              link.open();
              while (!link.isUp) await link.changed(1000);
              during?.(link);
              await prepareLayout({
                link,
                root: `{${prefix}}:`,
                store: "test",
                layout,
                trustMs: trustMs ?? 0,
              });
            } finally {
              await link.close();
            }
          },
        });
      } finally {
        await removeKeys(url, prefix);
      }
    },
  });
}

/** The next layout; its step counts how often it was gone, and the jobs that were there. */
function next(least: number, script = ""): Layout {
  const counts = "redis.call('INCR', R .. 'steps')\n" +
    "redis.call('SET', R .. 'before', redis.call('HLEN', R .. 'jobs'))\n";
  const step: LayoutStep = { to: NEXT, least, script: counts + script };
  return { version: NEXT, least, steps: [step] };
}

onPlace(
  "redisStore().open() writes the version of the layout once",
  async ({ open, redis, key }) => {
    await using store = await open();
    assertEquals(await redis.call("GET", key("layout")), OWN);
    assertEquals((await store.info()).layoutVersion, LAYOUT.version);
  },
);

onPlace("redisStore().open() takes jobs from before the key as layout 1", async (place) => {
  const { open, redis, key } = place;
  {
    await using store = await open();
    await put(store, newJob("a"));
  }
  await redis.call("DEL", key("layout"));
  await using store = await open();
  assertEquals(await redis.call("GET", key("layout")), "1|1");
  assertEquals((await store.getJobs(["a"]))[0]?.status, "ready");
});

onPlace("redisStore().open() refuses a newer layout, and changes nothing", async (place) => {
  const { open, redis, key } = place;
  await redis.call("SET", key("layout"), "9|7");
  const error = await assertRejects(open, StoreVersionError);
  assertStringIncludes(error.message, "layout must be at most 1: current value is 9");
  assertStringIncludes(error.message, "nothing was changed; update this package");
  assertEquals([error.found, error.own], [9, LAYOUT.version]);
  assertEquals(await redis.call("GET", key("layout")), "9|7");
});

onPlace("redisStore() works on a newer layout that it may overlook", async (place) => {
  await place.redis.call("SET", place.key("layout"), "9|1");
  await using store = await place.open();
  await put(store, newJob("a"));
  assertEquals((await store.info()).layoutVersion, 9);
  assertEquals(await place.redis.call("GET", place.key("layout")), "9|1");
});

onPlace("redisStore().open() refuses a key that another program has written", async (place) => {
  await place.redis.call("SET", place.key("layout"), "portrait");
  const error = await assertRejects(place.open, StoreOpenError);
  assertStringIncludes(error.message, "must hold two numbers: current value is 'portrait'");
});

onPlace(
  "a layout that others may overlook is carried forward once while they work",
  async (place) => {
    await using store = await place.open();
    await put(store, newJob("a"));
    await Promise.all([1, 2, 3].map(() => place.carry(next(1))));
    assertEquals(await place.redis.call("GET", place.key("layout")), `${NEXT}|1`);
    assertEquals(await place.redis.call("GET", place.key("steps")), "1");
    await put(store, newJob("b"));
    await using second = await place.open();
    assertEquals((await second.getJobs(["a", "b"])).map((job) => job?.id), ["a", "b"]);
  },
);

onPlace("a new store gets the newest layout without its steps", async (place) => {
  await place.carry(next(NEXT));
  assertEquals(await place.redis.call("GET", place.key("layout")), `${NEXT}|${NEXT}`);
  assertEquals(await place.redis.call("GET", place.key("steps")), null);
});

onPlace(
  "a layout is carried forward when all who must not work on it have let go",
  async (place) => {
    const { url, prefix, redis, key } = place;
    const options = { ...resolveOptions({ prefix }), trustMs: TRUST_MS };
    const old = new Session(readUrl(url).address, options, "old");
    try {
      await old.open();
      let enqueued = 0;
      const busy = (async () => {
        while (true) await enqueue(old.claims, [[newJob(`job-${enqueued++}`)]]);
      })();
      const refused = assertRejects(() => busy, StoreVersionError);
      await Promise.all([1, 2].map(() => place.carry(next(NEXT), TRUST_MS)));
      const error = await refused;
      assertStringIncludes(error.message, "Cannot use store as the version of its layout must be");
      assertStringIncludes(error.message, "start this process anew");
      assertEquals(await redis.call("GET", key("layout")), `${NEXT}|${NEXT}`);
      assertEquals(await redis.call("GET", key("steps")), "1");
      // Nothing of the old one came after the step.
      assertEquals(
        await redis.call("GET", key("before")),
        String(await redis.call("HLEN", key("jobs"))),
      );
      assert(enqueued > 1, "the old one was at work");
      await assertRejects(() => enqueue(old.claims, [[newJob("late")]]), StoreVersionError);
      await assertRejects(() => old.runner.command("SMEMBERS", [key("pairs")]), StoreVersionError);
    } finally {
      await old.close();
    }
  },
);

onPlace("a program that was idle looks at the layout before its next call", async (place) => {
  const { url, prefix, redis, key } = place;
  const options = { ...resolveOptions({ prefix }), trustMs: 0 };
  const old = new Session(readUrl(url).address, options, "old");
  try {
    await old.open();
    await enqueue(old.claims, [[newJob("a")]]);
    await redis.call("SET", key("layout"), "2|2");
    await assertRejects(() => enqueue(old.claims, [[newJob("b")]]), StoreVersionError);
    assertEquals(await redis.call("HLEN", key("jobs")), 1);
  } finally {
    await old.close();
  }
});

onPlace("calls that wait for a look are sent in their order", async (place) => {
  const { url, prefix } = place;
  const options = { ...resolveOptions({ prefix }), trustMs: 0 };
  const session = new Session(readUrl(url).address, options, "idle");
  try {
    await session.open();
    const ids = Array.from({ length: 50 }, (_, i) => `job-${String(i).padStart(2, "0")}`);
    const calls: Promise<unknown>[] = [];
    for (const id of ids) {
      calls.push(enqueue(session.claims, [[newJob(id)]]));
      if (calls.length % 7 === 0) await Promise.resolve();
      if (calls.length % 10 === 0) await calls[calls.length - 5];
    }
    await Promise.all(calls);
    await using store = await place.open();
    const { jobs } = await store.list({ status: "ready", limit: 100 });
    assertEquals(jobs.map(({ id }) => id), ids.toReversed());
  } finally {
    await session.close();
  }
});

onPlace(
  "a layout is carried on by the next who opens when the first died while it waited",
  async (place) => {
    await using store = await place.open();
    await put(store, newJob("a"));
    await place.redis.call("SET", place.key("layout"), `${LAYOUT.version}|${NEXT}`);
    await assertRejects(place.open, StoreVersionError);
    await place.carry(next(NEXT));
    assertEquals(await place.redis.call("GET", place.key("layout")), `${NEXT}|${NEXT}`);
    assertEquals(await place.redis.call("GET", place.key("before")), "1");
  },
);

onPlace("a wait for older versions ends with its connection", async (place) => {
  await (await place.open()).close();
  const { redis, key } = place;
  const closeSoon = async (link: Link): Promise<void> => {
    while (await redis.call("GET", key("layout")) === OWN) { /* until it is announced */ }
    await link.close();
  };
  await assertRejects(() => place.carry(next(NEXT), 3_600_000, closeSoon), LinkLost);
  assertEquals(await redis.call("GET", key("layout")), `${LAYOUT.version}|${NEXT}`);
});

onPlace("a step that fails leaves the mark, and is gone again", async (place) => {
  await (await place.open()).close();
  await place.redis.call("SET", place.key("jobs"), "no hash");
  const error = await assertRejects(() => place.carry(next(1)), StoreOpenError);
  assertStringIncludes(error.message, `carried forward to version ${NEXT}: current value is 1`);
  assertEquals(await place.redis.call("GET", place.key("layout")), OWN);
  await place.redis.call("DEL", place.key("jobs"));
  await place.carry(next(1));
  assertEquals(await place.redis.call("GET", place.key("layout")), `${NEXT}|1`);
});

onPlace(
  "a mark that was removed with all else is written again",
  async ({ url, prefix, redis, key }) => {
    const session = new Session(
      readUrl(url).address,
      { ...resolveOptions({ prefix }), trustMs: 0 },
      "emptied",
    );
    try {
      await session.open();
      await removeKeys(url, prefix);
      await enqueue(session.claims, [[newJob("a")]]);
      await session.runner.command("PING", []);
      assertEquals(await redis.call("GET", key("layout")), OWN);
    } finally {
      await session.close();
    }
  },
);

Deno.test({
  name: "redisStore().open() succeeds on a Redis that is full",
  ignore: serverProblem() !== undefined,
  async fn() {
    await using server = await RedisServer.start({ args: ["--maxmemory", "1"] });
    await using store = redisStore(server.url);
    await store.open();
    assertEquals(await store.counts(), []);
    assertEquals((await store.info()).layoutVersion, LAYOUT.version);
  },
});
