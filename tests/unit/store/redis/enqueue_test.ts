/** Calls that enqueue, in the short form of plain jobs and in the long one: Redis answers as memory does. */

import { assertEquals } from "@std/assert";
import { seededRng } from "../../../../src/rng.ts";
import { uuidv7Generator } from "../../../../src/job/id.ts";
import { memoryStore } from "../../../../src/store/memory/store.ts";
import type { NewJob, Store } from "../../../../src/store/store.ts";
import { claim, examine, job, LARGE, testPatient } from "../../../support/redis/doctor.ts";

const CALLS = 250;

/** What a job may differ in from a plain one of the first lane; mostly nothing. */
const fields: readonly Partial<NewJob>[] = [
  ...Array.from({ length: 12 }, () => ({})),
  { type: "u" },
  { queue: "other" },
  { priority: 7 },
  { payload: LARGE },
  { atFront: true },
  { delayMs: 60_000 },
  { settings: { maxRetry: 2, meta: { of: "é|\n" } } },
  { settings: { expireAt: 9e12 } },
];

for (const listens of [false, true]) {
  for (const seed of [1, 2, 3, 4]) {
    const who = listens ? "while somebody listens" : "while nobody listens";
    testPatient(`enqueue answers as in memory ${who}, seed ${seed}`, async ({ store, clock }) => {
      await using memory = memoryStore({ clock });
      await memory.open();
      using feed = listens ? await store.watchEvents() : undefined;
      const created: string[] = [];
      const rng = seededRng(seed);
      const below = (n: number): number => Math.floor(rng() * n);
      const newId = uuidv7Generator(() => clock.now());
      const used: string[] = [];
      const anId = (): string => {
        if (used.length > 0 && rng() < 0.03) return used[below(used.length)]!;
        const id = rng() < 0.8 ? newId() : `own-${below(1000)}`;
        used.push(id);
        return id;
      };
      const aJob = (plain: boolean): NewJob =>
        job(anId(), plain ? {} : fields[below(fields.length)]);
      for (let i = 0; i < CALLS; i++) {
        const plain = rng() < 0.5;
        const groups = Array.from(
          { length: 1 + below(4) },
          () => distinct(Array.from({ length: rng() < 0.7 ? 1 : below(12) }, () => aJob(plain))),
        );
        const replies = await store.enqueue(groups);
        assertEquals(replies, await memory.enqueue(groups), `call ${i}`);
        for (const [k, reply] of replies.entries()) {
          if (reply.outcome !== "created") continue;
          groups[k]!.forEach(({ id }, at) => created.push(`${id} ${reply.statuses[at]}`));
        }
      }
      assertEquals(await idsInOrder(store), await idsInOrder(memory));
      assertEquals(await examine(store), []);
      if (feed === undefined) return;
      const told: string[] = [];
      while (told.length < created.length) {
        for (const event of await feed.next()) {
          if (event.kind === "created") told.push(`${event.id} ${event.status}`);
        }
      }
      assertEquals(told, created);
    });
  }
}

/** Without those whose id came before: a group has each once. */
function distinct(jobs: readonly NewJob[]): NewJob[] {
  return [...new Map(jobs.map((job) => [job.id, job])).values()];
}

/** Ids of all that is ready, in the order in which each lane gives them. */
async function idsInOrder(store: Store): Promise<Record<string, string[]>> {
  const lanes: Record<string, string[]> = {};
  for (const queue of ["q", "other"]) {
    for (const type of ["t", "u"]) {
      const sources = [{ queue, types: [type], share: 10_000 }];
      const jobs = await claim(store, { limit: 10_000, sources });
      for (const { id, priority, payload } of jobs) {
        (lanes[`${queue} ${type} ${priority}`] ??= []).push(`${id} ${payload.length}`);
      }
    }
  }
  return lanes;
}

testPatient("places in a lane rise over tens, hundreds and thousands", async ({ store, call }) => {
  for (const n of [1, 8, 1, 1, 9, 81, 898, 1000]) {
    const jobs = Array.from({ length: n }, (_, i) => job(`${n}-${i}-${crypto.randomUUID()}`));
    assertEquals((await store.enqueue([jobs]))[0]?.outcome, "created");
  }
  const entries = await call("LRANGE", "KEY:l:q|30t", "0", "-1") as string[];
  const places = entries.map((entry) => entry.split("|", 1)[0]);
  assertEquals(places, Array.from({ length: 1999 }, (_, i) => String(i + 1)));
});

testPatient("a group with an id in use is refused whole, in either form", async ({ store }) => {
  const ids = Array.from({ length: 20 }, (_, i) => `a${String(i).padStart(2, "0")}`);
  await store.enqueue([[job("a13")]]);
  for (const extra of [{}, { type: "u" }]) {
    const [reply] = await store.enqueue([ids.map((id) => job(id, id === "a19" ? extra : {}))]);
    assertEquals(reply, { outcome: "duplicate", index: 13, id: "a13", status: "ready" });
  }
  const jobs = await claim(store, { limit: 100 });
  assertEquals(jobs.map(({ id }) => id), ["a13"], "nothing of the groups was written");
});
