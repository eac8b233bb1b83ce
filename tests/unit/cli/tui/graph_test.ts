import { assert, assertEquals } from "@std/assert";
import { graphBoxes, nearest } from "../../../../src/cli/tui/graph_boxes.ts";
import { treeRows } from "../../../../src/cli/tui/graph_tree.ts";
import { widthOf } from "../../../../src/cli/tui/line.ts";
import type { Body } from "../../../../src/cli/tui/view.ts";

type Graph = Extract<Body, { kind: "graph" }>;

/** A graph out of edges such as `a>b`. */
function graph(edges: string, root = "a"): Graph {
  const pairs = edges.split(" ").filter(Boolean).map((edge) => edge.split(">"));
  const ids = [...new Set([root, ...pairs.flat()])];
  return {
    kind: "graph",
    root,
    nodes: ids.map((id) => ({ id, title: id, status: "completed" })),
    edges: pairs.map(([source = "", target = ""]) => ({ source, target })),
    open: () => {
      throw new Error("not opened here");
    },
  };
}

function picture(edges: string, width = 60): string[] {
  const drawn = graphBoxes(graph(edges), "", width)!;
  for (const line of drawn.lines) assert(widthOf(line) <= width);
  return drawn.lines.map((line) => line.map(({ text }) => text).join("").trimEnd());
}

Deno.test("a job and its two children stand in two layers, with lines between", () => {
  assertEquals(picture("a>b a>c"), [
    "                      ╔══════════════╗",
    "                      ║ a            ║",
    "                      ║ completed    ║",
    "                      ╚══════════════╝",
    "                              │",
    "                     ┌────────┴────────┐",
    "                     │                 │",
    "             ┌──────────────┐  ┌──────────────┐",
    "             │ b            │  │ c            │",
    "             │ completed    │  │ completed    │",
    "             └──────────────┘  └──────────────┘",
  ]);
});

Deno.test("an edge over a layer passes beside its boxes", () => {
  const lines = picture("a>b b>c a>c");
  assertEquals(lines.filter((line) => line.includes("│ b ")).length, 1);
  assert(lines.some((line) => /│ b +│ +│|│ +│ b +│/.test(line)), lines.join("\n"));
});

Deno.test("what is too wide or too large has no picture", () => {
  const wide = Array.from({ length: 9 }, (_, i) => `a>b${i}`).join(" ");
  assertEquals(graphBoxes(graph(wide), "", 80), undefined);
  assert(graphBoxes(graph(wide), "", 200) !== undefined);
  const large = Array.from({ length: 15 }, (_, i) => `n${i}>n${i + 1}`).join(" ");
  assertEquals(graphBoxes(graph(large), "", 200), undefined);
});

Deno.test("a circle, which there cannot be, ends all the same", () => {
  picture("a>b b>c c>b");
  treeRows(graph("a>b b>a"));
});

Deno.test("arrows lead to the nearest job in their direction", () => {
  const { places } = graphBoxes(graph("a>b a>c b>d c>d"), "", 80)!;
  assertEquals(nearest(places, "a", "up"), "a");
  assertEquals(nearest(places, "b", "right"), "c");
  assertEquals(nearest(places, "c", "left"), "b");
  assertEquals(nearest(places, "b", "down"), "d");
  assertEquals(nearest(places, "d", "up") === "b" || nearest(places, "d", "up") === "c", true);
  assertEquals(nearest(places, "gone", "up"), "a");
});

Deno.test("a tree marks what comes again", () => {
  assertEquals(
    treeRows(graph("a>b a>c b>d c>d d>e")).map(({ id, lead, isRepeat }) =>
      `${lead}${id}${isRepeat ? " again" : ""}`
    ),
    ["a", "├─ b", "│  └─ d", "│     └─ e", "└─ c", "   └─ d again"],
  );
});
