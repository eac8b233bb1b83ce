/** Variables in values, and what was probably meant. */

import { deepEqual, equal } from "node:assert/strict";
import { describe, it } from "node:test";
import { nearestName } from "../../src/nearest.ts";
import { camelCase, pathOf, placeOf, snakeCase } from "../../src/config/place.ts";
import { substitute } from "../../src/config/variables.ts";

const ENV: Readonly<Record<string, string>> = { A: "1", EMPTY: "", B_2: "two ${A}" };

describe("substitute", () => {
  const rows: readonly (readonly [string, string])[] = [
    ["plain", "plain"],
    ["${A}", "1"],
    ["<${A}|${A}>", "<1|1>"],
    ["${B_2}", "two ${A}"], // what a variable holds is not read again
    ["${EMPTY}", ""],
    ["${EMPTY:-x}", "x"],
    ["${NONE:-}", ""],
    ["${NONE:-a:-b c}", "a:-b c"],
    ["${A:-x}", "1"],
    ["$A $ {A} $$ $", "$A $ {A} $$ $"],
    ["$${A}", "${A}"],
    ["$${A} ${A}", "${A} 1"],
  ];
  for (const [text, filled] of rows) {
    it(`makes ${filled} of ${text}`, () => {
      deepEqual(substitute(text, (name) => ENV[name]), {
        text: filled,
        missing: [],
        isMalformed: false,
      });
    });
  }

  it("names all variables that are not set", () => {
    deepEqual(substitute("${X}${A}${Y}", (name) => ENV[name]).missing, ["X", "Y"]);
  });

  for (const text of ["${", "${}", "${1}", "${a b}", "${A", "${A:x}", "${A-x}", "${:-x}"]) {
    it(`does not take ${text} for a variable`, () => {
      equal(substitute(text, (name) => ENV[name]).isMalformed, true);
    });
  }
});

describe("nearest", () => {
  const known = ["job_types", "queues", "concurrency", "job_timeout", "name", "db"];
  const rows: readonly (readonly [string, string | undefined])[] = [
    ["jobTypes", "job_types"],
    ["job-types", "job_types"],
    ["queue", "queues"],
    ["concurency", "concurrency"],
    ["naem", "name"],
    ["DB", "db"],
    ["retries", undefined],
    ["", undefined],
    ["x".repeat(100_000), undefined],
  ];
  for (const [name, meant] of rows) {
    it(`takes '${name.slice(0, 20)}' for ${meant ?? "nothing"}`, () => {
      equal(nearestName(name, known), meant);
    });
  }
});

describe("places", () => {
  it("are written as in code", () => {
    equal(pathOf(["pools", 0, "retry", "max_retry"]), "pools[0].retry.max_retry");
    equal(pathOf([0, "a b"]), '[0]."a b"');
    deepEqual(placeOf("alerts.rules[12].forMs"), ["alerts", "rules", 12, "for_ms"]);
  });

  it("are named by their options in code, and back", () => {
    for (const [snake, camel] of [["per_ms", "perMs"], ["a", "a"], ["a_b_c", "aBC"]] as const) {
      equal(camelCase(snake), camel);
      equal(snakeCase(camel), snake);
    }
  });
});
