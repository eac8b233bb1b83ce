import { assertEquals } from "@std/assert";
import { isJobId, isJobType, isQueueName } from "../../../src/job/names.ts";

const cases: readonly [
  name: string,
  value: unknown,
  id: boolean,
  queue: boolean,
  type: boolean,
][] = [
  ["a letter", "a", true, true, true],
  ["every allowed character", "aZ09._-", true, true, true],
  ["a colon", "a:b", false, true, true],
  ["128 characters", "q".repeat(128), true, true, true],
  ["129 characters", "q".repeat(129), true, false, true],
  ["256 characters", "q".repeat(256), true, false, true],
  ["257 characters", "q".repeat(257), false, false, false],
  ["nothing", "", false, false, false],
  ["a space", "a b", false, false, true],
  ["a slash", "a/b", false, false, true],
  ["an accent", "é", false, false, true],
  ["an emoji", "😀", false, false, true],
  ["a trailing line feed", "a\n", false, false, false],
  ["a NUL", "a\0b", false, false, false],
  ["a tab", "\t", false, false, false],
  ["a DEL", "\u007f", false, false, false],
  ["a name of Object.prototype", "toString", true, true, true],
  ["__proto__", "__proto__", true, true, true],
  ["a number", 1, false, false, false],
  ["null", null, false, false, false],
  ["undefined", undefined, false, false, false],
  ["an array of one name", ["a"], false, false, false],
  ["a String object", Object("a"), false, false, false],
];

for (const [what, value, id, queue, type] of cases) {
  Deno.test(`isJobId, isQueueName and isJobType decide when given ${what}`, () => {
    assertEquals(
      { id: isJobId(value), queue: isQueueName(value), type: isJobType(value) },
      { id, queue, type },
    );
  });
}

Deno.test("isJobType refuses a lone surrogate, which no store can write as UTF-8", () => {
  assertEquals(isJobType("a\ud800"), false);
});
