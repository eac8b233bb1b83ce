import { assertEquals, assertRejects } from "@std/assert";
import { Client, InvalidOptionError, memoryStore, type SearchOptions } from "../../../mod.ts";
import { searchJobs } from "../../../src/insight/search.ts";
import type { NewJob, Store, Verdict } from "../../../src/store/store.ts";
import {
  cancel,
  claim,
  complete,
  deadLetter,
  newJob,
  newJobs,
  outcome,
  put,
  retryIn,
  runJob,
  source,
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

Deno.test("searchJobs reads at most 300 jobs in one step", async () => {
  await using store = memoryStore();
  for (let i = 0; i < 3; i++) await put(store, ...newJobs(500, `j${i}-`));
  const reply = await searchJobs(store, { text: "nowhere" });
  assertEquals([reply.jobs.length, reply.scanned], [0, 300]);
  assertEquals((await search(store, { text: "nowhere" })).scanned, 1500);
});

Deno.test("searchJobs reads few jobs in one step where they are large", async () => {
  await using store = memoryStore();
  const payload = JSON.stringify("x".repeat(400_000));
  await put(store, ...newJobs(30, "large", { payload }));
  await put(store, ...newJobs(10, "small"));
  const { scanned, cursor } = await searchJobs(store, { text: "nowhere" });
  assertEquals(scanned, 20, "a page before it is known, and the one that ends the step");
  assertEquals((await searchJobs(store, { text: "nowhere", cursor })).scanned, 4);
  const all = await search(store, { text: "nowhere" });
  assertEquals([all.ids, all.scanned], [[], 40]);
});

testOnThreeStores(
  "searchJobs finds exactly what is meant, in every status, over its steps",
  async ({ store }) => {
    const type = "work";
    const verdicts: Readonly<Record<string, Verdict>> = {
      completed: complete('{"found":"needle"}'),
      dead: deadLetter("lost a needle"),
      retry: retryIn(60_000, { message: "try again", fingerprint: "00000000000000ab" }),
      canceled: cancel("no needle"),
    };
    const wanted: string[] = [];
    const marked = (prefix: string, count: number, fields: Partial<NewJob> = {}): NewJob[] =>
      newJobs(count, prefix, { type, ...fields }).map((job, i) => {
        if (i % 1000 !== 500) return job;
        wanted.push(job.id);
        return { ...job, payload: '{"mark":"needle 1 of 1000"}' };
      });
    const putAll = async (jobs: readonly NewJob[]): Promise<void> => {
      for (let at = 0; at < jobs.length; at += 500) await put(store, ...jobs.slice(at, at + 500));
    };
    for (const [prefix, verdict] of Object.entries(verdicts)) {
      await putAll(newJobs(3, `${prefix}-ends-`));
      const held = await claim(store, { limit: 3 });
      const outcomes = held.map((job, i) => outcome(job, i === 1 ? verdict : complete()));
      await store.settle({ outcomes });
      if (prefix !== "retry") wanted.push(held[1]!.id);
    }
    await putAll(marked("held", 1000));
    for (let left = 1000; left > 0;) left -= (await claim(store, { limit: 500 })).length;
    await putAll(marked("done", 1000, { queue: "other" }));
    for (let left = 1000; left > 0;) {
      const held = await claim(store, { limit: 500, sources: [source("other")] });
      await store.settle({ outcomes: held.map((job) => outcome(job, complete())) });
      left -= held.length;
    }
    await putAll(marked("waits", 2000));
    await putAll(marked("later", 1000, { delayMs: 60_000 }));
    const dependsOn = [{ id: "later0", onFailure: "cancel" as const }];
    await putAll(marked("child", 1000, { settings: { dependsOn } }));

    const found = await search(store, { text: "NEEDLE", limit: 2 });
    assertEquals(found.ids.toSorted(), wanted.toSorted());
    assertEquals(found.scanned, 6012);
    const every = await search(store, { limit: 100 });
    assertEquals([every.ids.length, new Set(every.ids).size], [6012, 6012]);
    assertEquals((await search(store, { fingerprint: "00000000000000ab" })).ids, ["retry-ends-1"]);
    const { ids } = await search(store, { idPrefix: "waits19", limit: 100 });
    assertEquals(ids.length, 1 + 10 + 100);
    assertEquals(ids.every((id) => id.startsWith("waits19")), true);
  },
);

testOnThreeStores("searchJobs finds by id at once", async ({ store }) => {
  await put(store, ...newJobs(30, "j"), newJob("other", { payload: '"j7"', queue: "q" }));
  for (const query of [{ id: "j7" }, { id: "j7", text: "J7", statuses: ["ready"] }] as const) {
    const { jobs, cursor } = await searchJobs(store, query);
    assertEquals([jobs.map(({ id }) => id), cursor], [["j7"], undefined]);
  }
  for (const query of [{ id: "j" }, { id: "j7", queue: "q" }, { id: "j7", statuses: ["retry"] }]) {
    assertEquals((await searchJobs(store, query as SearchOptions)).jobs, []);
  }
  const first = await searchJobs(store, { text: "j7", limit: 1 });
  assertEquals(first.jobs.map(({ id }) => id), ["j7"]);
  const rest = await searchJobs(store, { text: "j7", limit: 5, cursor: first.cursor });
  assertEquals(rest.jobs.map(({ id }) => id), ["other"], "what was given does not come again");
  assertEquals((await search(store, { text: "j7", queue: ["q", "r"] })).ids, ["other"]);
});

testOnThreeStores("searchJobs looks into several queues, and into no others", async ({ store }) => {
  for (const queue of ["a", "b", "c"]) {
    await runJob(store, newJob(`${queue}-done`, { queue }), complete());
    await put(store, ...newJobs(60, `${queue}-`, { queue }));
  }
  const { ids, scanned } = await search(store, { queue: ["c", "a"], idPrefix: "a-" });
  assertEquals([ids.length, scanned], [61, 122]);
  assertEquals((await search(store, { queue: [] })).ids, []);
  const { cursor } = await searchJobs(store, { queue: "a" });
  await assertRejects(() => searchJobs(store, { queue: "b", cursor }), InvalidOptionError);
});

testOnThreeStores(
  "a failure is found by the newest of its fingerprints",
  async ({ store, clock }) => {
    const [one, two] = ["00000000000000aa", "00000000000000bb"] as const;
    const failed = (fingerprint: string): Verdict => retryIn(1000, { message: "no", fingerprint });
    await runJob(store, newJob("a"), failed(one));
    await clock.advance(1000);
    await store.promote(10);
    const [again] = await claim(store);
    await store.settle({ outcomes: [outcome(again!, failed(two))] });
    await runJob(store, newJob("b"), failed(one));
    assertEquals((await search(store, { fingerprint: one })).ids, ["b"]);
    assertEquals((await search(store, { fingerprint: two })).ids, ["a"]);
  },
);

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
  ["id", { id: "a/b" }],
  ["idPrefix", { idPrefix: "" }],
  ["fingerprint", { fingerprint: "ABC" }],
  ["queue", { queue: 1 }],
  ["queue", { queue: ["a", 1] }],
  ["cursor", { text: "x", cursor: "{" }],
  ["cursor", { text: "x", cursor: "null" }],
  ["cursor", { text: "x", cursor: '{"status":"ready","first":1000}' }],
  ["cursor", { text: "x", statuses: ["ready"], cursor: '{"status":"retry"}' }],
  ["cursor", { queue: "a", cursor: '{"status":"retry","queue":"b"}' }],
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
