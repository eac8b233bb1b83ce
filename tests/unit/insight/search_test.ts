import { assertEquals, assertRejects } from "@std/assert";
import { Client, InvalidOptionError, memoryStore, type SearchOptions } from "../../../mod.ts";
import { searchJobs } from "../../../src/insight/search.ts";
import type { Store } from "../../../src/store/store.ts";
import {
  complete,
  deadLetter,
  newJob,
  newJobs,
  put,
  retryIn,
  runJob,
} from "../../../src/testing/conformance/builders.ts";
import { testOnThreeStores } from "../../support/three_stores.ts";

/** Ids found by all steps of a search together, and how many steps it took. */
async function search(
  store: Store,
  options: SearchOptions,
): Promise<{ ids: string[]; steps: number; scanned: number }> {
  const ids: string[] = [];
  let [steps, scanned, cursor]: [number, number, string | undefined] = [0, 0, undefined];
  do {
    const reply = await searchJobs(store, { ...options, cursor });
    ids.push(...reply.jobs.map(({ id }) => id));
    steps++;
    scanned += reply.scanned;
    cursor = reply.cursor;
  } while (cursor !== undefined);
  return { ids, steps, scanned };
}

testOnThreeStores("searchJobs finds a text wherever a job carries it", async ({ store }) => {
  await runJob(store, newJob("in-result"), complete('{"to":"Zürich"}'));
  await runJob(store, newJob("in-error", { settings: {} }), deadLetter("No way to ZÜRICH"));
  await runJob(store, newJob("in-attempt"), retryIn(1000, { message: "zürich is closed" }));
  await put(store, newJob("in-payload", { payload: '{"city":"ZüRICH"}' }));
  await put(store, newJob("other", { payload: '{"city":"Bern"}' }));
  const { ids, scanned } = await search(store, { text: "zürich" });
  assertEquals(ids, ["in-payload", "in-attempt", "in-result", "in-error"]);
  assertEquals(scanned, 5);
  assertEquals((await search(store, { text: "IN-PAY" })).ids, ["in-payload"]);
});

testOnThreeStores("searchJobs finds what JSON writes otherwise", async ({ store }) => {
  const payload = JSON.stringify({ text: 'say "hi"\nand go' });
  await put(store, newJob("a", { payload }));
  assertEquals((await search(store, { text: '"Hi"\nand' })).ids, ["a"]);
});

testOnThreeStores(
  "searchJobs narrows by status, queue, type and time",
  async ({ store, clock }) => {
    for (const [i, queue] of ["q", "r", "q"].entries()) {
      await runJob(store, newJob(`done${i}`, { queue, payload: '"x"' }), complete());
      await clock.advance(1000);
    }
    await put(store, newJob("waits", { queue: "q", type: "other", payload: '"x"' }));
    const text = "x";
    const found = async (options: Partial<SearchOptions>): Promise<string[]> =>
      (await search(store, { text, ...options })).ids;
    assertEquals(await found({}), ["waits", "done2", "done1", "done0"]);
    assertEquals(await found({ statuses: ["completed", "ready"] }), [
      ...["done2", "done1", "done0", "waits"],
    ]);
    assertEquals(await found({ queue: "q" }), ["waits", "done2", "done0"]);
    assertEquals(await found({ type: "work" }), ["done2", "done1", "done0"]);
    const toAt = clock.now() - 1000;
    assertEquals(await found({ toAt, fromAt: toAt - 2000 }), ["done1", "done0"]);
  },
);

testOnThreeStores("searchJobs goes on where it stopped, whatever the limit", async ({ store }) => {
  for (let i = 0; i < 5; i++) {
    await put(store, ...newJobs(50, `j${i}-`, { payload: i % 2 === 0 ? '"yes"' : '"no"' }));
  }
  const all = await search(store, { text: "yes", limit: 100 });
  assertEquals([all.ids.length, new Set(all.ids).size], [150, 150]);
  for (const limit of [1, 7, 60]) {
    assertEquals((await search(store, { text: "yes", limit })).ids, all.ids, `limit ${limit}`);
  }
});

testOnThreeStores(
  "searchJobs keeps its place when a job found before leaves",
  async ({ store }) => {
    await put(store, ...newJobs(10, "j", { payload: '"yes"' }));
    const first = await searchJobs(store, { text: "yes", limit: 3, statuses: ["ready"] });
    const ids = first.jobs.map(({ id }) => id);
    await store.act([ids[2]!, "j0"], { kind: "remove" });
    const rest = await searchJobs(store, {
      text: "yes",
      statuses: ["ready"],
      cursor: first.cursor,
    });
    assertEquals(rest.jobs.map(({ id }) => id), ["j6", "j5", "j4", "j3", "j2", "j1"]);
    assertEquals(rest.cursor, undefined);
  },
);

Deno.test("searchJobs reads at most 1000 jobs in one step", async () => {
  await using store = memoryStore();
  for (let i = 0; i < 3; i++) await put(store, ...newJobs(500, `j${i}-`));
  const reply = await searchJobs(store, { text: "nowhere" });
  assertEquals([reply.jobs.length, reply.scanned], [0, 1000]);
  assertEquals((await search(store, { text: "nowhere" })).scanned, 1500);
});

Deno.test("searchJobs shows a payload that is no JSON as it is", async () => {
  await using store = memoryStore();
  await put(store, newJob("a", { payload: "{broken" }));
  const { jobs } = await searchJobs(store, { text: "broken" });
  assertEquals(jobs[0]?.payload, "{broken");
});

const refused: readonly (readonly [string, unknown])[] = [
  ["text", { text: "" }],
  ["text", { text: "x".repeat(201) }],
  ["limit", { text: "x", limit: 101 }],
  ["statuses", { text: "x", statuses: [] }],
  ["statuses[0]", { text: "x", statuses: ["nowhere"] }],
  ["statuses[1]", { text: "x", statuses: ["ready", "ready"] }],
  ["cursor", { text: "x", cursor: "{" }],
  ["cursor", { text: "x", statuses: ["ready"], cursor: '{"status":"retry","given":[]}' }],
  ["fromAt", { text: "x", fromAt: -1 }],
  ["words", { text: "x", words: 1 }],
];

for (const [option, options] of refused) {
  Deno.test(`Client.search refuses ${JSON.stringify(options).slice(0, 60)}`, async () => {
    await using client = new Client({ store: memoryStore() });
    const error = await assertRejects(
      () => client.search(options as SearchOptions),
      InvalidOptionError,
    );
    assertEquals(error.option, option);
  });
}
