import { assertEquals } from "@std/assert";
import { canMove, finalStatuses, isFinal, statuses, transitions } from "../../../src/job/state.ts";

Deno.test("isFinal tells final statuses from the others", () => {
  assertEquals(statuses.filter(isFinal), [...finalStatuses]);
});

Deno.test("transitions name known statuses only, each move once", () => {
  const moves = transitions.map(({ from, to }) => `${from} ${to}`);
  assertEquals(new Set(moves).size, moves.length, "a move is listed twice");
  for (const { from, to, by } of transitions) {
    assertEquals(from === "new" || statuses.includes(from), true, from);
    assertEquals(to === "gone" || statuses.includes(to), true, to);
    assertEquals(by === "", false, "every move says who makes it");
  }
});

const legal: readonly [Parameters<typeof canMove>[0], Parameters<typeof canMove>[1], boolean][] = [
  ["new", "ready", true],
  ["new", "scheduled", true],
  ["ready", "processing", true],
  ["processing", "ready", true],
  ["processing", "retry", true],
  ["retry", "ready", true],
  ["ready", "canceled", true],
  ["scheduled", "canceled", true],
  ["completed", "gone", true],
  ["new", "processing", false],
  ["ready", "completed", false],
  ["retry", "processing", false],
  ["completed", "ready", false],
  ["dead_letter", "processing", false],
  ["processing", "gone", false],
];

for (const [from, to, expected] of legal) {
  Deno.test(`canMove gives ${expected} when a job goes from ${from} to ${to}`, () => {
    assertEquals(canMove(from, to), expected);
  });
}

Deno.test("transitions lead every status that can be reached to an end", () => {
  const reached = new Set<string>(["new"]);
  for (let size = -1; size !== reached.size;) {
    size = reached.size;
    for (const { from, to } of transitions) if (reached.has(from)) reached.add(to);
  }
  for (const status of reached) {
    if (status === "gone" || status === "new") continue;
    const leaves = transitions.some(({ from }) => from === status);
    assertEquals(leaves, true, `a job would be '${status}' for ever`);
  }
});
