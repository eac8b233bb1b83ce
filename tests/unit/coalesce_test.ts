import { assertEquals, assertRejects } from "@std/assert";
import { Coalescer } from "../../src/coalesce.ts";
import { gate } from "../support/world.ts";

function recorder(options: { maxWeight?: number; weigh?: (input: number) => number } = {}): {
  readonly batches: number[][];
  readonly coalescer: Coalescer<number, string>;
} {
  const batches: number[][] = [];
  const coalescer = new Coalescer<number, string>({
    send: (batch) => {
      batches.push([...batch]);
      return Promise.resolve(batch.map((n) => `out ${n}`));
    },
    maxWeight: options.maxWeight ?? 100,
    weigh: options.weigh,
  });
  return { batches, coalescer };
}

Deno.test("Coalescer sends calls of one tick together and gives each its own answer", async () => {
  const { batches, coalescer } = recorder();
  const answers = await Promise.all([1, 2, 3].map((n) => coalescer.add(n)));
  assertEquals(batches, [[1, 2, 3]]);
  assertEquals(answers, ["out 1", "out 2", "out 3"]);
});

Deno.test("Coalescer sends what comes while a batch is under way in the next one", async () => {
  const { opened, open } = gate();
  const batches: number[][] = [];
  const coalescer = new Coalescer<number, number>({
    send: async (batch) => {
      batches.push([...batch]);
      if (batches.length === 1) await opened;
      return batch;
    },
    maxWeight: 100,
  });
  const first = coalescer.add(1);
  await Promise.resolve();
  await Promise.resolve();
  assertEquals(batches, [[1]], "the first call waits for no timer");
  const others = [coalescer.add(2), coalescer.add(3)];
  await Promise.resolve();
  assertEquals(batches, [[1]], "one batch at a time");
  open();
  assertEquals(await Promise.all([first, ...others]), [1, 2, 3]);
  assertEquals(batches, [[1], [2, 3]]);
});

Deno.test("Coalescer rejects each call of a batch that fails, and sends the next", async () => {
  let calls = 0;
  const coalescer = new Coalescer<number, number>({
    send: (batch) =>
      ++calls === 1 ? Promise.reject(new Error("down")) : Promise.resolve([...batch]),
    maxWeight: 100,
  });
  const failed = [coalescer.add(1), coalescer.add(2)];
  for (const call of failed) await assertRejects(() => call, Error, "down");
  assertEquals(await coalescer.add(3), 3);
});

Deno.test("Coalescer rejects and goes on when send throws at once", async () => {
  let calls = 0;
  const coalescer = new Coalescer<number, number>({
    send: (batch) => {
      if (++calls === 1) throw new Error("at once");
      return Promise.resolve([...batch]);
    },
    maxWeight: 100,
  });
  await assertRejects(() => coalescer.add(1), Error, "at once");
  assertEquals(await coalescer.add(2), 2);
});

const weights: readonly [string, number, number[], number[][]][] = [
  ["fill a batch to the limit", 3, [1, 1, 1, 1], [[1, 1, 1], [1]]],
  ["go alone when above the limit", 3, [5, 1, 1], [[5], [1, 1]]],
  ["wait for the next batch when they do not fit", 3, [2, 2, 1], [[2], [2, 1]]],
  ["keep their order when a later one would fit", 3, [2, 3, 1], [[2], [3], [1]]],
];

for (const [what, maxWeight, inputs, expected] of weights) {
  Deno.test(`Coalescer lets inputs ${what}`, async () => {
    const { batches, coalescer } = recorder({ maxWeight, weigh: (n) => n });
    await Promise.all(inputs.map((n) => coalescer.add(n)));
    assertEquals(batches, expected);
  });
}

Deno.test("Coalescer.idle resolves at once when nothing is under way", async () => {
  await recorder().coalescer.idle();
});

Deno.test("Coalescer.idle waits for batches under way and for those that wait", async () => {
  const { opened, open } = gate();
  const done: number[] = [];
  const coalescer = new Coalescer<number, number>({
    send: async (batch) => {
      await opened;
      done.push(...batch);
      return batch;
    },
    maxWeight: 1,
  });
  const calls = [1, 2, 3].map((n) => coalescer.add(n));
  let idle = false;
  const waited = coalescer.idle().then(() => idle = true);
  await Promise.resolve();
  assertEquals(idle, false);
  open();
  await waited;
  assertEquals(done, [1, 2, 3]);
  await Promise.all(calls);
});

Deno.test("Coalescer.idle resolves when the last batch fails", async () => {
  const coalescer = new Coalescer<number, number>({
    send: () => Promise.reject(new Error("down")),
    maxWeight: 1,
  });
  const call = assertRejects(() => coalescer.add(1), Error, "down");
  await coalescer.idle();
  await call;
});
