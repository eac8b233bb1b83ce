/** Whose turn it is: queues that one pool serves, servers whose leases have ended. */

import { assertEquals } from "@std/assert";
import type { DoctorStage } from "../../../../src/store/doctor_stage.ts";
import { memoryStore } from "../../../../src/store/memory/store.ts";
import type { Store } from "../../../../src/store/store.ts";
import { FakeClock } from "../../../../src/testing/fake_clock.ts";
import { claim, job, put, testPatient } from "../../../support/redis/doctor.ts";

/** The queues of what one claim after the other gives, on Redis and in memory. */
async function served(
  store: Store,
  queues: Readonly<Record<string, string>>,
  limits: readonly number[],
): Promise<Record<"redis" | "memory", string[]>> {
  await using memory = memoryStore({ clock: new FakeClock() });
  await memory.open();
  const got: Record<"redis" | "memory", string[]> = { redis: [], memory: [] };
  for (const [name, one] of [["redis", store], ["memory", memory]] as const) {
    for (const [queue, types] of Object.entries(queues)) {
      const jobs = Array.from(types, (type, i) => job(`${queue}${i}`, { queue, type }));
      await put(one, ...jobs);
    }
    for (const limit of limits) {
      const sources = [{ queue: null, types: ["t", "u"], share: limit }];
      const jobs = await claim(one, { limit, sources });
      got[name].push(jobs.map(({ queue }) => queue).join(""));
    }
  }
  return got;
}

const cases = [
  [{ a: "ttt", b: "xxx", c: "ttt" }, [1, 1, 1, 1, 1]],
  [{ a: "tttttttt", b: "xxx", c: "tttttttt" }, [6, 4]],
  [{ a: "tttttttt", b: "x", c: "x", d: "tttttttt", e: "ttt" }, [7, 5, 2]],
  [{ a: "x", b: "x", c: "tttt" }, [1, 2]],
  [{ a: "ttttt", b: "t", c: "ttttt" }, [6, 3]],
  [{ a: "tu", b: "xx", c: "ut", d: "x" }, [1, 1, 1, 1]],
] as const;

for (const [queues, limits] of cases) {
  testPatient(
    `queues come in turn as in memory: ${JSON.stringify([queues, limits])}`,
    async ({ store }) => {
      const { redis, memory } = await served(store as Store & DoctorStage, queues, limits);
      assertEquals(redis, memory);
    },
  );
}

testPatient(
  "reap() takes leases in the order of their ends over all servers",
  async ({ store, clock }) => {
    const ends = [["s1", 300], ["s2", 100], ["s1", 200], ["s3", 250], ["s2", 400]] as const;
    for (const [i, [server, leaseMs]] of ends.entries()) {
      await put(store, job(`j${i}`));
      await claim(store, { server, leaseMs });
    }
    await clock.advance(1000);
    const died: string[] = [];
    const look = async (): Promise<void> => {
      const { jobs } = await store.list({ status: "dead_letter", limit: 10 });
      died.splice(0, Infinity, ...jobs.map(({ id }) => id).toReversed());
    };
    assertEquals(await store.reap({ limit: 2, maxDeliveries: 1 }), { moved: 2, nextInMs: 0 });
    await look();
    assertEquals(died, ["j1", "j2"]);
    assertEquals(await store.reap({ limit: 10, maxDeliveries: 1 }), { moved: 3, nextInMs: null });
    await look();
    assertEquals(died, ["j1", "j2", "j3", "j0", "j4"]);
  },
);
