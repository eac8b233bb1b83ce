import { assertEquals, assertMatch } from "@std/assert";
import { uuidv7Generator } from "../../../src/job/id.ts";
import { isJobId } from "../../../src/job/names.ts";

const V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

Deno.test("uuidv7Generator makes UUIDs of version 7 that are valid job ids", () => {
  const next = uuidv7Generator(() => 1_767_225_600_000);
  for (let i = 0; i < 1000; i++) {
    const id = next();
    assertMatch(id, V7);
    assertEquals(isJobId(id), true, id);
  }
});

Deno.test("uuidv7Generator puts the milliseconds first", () => {
  const next = uuidv7Generator(() => 0x0123456789ab);
  assertEquals(next().slice(0, 13), "01234567-89ab");
});

Deno.test("uuidv7Generator puts the sequence after the milliseconds, and goes on in the next when it is full", () => {
  const next = uuidv7Generator(() => 0x0123456789ff);
  const heads = Array.from({ length: 4097 }, () => next().slice(0, 18));
  assertEquals(heads[0], "01234567-89ff-7000");
  assertEquals(heads[0xabc], "01234567-89ff-7abc");
  assertEquals(heads[4095], "01234567-89ff-7fff");
  assertEquals(heads[4096], "01234567-8a00-7000");
});

Deno.test("uuidv7Generator fills the rest with all values of chance", () => {
  const next = uuidv7Generator(() => 1_767_225_600_000);
  const seen = Array.from({ length: 36 }, () => new Set<string>());
  for (let i = 0; i < 2000; i++) [...next()].forEach((char, at) => seen[at]!.add(char));
  assertEquals([...seen[19]!].sort(), ["8", "9", "a", "b"]);
  for (const at of [20, 21, 22, 24, 25, 30, 35]) {
    assertEquals([...seen[at]!].sort().join(""), "0123456789abcdef", `place ${at}`);
  }
});

Deno.test("uuidv7Generator keeps ids distinct and in order when one millisecond gives many", () => {
  const next = uuidv7Generator(() => 1_767_225_600_000);
  const ids = Array.from({ length: 10_000 }, next);
  assertEquals(new Set(ids).size, ids.length, "no id twice");
  assertEquals(ids, ids.toSorted(), "the order in which they were made");
});

Deno.test("uuidv7Generator keeps ids in order when the clock steps back", () => {
  let now = 1_767_225_600_000;
  const next = uuidv7Generator(() => now);
  const ids: string[] = [];
  for (let i = 0; i < 500; i++) {
    ids.push(next());
    now += i % 3 === 0 ? -5000 : 1;
  }
  assertEquals(ids, ids.toSorted());
});

Deno.test("uuidv7Generator gives different ids when two generators share a clock", () => {
  const now = (): number => 1_767_225_600_000;
  const [a, b] = [uuidv7Generator(now), uuidv7Generator(now)];
  const ids = Array.from({ length: 2000 }, (_, i) => i % 2 === 0 ? a() : b());
  assertEquals(new Set(ids).size, ids.length);
});
