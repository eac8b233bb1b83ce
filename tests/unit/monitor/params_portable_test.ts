/** What stands in a path and in a query. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { ApiError } from "../../../src/monitor/errors.ts";
import {
  jobIdParam,
  nameParam,
  numberRule,
  type ParamRule,
  Query,
  queueParam,
} from "../../../src/monitor/params.ts";

const LONG = "x".repeat(300);

/** Values of each kind of name: some that are good, some that are not. */
const names: readonly (readonly [string, ParamRule, readonly string[], readonly string[]])[] = [
  ["a job id", jobIdParam, ["a", "A.b_c-9", LONG.slice(0, 256)], [
    "a:b",
    "a@b",
    LONG.slice(0, 257),
  ]],
  ["a queue", queueParam, ["a", "email:send", LONG.slice(0, 128)], ["a@b", LONG.slice(0, 129)]],
  ["a name", nameParam("x"), ["a", "h@1:2.-_", LONG.slice(0, 256)], [LONG.slice(0, 257)]],
];
const NEVER = [
  "",
  " ",
  "a b",
  "a/b",
  "a\\b",
  "..%2f",
  "a\n",
  "a\0",
  "ä",
  "\u{1F600}",
  "a%20",
  "{id}",
];

for (const [what, rule, good, bad] of names) {
  test(`${what} keeps its rule, which its schema tells too`, () => {
    const pattern = new RegExp(rule.schema.pattern as string, "u");
    for (const value of good) assert.ok(rule.accepts(value) && pattern.test(value), value);
    for (const value of [...bad, ...NEVER]) {
      assert.ok(!rule.accepts(value) && !pattern.test(value), JSON.stringify(value));
    }
  });
}

const rule = numberRule("x", { min: 1, max: 100, absent: 20 });

const numbers: readonly (readonly [string, number])[] = [
  ["", 20],
  ["n=", 20],
  ["n=7", 7],
  ["n=%2B7", 7],
  ["n=007", 7],
  ["n=7&n=8", 7],
  ["n=0", 1],
  ["n=-5", 1],
  ["n=101", 100],
  ["n=999999999999999999", 100],
  ["n=9999999999999999999", 20],
  ["n=1e3", 20],
  ["n=0x10", 20],
  ["n=5.5", 20],
  ["n= 7", 20],
  ["n=NaN", 20],
  ["n=Infinity", 20],
  ["n=%D9%A7", 20],
  ["N=7", 20],
];

for (const [query, value] of numbers) {
  test(`of '${query}' the number is ${value}`, () => {
    assert.equal(new Query(new URLSearchParams(query)).number("n", rule), value);
  });
}

test("a page is told by its number and its length, within bounds", () => {
  const pageOf = (query: string) => new Query(new URLSearchParams(query)).page();
  assert.deepEqual(pageOf(""), { page: 1, limit: 20, offset: 0 });
  assert.deepEqual(pageOf("page=3&limit=50"), { page: 3, limit: 50, offset: 100 });
  assert.deepEqual(pageOf("page=0&limit=0"), { page: 1, limit: 1, offset: 0 });
  const last = { page: 10_000, limit: 100, offset: 999_900 };
  assert.deepEqual(pageOf("page=99999999&limit=99999999"), last);
});

test("a choice is one of its words, or its default", () => {
  const choose = (query: string) =>
    new Query(new URLSearchParams(query)).choice("o", ["newest", "oldest"], "newest");
  assert.equal(choose(""), "newest");
  assert.equal(choose("o="), "newest");
  assert.equal(choose("o=oldest"), "oldest");
  for (const word of ["Oldest", "oldest ", "constructor", "0"]) {
    assert.throws(() => choose(`o=${word}`), ApiError, word);
  }
});

test("a queue of the query keeps the rule of queues", () => {
  const queueOf = (query: string) => new Query(new URLSearchParams(query)).queue();
  assert.equal(queueOf(""), undefined);
  assert.equal(queueOf("queue=email%3Asend"), "email:send");
  assert.throws(() => queueOf("queue=a%2Fb"), { code: "BAD_REQUEST" });
});
