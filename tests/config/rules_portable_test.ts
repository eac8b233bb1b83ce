/** Each rule of a configuration file, by a file that breaks it and names the message. */

import { deepEqual, equal, ok } from "node:assert/strict";
import { describe, it } from "node:test";
import { fixtures, problemsOf } from "../support/config.ts";

/** GQM (Go) numbers its rules from 1 to this. */
const RULES = 43;
const all = await fixtures();

describe("rules of gqm.yaml", () => {
  for (const { name, text, expected } of all) {
    const isValid = name.startsWith("valid_");
    it(`${name} is ${isValid ? "loaded" : "refused, with place and rule"}`, () => {
      equal(expected.length === 0, isValid);
      deepEqual(problemsOf(text), expected);
    });
  }

  it("each of those of GQM (Go) has a file", () => {
    for (let n = 1; n <= RULES; n++) {
      const prefix = `rule_${String(n).padStart(2, "0")}_`;
      ok(all.some(({ name }) => name.startsWith(prefix)), `there is no file for rule ${n}`);
    }
  });

  it("no message shows a secret", () => {
    for (const { name, expected } of all) {
      ok(!expected.some((message) => message.includes("hunter2")), name);
    }
  });
});
