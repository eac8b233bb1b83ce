import { assertEquals, assertInstanceOf, assertThrows } from "@std/assert";
import { edgesOf, type ParentRef, parentsFirst } from "../../../src/enqueue/edges.ts";
import { CyclicDependencyError, InvalidJobIdError } from "../../../src/enqueue/errors.ts";
import { InvalidOptionError } from "../../../src/errors.ts";
import type { NewJob } from "../../../src/store/store.ts";
import { World } from "../../support/world.ts";

const ACTION = "enqueue job";

/** A new job that waits for others. */
function node(id: string, ...parents: string[]): NewJob {
  const dependsOn = parents.map((parent) => ({ id: parent, onFailure: "cancel" as const }));
  const settings = dependsOn.length === 0 ? {} : { dependsOn };
  return { id, type: "t", queue: "q", priority: 0, payload: "null", settings };
}

/** The ids of jobs, parents first. */
function sorted(...jobs: NewJob[]): string {
  return parentsFirst(jobs, (index) => jobs[index]!.id).map((index) => jobs[index]!.id).join(" ");
}

function cycleOf(...jobs: NewJob[]): readonly string[] {
  return assertThrows(() => sorted(...jobs), CyclicDependencyError).cycle;
}

Deno.test("edgesOf takes ids, handles and objects with a policy, in their order", async () => {
  await using world = new World();
  const handle = await world.client.enqueue("t", null, { id: "h" });
  const edges = edgesOf(ACTION, [
    "a",
    handle,
    { id: "b" },
    { id: "c", onFailure: "cancel" },
    { id: "d", onFailure: "continue" },
    { id: "e", onFailure: "ignore" },
  ], "self");
  assertEquals(edges, [
    { id: "a", onFailure: "cancel" },
    { id: "h", onFailure: "cancel" },
    { id: "b", onFailure: "cancel" },
    { id: "c", onFailure: "cancel" },
    { id: "d", onFailure: "continue" },
    { id: "e", onFailure: "ignore" },
  ]);
});

Deno.test("edgesOf keeps nothing of what the caller may change later", () => {
  const parent = { id: "a", onFailure: "ignore" as const };
  const edges = edgesOf(ACTION, [parent], "self");
  Object.assign(parent, { id: "b" });
  assertEquals(edges, [{ id: "a", onFailure: "ignore" }]);
});

Deno.test("edgesOf takes no parents, and 1000", () => {
  assertEquals(edgesOf(ACTION, [], "self"), []);
  const ids = Array.from({ length: 1000 }, (_, i) => `p${i}`);
  assertEquals(edgesOf(ACTION, ids, "self").length, 1000);
});

for (const id of ["", "a:b", "i".repeat(257), 5, null, undefined, {}, { id: 5 }, { id: "" }]) {
  Deno.test(`edgesOf refuses the parent ${JSON.stringify(id)?.slice(0, 20)}`, () => {
    const error = assertThrows(() => edgesOf(ACTION, ["a", id as ParentRef], "self"));
    assertInstanceOf(error, InvalidJobIdError);
    assertEquals(error.message.startsWith("Cannot enqueue job as 'id' must be 1 to 256 of"), true);
  });
}

const many = Array.from({ length: 1001 }, (_, i) => `p${i}`);
const refused: readonly [string, unknown, string][] = [
  ["a text", "a", "'dependsOn' must be an array: current value is 'a'"],
  ["null", null, "'dependsOn' must be an array: current value is null"],
  ["an object", { id: "a" }, `'dependsOn' must be an array: current value is {"id":"a"}`],
  ["a set", new Set(["a"]), "'dependsOn' must be an array: current value is {}"],
  ["1001", many, "'dependsOn' must name at most 1000 jobs: current value is '1001 jobs'"],
  ["the same twice", ["a", "b", "a"], "'dependsOn' must name each job once: current value is 'a'"],
  [
    "the same as id and object",
    ["a", { id: "a", onFailure: "ignore" }],
    "'dependsOn' must name each job once: current value is 'a'",
  ],
  [
    "a policy that does not exist",
    [{ id: "a", onFailure: "fail" }],
    "'onFailure' must be one of 'cancel', 'continue', 'ignore': current value is 'fail'",
  ],
  [
    "null as a policy",
    [{ id: "a", onFailure: null }],
    "'onFailure' must be one of 'cancel', 'continue', 'ignore': current value is null",
  ],
];

for (const [what, parents, message] of refused) {
  Deno.test(`edgesOf refuses parents that are or have ${what}`, () => {
    const error = assertThrows(() => edgesOf(ACTION, parents as ParentRef[], "self"));
    assertInstanceOf(error, InvalidOptionError);
    assertEquals(error.message, `Cannot enqueue job as ${message}`);
  });
}

Deno.test("edgesOf refuses a job that would wait for itself", () => {
  const error = assertThrows(() => edgesOf(ACTION, ["a", "self"], "self"), CyclicDependencyError);
  assertEquals([error.name, error.code], ["CyclicDependencyError", "CYCLIC_DEPENDENCY"]);
  assertEquals(error.cycle, ["self", "self"]);
  assertEquals(
    error.message,
    "Cannot enqueue job as none may wait for itself: 'self' -> 'self'",
  );
});

const orders: readonly [string, NewJob[], string][] = [
  ["no jobs", [], ""],
  ["jobs without parents", [node("c"), node("a"), node("b")], "c a b"],
  ["parents in the store", [node("c", "x"), node("a", "y", "x"), node("b")], "c a b"],
  ["a parent that comes first", [node("a"), node("b", "a")], "a b"],
  ["a parent that comes last", [node("b", "a"), node("a")], "a b"],
  ["a chain from its end", [node("d", "c"), node("c", "b"), node("b", "a"), node("a")], "a b c d"],
  [
    "a diamond from its end",
    [node("d", "b", "c"), node("b", "a"), node("c", "a"), node("a")],
    "a b c d",
  ],
];

for (const [what, jobs, order] of orders) {
  Deno.test(`parentsFirst sorts ${what}`, () => {
    assertEquals(sorted(...jobs), order);
  });
}

Deno.test("parentsFirst keeps the order of jobs without parents, with others between them", () => {
  const order = sorted(node("d", "c"), node("x"), node("b", "a"), node("y"), node("c"), node("a"));
  const at = (id: string): number => order.indexOf(id);
  assertEquals([at("a") < at("b"), at("c") < at("d"), at("x") < at("y")], [true, true, true]);
});

Deno.test("parentsFirst leaves an order alone in which parents come first", () => {
  assertEquals(sorted(node("a"), node("b", "a"), node("c"), node("d", "b")), "a b c d");
});

Deno.test("parentsFirst names the jobs along a cycle, parents before children", () => {
  assertEquals(cycleOf(node("a", "b"), node("b", "a")).length, 3);
  const cycle = cycleOf(
    node("start"),
    node("a", "c", "start"),
    node("b", "a"),
    node("c", "b"),
    node("after", "c"),
  );
  assertEquals(cycle[0], cycle.at(-1));
  const turned = [...cycle.slice(0, -1), ...cycle.slice(0, -1)].join(" ");
  assertEquals([cycle.length, turned.includes("a b c")], [4, true], `${cycle}`);
});

Deno.test("parentsFirst names a cycle, not the jobs that only lead to one or hang from one", () => {
  const names = ["in", "x", "y", "out", "far"];
  const jobs = [
    node("in"),
    node("x", "y", "in"),
    node("y", "x"),
    node("out", "y"),
    node("far", "out"),
  ];
  const cycle = assertThrows(
    () => parentsFirst(jobs, (index) => names[index]!.toUpperCase()),
    CyclicDependencyError,
  ).cycle;
  assertEquals(new Set(cycle), new Set(["X", "Y"]), "by the names it was given");
});

Deno.test("a message does not list every job of a long cycle, the error does", () => {
  const size = 1000;
  const jobs = Array.from({ length: size }, (_, i) => node(`n${i}`, `n${(i + 1) % size}`));
  const error = assertThrows(() => sorted(...jobs), CyclicDependencyError);
  assertEquals(error.cycle.length, size + 1);
  assertEquals(error.message.length < 250, true, error.message);
  assertEquals(error.message.includes("'…'"), true, error.message);
});

Deno.test("parentsFirst sorts layered diamonds that have more ways through them than atoms", () => {
  const wide = 100;
  const jobs = Array.from({ length: 100 * wide }, (_, i) => {
    const layer = Math.floor(i / wide);
    const parents = Array.from({ length: wide }, (_, p) => `${layer - 1}.${p}`);
    return node(`${layer}.${i % wide}`, ...(layer === 0 ? [] : parents));
  });
  const backwards = jobs.toReversed();
  const order = parentsFirst(backwards, String);
  const layers = order.map((index) => Number(backwards[index]!.id.split(".")[0]));
  assertEquals(layers, layers.toSorted((a, b) => a - b));
  const closed = [node("0.0", "99.0"), ...jobs.slice(1)];
  assertEquals(cycleOf(...closed).length, 101);
});
