import { assertEquals } from "@std/assert";
import { seededRng } from "../../src/rng.ts";
import { Heap } from "../../src/heap.ts";

function ascending(): Heap<number> {
  return new Heap<number>((a, b) => a < b);
}

function drained(heap: Heap<number>): number[] {
  const items: number[] = [];
  for (let item = heap.pop(); item !== undefined; item = heap.pop()) items.push(item);
  return items;
}

Deno.test("Heap gives nothing when it is empty", () => {
  const heap = ascending();
  assertEquals([heap.size, heap.peek(), heap.pop(), heap.pop()], [
    0,
    undefined,
    undefined,
    undefined,
  ]);
});

for (const items of [[1], [2, 1], [1, 1, 1], [3, 1, 2], [5, 4, 3, 2, 1], [1, 2, 3, 4, 5]]) {
  Deno.test(`Heap gives ${items.toSorted().join(", ")} when given ${items.join(", ")}`, () => {
    const heap = ascending();
    for (const item of items) heap.push(item);
    assertEquals([heap.size, heap.peek()], [items.length, Math.min(...items)]);
    assertEquals(drained(heap), items.toSorted((a, b) => a - b));
  });
}

for (const seed of [1, 2, 3, 4, 5]) {
  Deno.test(`Heap gives the least item after any pushes and pops, seed ${seed}`, () => {
    const rng = seededRng(seed);
    const heap = ascending();
    let model: number[] = [];
    for (let step = 0; step < 5000; step++) {
      const chance = rng();
      if (chance < 0.55) {
        const item = Math.floor(rng() * 100);
        heap.push(item);
        model.push(item);
      } else if (chance < 0.99) {
        model.sort((a, b) => a - b);
        assertEquals(heap.peek(), model[0]);
        assertEquals(heap.pop(), model.shift());
      } else {
        const keep = (item: number): boolean => item % 3 !== 0;
        heap.keep(keep);
        model = model.filter(keep);
      }
      assertEquals(heap.size, model.length);
    }
    assertEquals(drained(heap), model.toSorted((a, b) => a - b));
  });
}
