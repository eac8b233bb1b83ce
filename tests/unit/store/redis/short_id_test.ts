import { assert, assertEquals } from "@std/assert";
import { uuidv7Generator } from "../../../../src/job/id.ts";
import { fromShort, toShort } from "../../../../src/store/redis/short_id.ts";

Deno.test("toShort makes 23 characters of a UUID, and fromShort the UUID again", () => {
  const ids = [
    "00000000-0000-0000-0000-000000000000",
    "ffffffff-ffff-ffff-ffff-ffffffffffff",
    "019a9f3c-4b7e-7abc-8def-0123456789ab",
  ];
  const make = uuidv7Generator(Date.now);
  for (let i = 0; i < 1000; i++) ids.push(make());
  for (const id of ids) {
    const short = toShort(id);
    assertEquals(short.length, 23);
    assert(/^~[-\w]{22}$/.test(short), short);
    assertEquals(fromShort(short), id);
  }
});

/** The same by its definition. */
function shortByDefinition(id: string): string {
  const alphabet = "-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz";
  // The hexadecimal digits go in groups of three, and the last two by themselves.
  const groups = id.replaceAll("-", "").match(/.{1,3}/g)!;
  return "~" + groups.map((digits) => {
    const bits = Number.parseInt(digits, 16);
    return alphabet[bits >> 6]! + alphabet[bits & 63]!;
  }).join("");
}

Deno.test("toShort is as it is defined, for any UUID", () => {
  for (let i = 0; i < 2000; i++) {
    const id = crypto.randomUUID();
    assertEquals(toShort(id), shortByDefinition(id), id);
    assertEquals(fromShort(toShort(id)), id);
  }
});

Deno.test("toShort leaves a UUID with any one character changed as it is", () => {
  const id = "019a9f3c-4b7e-7abc-8def-0123456789ab";
  for (let at = 0; at < id.length; at++) {
    for (const char of ["g", "A", "/", ":", "`", "-", "_", "\0", "\u0130", "\u{ff11}"]) {
      if (char === id[at]) continue;
      const other = id.slice(0, at) + char + id.slice(at + 1);
      assertEquals(toShort(other), other);
    }
  }
});

Deno.test("short ids sort as the UUIDs do", () => {
  let now = 1_760_000_000_000;
  const make = uuidv7Generator(() => now += 7);
  const shorts = Array.from({ length: 2000 }, () => toShort(make()));
  assertEquals(shorts.toSorted((a, b) => (a < b ? -1 : 1)), shorts);
});

const others = [
  "a",
  "order-17",
  "019A9F3C-4B7E-7ABC-8DEF-0123456789AB",
  "019a9f3c-4b7e-7abc-8def-0123456789a",
  "019a9f3c-4b7e-7abc-8def-0123456789abc",
  "019a9f3c_4b7e_7abc_8def_0123456789ab",
  "019a9f3c-4b7e-7abc-8def-0123456789ag",
];

for (const id of others) {
  Deno.test(`toShort and fromShort leave '${id}' as it is`, () => {
    assertEquals(toShort(id), id);
    assertEquals(fromShort(id), id);
  });
}
