/** Where the dashboard draws the jobs of a graph. */

import { assert, assertEquals } from "@std/assert";
import { type Box, type Edge, place } from "../../../dashboard/parts/layout.js";
import { seededRng } from "../../../src/rng.ts";

/** A graph of jobs `job,0`, `job,1` and so on, from pairs of numbers. */
function graph(size: number, pairs: readonly (readonly [number, number])[]) {
  const nodes = Array.from({ length: size }, (_, i) => ({ id: `job,${i}` }));
  const edges = pairs.map(([a, b]) => ({ source: `job,${a}`, target: `job,${b}` }));
  return { nodes, edges, ...place(nodes, edges) };
}

/** Each job but the first has up to three parents among the last few, or anywhere before it. */
function chance(seed: number, size: number): [number, number][] {
  const rng = seededRng(seed);
  const below = (end: number) => Math.floor(rng() * end);
  const back = below(2) === 0 ? 12 : size;
  return Array.from({ length: size - 1 }, (_, i) => {
    const parents = Array.from({ length: 1 + below(3) }, () => Math.max(0, i - below(back)));
    return [...new Set(parents)].map((parent): [number, number] => [parent, i + 1]);
  }).flat();
}

function assertApart(boxes: readonly Box[]): void {
  for (const [i, a] of boxes.entries()) {
    for (const b of boxes.slice(i + 1)) {
      const isApart = a.x + a.width <= b.x || b.x + b.width <= a.x ||
        a.y + a.height <= b.y || b.y + b.height <= a.y;
      assert(isApart, `${JSON.stringify([a, b])} overlap`);
    }
  }
}

/** Children stand to the right of their parents. */
function assertForward(boxes: ReadonlyMap<string, Box>, edges: readonly Edge[]): void {
  for (const { source, target } of edges) {
    const [from, to] = [boxes.get(source)!, boxes.get(target)!];
    assert(from.x + from.width < to.x, `${target} is right of ${source}`);
  }
}

/** The lines across a column, which lead past its jobs. */
function levels(path: string): { x: number; y: number; end: number }[] {
  return [...path.matchAll(/M(\S+) (\S+)H([^C]+)C/g)].map(([, x, y, end]) => ({
    ...{ x: Number(x), y: Number(y), end: Number(end) },
  }));
}

for (let seed = 1; seed <= 30; seed++) {
  Deno.test(`jobs are apart, right of their parents, and no line leads through one: seed ${seed}`, () => {
    const size = seed % 5 === 0 ? 400 : 10 + 3 * seed;
    const { nodes, edges, boxes, blocks, lines, linesOf, columns, width, height } = graph(
      size,
      chance(seed, size),
    );
    const all = [...boxes.values()];
    assertEquals([...boxes.keys()].sort(), nodes.map(({ id }) => id).sort());
    assertEquals(columns.flat().sort(), nodes.map(({ id }) => id).sort());
    assertApart(all);
    assertApart(blocks);
    assertForward(boxes, edges);
    for (const { x, y, width: w, height: h } of [...all, ...blocks]) {
      assert(x >= 0 && y >= 0 && x + w <= width && y + h <= height);
    }
    for (const line of levels(lines.all)) {
      const through = all.find(({ x, y, width, height }) =>
        line.x < x + width && x < line.end && y < line.y && line.y < y + height
      );
      assertEquals(through, undefined, JSON.stringify(line));
    }
    // Nothing is drawn of one job that is not drawn of all.
    const drawn = new Set(lines.all.split("M"));
    for (const { id } of nodes) {
      for (const line of linesOf(id).all.split("M")) assert(drawn.has(line), line);
    }
  });
}

Deno.test("many jobs with the same parents and children are a block with one line to it", () => {
  const parts = Array.from({ length: 400 }, (_, i) => i + 1);
  const { boxes, blocks, lines, linesOf, edges, columns } = graph(402, [
    ...parts.map((part) => [0, part] as const),
    ...parts.map((part) => [part, 401] as const),
  ]);
  assertEquals(blocks.length, 1);
  assertApart([...boxes.values()]);
  assertForward(boxes, edges);
  assertEquals(lines.all.split("M").length - 1, 2);
  assertEquals(lines.heads.split("M").length - 1, 2);
  assertEquals(linesOf("job,7"), lines);
  assertEquals(linesOf("job,0").all.split("M").length - 1, 1);
  assertEquals(columns.map(({ length }) => length), [1, 400, 1]);
});

Deno.test("a job alone, and jobs that wait for each other, have places too", () => {
  const { boxes, lines, width, height } = graph(1, []);
  assertEquals(boxes.get("job,0"), { x: 14, y: 14, width: 190, height: 46 });
  assertEquals({ lines, width, height }, { lines: { all: "", heads: "" }, width: 218, height: 74 });
  // No store holds such jobs, but ids may be used again.
  const round = graph(4, [[0, 1], [1, 2], [2, 1], [2, 3]]);
  assertApart([...round.boxes.values()]);
  assert([round.width, round.height].every(Number.isFinite));
});

Deno.test("jobs keep their order from call to call", () => {
  const pairs = chance(7, 200);
  assertEquals(graph(200, pairs).columns, graph(200, pairs).columns);
});
