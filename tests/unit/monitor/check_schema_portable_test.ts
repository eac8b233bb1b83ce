/** The check of values by schemas, case by case. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { problemIn } from "../../../src/monitor/check_schema.ts";
import {
  any,
  boolean,
  enveloped,
  integer,
  list,
  nullable,
  number,
  object,
  oneOf,
  paged,
  record,
  type Schema,
  text,
  yes,
} from "../../../src/monitor/schema.ts";

const person = object({ name: text, "age?": integer });

/** A schema, what keeps it, and what breaks it with what is then said. */
const cases:
  readonly (readonly [Schema, readonly unknown[], readonly (readonly [unknown, string])[]])[] = [
    [text, ["", "a", "\u{1F600}"], [[1, "'it' must be a string"], [null, "'it' must be a string"]]],
    [integer, [0, -1, 1e300], [[0.5, "'it' must be a whole number"], [
      "1",
      "'it' must be a whole number",
    ]]],
    [number, [0, 0.5], [["0.5", "'it' must be a number"]]],
    [boolean, [true, false], [[0, "'it' must be a boolean"], ["true", "'it' must be a boolean"]]],
    [any, [null, 1, "a", [], {}], []],
    [yes, [true], [[false, "'it' must be true"], ["true", "'it' must be true"]]],
    [oneOf("a", "b"), ["a"], [["c", `'it' must be one of "a", "b"`], [1, "'it' must be a string"]]],
    [nullable(integer), [null, 3], [["3", "'it' must be a whole number, or null"]]],
    [{ type: "null" }, [null], [[0, "'it' must be null"]]],
    [
      { ...integer, minimum: -1, maximum: 3 },
      [-1, 3],
      [[-2, "'it' must be at least -1"], [4, "'it' must be at most 3"]],
    ],
    [
      { ...text, minLength: 1, maxLength: 3, pattern: "^[a-z]*$" },
      ["abc"],
      [
        ["", "'it' must have at least 1 characters"],
        ["abcd", "'it' must have at most 3 characters"],
        ["A", "'it' must match ^[a-z]*$"],
        ["a\n", "'it' must match ^[a-z]*$"],
      ],
    ],
    [
      { ...list(integer), minItems: 1, maxItems: 2 },
      [[1], [1, 2]],
      [
        [[], "'it' must have at least 1 items"],
        [[1, 2, 3], "'it' must have at most 2 items"],
        [[1, "2"], "'it[1]' must be a whole number"],
        [{ 0: 1 }, "'it' must be an array"],
      ],
    ],
    [
      person,
      [{ name: "Ada" }, { name: "Ada", age: 36 }],
      [
        [{}, "'it.name' must be given"],
        [{ name: "Ada", age: null }, "'it.age' must be a whole number"],
        [{ name: "Ada", Age: 36 }, "'it.Age' is not known"],
        [JSON.parse(`{"name":"Ada","__proto__":1}`), "'it.__proto__' is not known"],
        [{ name: "Ada", constructor: 1 }, "'it.constructor' is not known"],
        [Object.create({ name: "Ada" }), "'it.name' must be given"],
        [[], "'it' must be an object"],
        [null, "'it' must be an object"],
      ],
    ],
    [record(integer), [{}, { a: 1 }], [[{ a: 1, b: "2" }, "'it.b' must be a whole number"]]],
    [enveloped(person), [{ data: { name: "Ada" } }], [[
      { data: {} },
      "'it.data.name' must be given",
    ]]],
    [
      paged(person),
      [{ data: [{ name: "Ada" }], meta: { page: 1, limit: 20, total: 1 } }],
      [[{ data: [{}], meta: { page: 1, limit: 20, total: 1 } }, "'it.data[0].name' must be given"]],
    ],
  ];

for (const [schema, good, bad] of cases) {
  test(`a value is checked by ${JSON.stringify(schema).slice(0, 80)}`, () => {
    for (const value of good) assert.equal(problemIn(schema, value, "it"), undefined);
    for (const [value, problem] of bad) assert.equal(problemIn(schema, value, "it"), problem);
  });
}

test("a value without a name is told of by its parts", () => {
  assert.equal(problemIn(person, { name: 1 }, ""), "'name' must be a string");
  assert.equal(problemIn(person, 1, ""), "it must be an object");
});

test("a schema with a keyword that is not checked is refused, so that none is overlooked", () => {
  assert.throws(() => problemIn({ ...text, format: "date" }, "a", "it"), TypeError);
  assert.throws(() => problemIn(object({ a: { oneOf: [] } }), { a: 1 }, "it"), TypeError);
});
