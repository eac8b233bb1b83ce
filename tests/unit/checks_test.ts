import { assertEquals, assertThrows } from "@std/assert";
import {
  checkFunction,
  checkInteger,
  checkKeys,
  checkNumber,
  checkOneOf,
} from "../../src/checks.ts";
import { InvalidOptionError } from "../../src/errors.ts";

const refused: readonly [string, () => void, string][] = [
  [
    "checkInteger when below",
    () => checkInteger("do it", "n", -1, 0),
    "Cannot do it as 'n' must be a whole number >= 0: current value is -1",
  ],
  [
    "checkInteger when above",
    () => checkInteger("do it", "n", 31, -30, 30),
    "Cannot do it as 'n' must be a whole number from -30 to 30: current value is 31",
  ],
  [
    "checkInteger when a fraction",
    () => checkInteger("do it", "n", 1.5, 0),
    "Cannot do it as 'n' must be a whole number >= 0: current value is 1.5",
  ],
  [
    "checkInteger when NaN",
    () => checkInteger("do it", "n", NaN, 0),
    "Cannot do it as 'n' must be a whole number >= 0: current value is NaN",
  ],
  [
    "checkInteger when a string",
    () => checkInteger("do it", "n", "5", 0),
    "Cannot do it as 'n' must be a whole number >= 0: current value is '5'",
  ],
  [
    "checkInteger when a bigint",
    () => checkInteger("do it", "n", 5n, 0),
    "Cannot do it as 'n' must be a whole number >= 0: current value is 5n",
  ],
  [
    "checkInteger when null",
    () => checkInteger("do it", "n", null, 0),
    "Cannot do it as 'n' must be a whole number >= 0: current value is null",
  ],
  [
    "checkInteger when above 2^53",
    () => checkInteger("do it", "n", 2 ** 53, 0),
    "Cannot do it as 'n' must be a whole number >= 0: current value is 9007199254740992",
  ],
  [
    "checkNumber when above",
    () => checkNumber("do it", "n", 1.1, 0, 1),
    "Cannot do it as 'n' must be a number from 0 to 1: current value is 1.1",
  ],
  [
    "checkNumber when NaN",
    () => checkNumber("do it", "n", NaN, 0),
    "Cannot do it as 'n' must be a number >= 0: current value is NaN",
  ],
  [
    "checkNumber when infinite",
    () => checkNumber("do it", "n", Infinity, 0),
    "Cannot do it as 'n' must be a number >= 0: current value is Infinity",
  ],
  [
    "checkOneOf when not listed",
    () => checkOneOf("do it", "kind", "c", ["a", "b"]),
    "Cannot do it as 'kind' must be one of 'a', 'b': current value is 'c'",
  ],
  [
    "checkFunction when an object",
    () => checkFunction("do it", "f", {}),
    "Cannot do it as 'f' must be a function: current value is {}",
  ],
  [
    "checkKeys when a key is unknown",
    () => checkKeys("do it", { a: 1, c: 2 }, ["a", "b"]),
    "Cannot do it as 'c' must not be given: the options are a, b: current value is 2",
  ],
  [
    "checkKeys when null",
    () => checkKeys("do it", null as unknown as object, ["a"]),
    "Cannot do it as 'options' must be an object: current value is null",
  ],
  [
    "checkKeys when a string",
    () => checkKeys("do it", "a" as unknown as object, ["a"]),
    "Cannot do it as 'options' must be an object: current value is 'a'",
  ],
];

for (const [what, check, message] of refused) {
  Deno.test(`${what} throws InvalidOptionError with rule and value`, () => {
    const error = assertThrows(check, InvalidOptionError);
    assertEquals(error.message, message);
    assertEquals([error.name, error.code], ["InvalidOptionError", "INVALID_OPTION"]);
  });
}

Deno.test("checks accept values at their edges", () => {
  checkInteger("do it", "n", -30, -30, 30);
  checkInteger("do it", "n", 30, -30, 30);
  checkInteger("do it", "n", Number.MAX_SAFE_INTEGER, 0);
  checkNumber("do it", "n", 0, 0, 1);
  checkNumber("do it", "n", 1, 0, 1);
  checkOneOf("do it", "kind", "b", ["a", "b"]);
  checkFunction("do it", "f", () => {});
  checkKeys("do it", {}, []);
  checkKeys("do it", { a: undefined }, ["a"]);
});

Deno.test("checkKeys counts only what the object itself has", () => {
  const heir = Object.create({ inherited: 1 });
  checkKeys("do it", heir, []);
  heir.own = 2;
  assertThrows(() => checkKeys("do it", heir, []), InvalidOptionError, "'own' must not be given");
});

Deno.test("checkKeys refuses an array, full or empty", () => {
  for (const array of [[1], []]) {
    assertThrows(() => checkKeys("do it", array, ["a"]), InvalidOptionError, "be an object");
  }
});
