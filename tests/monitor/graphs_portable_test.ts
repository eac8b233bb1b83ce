/** What the API tells of graphs, as the page and the terminal client of GQM (Go) read it. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Store } from "../../src/store/store.ts";
import { claim, complete, newJob, outcome, put } from "../../src/testing/conformance/builders.ts";
import { childOf } from "../../src/testing/conformance/graph_builders.ts";
import { FAKE_CLOCK_START, type FakeClock } from "../../src/testing/fake_clock.ts";
import { assertMatches } from "../support/json_schema.ts";
import { deskOf, routeOf, someone } from "./support/desk.ts";
import { kinds } from "./support/places.ts";

const SECONDS = String(FAKE_CLOCK_START / 1000);

// deno-lint-ignore no-explicit-any -- answers are compared with what they must be
type Json = any;

interface Asker {
  readonly store: Store;
  readonly clock: FakeClock;
  /** Asks a route of graphs; its answer must have the shape that it says. */
  get(path: string, status?: number): Promise<Json>;
}

/** Tests a monitor on each kind of store; with `queues`, as somebody who sees no others. */
function testGraphs(
  name: string,
  use: (asker: Asker) => Promise<void>,
  queues?: readonly string[],
): void {
  for (const kind of kinds) {
    test(`${name} (${kind.name})`, { skip: kind.skip }, async () => {
      await using place = await kind.make();
      const ask = deskOf(place);
      const get = async (end: string, status = 200): Promise<Json> => {
        const path = `/api/v1/dag/${end}`;
        const reply = await ask({ path, who: someone("viewer", queues) });
        assert.equal(reply.status, status, path);
        if (status === 200) assertMatches(routeOf(path).answer.body!, reply.body, path);
        return reply.body;
      };
      await use({ store: place.store, clock: place.clock, get });
    });
  }
}

/** Two parents with a child, which has two children; one of all is in another queue. */
async function putDiamond(store: Store): Promise<void> {
  await put(store, newJob("mother"), newJob("father", { queue: "hidden" }));
  await put(store, childOf("middle", ["mother", "father"], "continue"));
  await put(store, childOf("left", "middle"), childOf("right", "middle"));
}

const ids = (list: { id: string }[]): string[] => list.map(({ id }) => id);
const edgesOf = ({ edges }: { edges: { source: string; target: string }[] }): string[] =>
  edges.map(({ source, target }) => `${source}>${target}`).sort();

testGraphs(
  "the graph of a job has its ancestors and descendants, and the edges between them",
  async ({ store, get }) => {
    await putDiamond(store);
    const { data } = await get("graph/middle");
    assert.deepEqual(data, {
      root_id: "middle",
      nodes: [
        ...[["middle", true], ["mother", false], ["father", false], ["left", false]],
        ["right", false],
      ].map(([id, allow_failure]) => ({
        id,
        type: "work",
        status: id === "mother" || id === "father" ? "ready" : "deferred",
        queue: id === "father" ? "hidden" : "default",
        allow_failure,
        created_at: SECONDS,
      })),
      edges: data.edges,
      truncated: false,
    });
    assert.deepEqual(edgesOf(data), [
      ...["father>middle", "middle>left", "middle>right", "mother>middle"],
    ]);
    // From the ends it goes all the way, but not down again to others.
    const { data: fromLeft } = await get("graph/left");
    assert.deepEqual(ids(fromLeft.nodes), ["left", "middle", "mother", "father"]);
    const { data: fromMother } = await get("graph/mother");
    assert.deepEqual(ids(fromMother.nodes), ["mother", "middle", "left", "right"]);
  },
);

testGraphs(
  "the graph of a job that is not there is one node of unknown status",
  async ({ get }) => {
    assert.deepEqual((await get("graph/nobody")).data, {
      root_id: "nobody",
      nodes: [{ id: "nobody", status: "unknown", allow_failure: false }],
      edges: [],
      truncated: false,
    });
    assert.equal((await get("graph/no%3Abody", 400)).code, "BAD_REQUEST");
  },
);

testGraphs(
  "a graph is cut at the most jobs and steps, says so, and has no edge to what is cut off",
  async ({ store, get }) => {
    await put(store, newJob("root"));
    for (let i = 0; i < 9; i++) await put(store, childOf(`child${i}`, "root"));
    await put(store, childOf("grandchild", "child0"));
    const graph = async (query: string): Promise<Json> => (await get(`graph/root?${query}`)).data;
    const whole = await graph("");
    assert.deepEqual([whole.nodes.length, whole.edges.length, whole.truncated], [11, 10, false]);
    const few = await graph("max_nodes=4");
    assert.deepEqual([few.nodes.length, few.edges.length, few.truncated], [4, 3, true]);
    const near = await graph("depth=1");
    assert.deepEqual([near.nodes.length, near.edges.length, near.truncated], [10, 9, true]);
    assert.equal((await graph("depth=2&max_nodes=11")).truncated, false);
    // What is no number is as if it were absent, and what is out of range is brought into it.
    assert.deepEqual(await graph("depth=x&max_nodes=1e9"), whole);
    assert.deepEqual(await graph("depth=99&max_nodes=99999"), whole);
    assert.deepEqual(await graph("depth=0"), near);
    assert.deepEqual(ids((await graph("max_nodes=-5")).nodes), ["root"]);
  },
);

testGraphs(
  "a graph has at most 500 jobs, and is whole up to there",
  async ({ store, get }) => {
    await put(store, newJob("root"));
    const some = Array.from({ length: 249 }, (_, i) => i);
    await put(store, ...some.map((i) => childOf(`child${i}`, "root")));
    await put(store, ...some.map((i) => childOf(`grandchild${i}`, `child${i}`)));
    await put(store, childOf("last", "grandchild248"));
    const graph = async (): Promise<Json> => (await get("graph/root?max_nodes=9999")).data;
    const whole = await graph();
    assert.deepEqual([whole.nodes.length, whole.edges.length, whole.truncated], [500, 499, false]);
    await put(store, childOf("extra", "last"));
    const cut = await graph();
    assert.deepEqual([cut.nodes.length, cut.edges.length, cut.truncated], [500, 499, true]);
  },
);

testGraphs(
  "whoever sees only some queues learns nothing of jobs in others from a graph",
  async ({ store, get }) => {
    await putDiamond(store);
    const { data } = await get("graph/middle");
    assert.deepEqual(ids(data.nodes), ["middle", "mother", "left", "right"]);
    assert.deepEqual(edgesOf(data), ["middle>left", "middle>right", "mother>middle"]);
    assert.equal(data.truncated, false);
    const { data: hidden } = await get("graph/father");
    const { data: missing } = await get("graph/nobody");
    assert.deepEqual(JSON.parse(JSON.stringify(hidden).replaceAll("father", "nobody")), missing);
  },
  ["default"],
);

testGraphs(
  "roots are the jobs with children, the newest first, whatever has become of them",
  async ({ store, clock, get }) => {
    for (const i of [0, 1, 2]) {
      await put(store, newJob(`root${i}`, { queue: i === 1 ? "hidden" : "default" }));
      await put(store, childOf(`child${i}`, `root${i}`), childOf(`other${i}`, `root${i}`));
      await clock.advance(1000);
    }
    const [first] = await claim(store, { limit: 1 });
    await store.settle({ outcomes: [outcome(first!, complete())] });
    const { data, meta } = await get("roots?limit=2");
    assert.deepEqual(ids(data), ["root2", "root1"]);
    assert.deepEqual(meta, { page: 1, limit: 2, total: 3 });
    assert.equal(data[0].child_count, 2);
    assert.equal(typeof data[0].created_at, "string");
    const rest = await get("roots?limit=2&page=2");
    assert.deepEqual(rest.data.map((job: Json) => [job.id, job.status]), [["root0", "completed"]]);
    assert.deepEqual(ids((await get("roots?order=oldest&queue=default")).data), ["root0", "root2"]);
    assert.deepEqual((await get("roots?page=9")).data, []);
  },
);

testGraphs(
  "deferred jobs come with the jobs that they wait for, the newest first",
  async ({ store, get }) => {
    await putDiamond(store);
    const { data, meta } = await get("deferred");
    assert.deepEqual(data.map((job: Json) => [job.id, job.pending_deps]), [
      ["right", ["middle"]],
      ["left", ["middle"]],
      ["middle", ["mother", "father"]],
    ]);
    assert.deepEqual(meta, { page: 1, limit: 20, total: 3 });
    assert.deepEqual((await get("deferred?queue=hidden")).data, []);
  },
);

testGraphs(
  "whoever sees only some queues is told of no others among roots and deferred jobs",
  async ({ store, get }) => {
    await putDiamond(store);
    await put(store, childOf("away", "mother", "cancel", { queue: "hidden" }));
    const roots = await get("roots");
    assert.deepEqual(
      roots.data.map((job: Json) => [job.id, job.child_count]).sort(),
      [["middle", 2], ["mother", 1]],
    );
    assert.equal(roots.meta.total, 2);
    const deferred = await get("deferred");
    assert.deepEqual(ids(deferred.data).sort(), ["left", "middle", "right"]);
    assert.equal(deferred.meta.total, 3);
    for (const list of ["roots", "deferred"]) {
      const refused = await get(`${list}?queue=hidden`, 404);
      assert.deepEqual(refused, { error: "queue not found", code: "NOT_FOUND" });
    }
  },
  ["default"],
);
