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
