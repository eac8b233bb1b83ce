/** Draws values by their schemas, and values that nobody expects. */

import type { Schema } from "../../../src/monitor/schema.ts";
import type { Draws } from "../../property/draws.ts";

/** Names of jobs, queues, schedules, servers and workers that are there, or may be. */
export const NAMES: readonly string[] = [
  ...["a", "b", "c", "d", "e", "f", "g", "h", "gone"],
  ...["job-ready", "job-dead", "job-retry", "job-processing", "job-deferred", "job-canceled"],
  ...["default", "mail", "mail", "reports", "nightly", "ping", "host-1-abc", "host-1-abc:1"],
];

const NASTY: readonly string[] = [
  ...[
    "",
    " ",
    ".",
    "..",
    "../..",
    "a/b",
    "a\\b",
    "\0",
    "a\nb",
    "%",
    "%00",
    "%zz",
    "a%20b",
    "+",
    "&",
    "=",
  ],
  ...["__proto__", "constructor", "toString", "hasOwnProperty", "null", "undefined", "true"],
  ...[
    "NaN",
    "Infinity",
    "-1",
    "0",
    "1e309",
    "0x10",
    "1.5",
    "00012",
    "9".repeat(40),
    "-9223372036854775808",
  ],
  ...["é", "\u{1F600}", "\ud800", "\u202e", "\ufeff", "ａ", "\u0661", "İ", "a\u0301"],
  ...[
    "<script>alert(1)</script>",
    "' OR 1=1 --",
    "{id}",
    "*",
    "{a}:b",
    "a:b",
    "a@b",
    "*\r\nFLUSHALL\r\n",
  ],
  ...["x".repeat(256), "x".repeat(257), "x".repeat(5000), "é".repeat(300)],
];
const NUMBERS = [0, -0, 1, -1, 0.5, 2 ** 31, 2 ** 53, -(2 ** 53), 1e21, 1e308, 5e-324];

/** A text that nobody expects. */
export function drawNasty(draws: Draws): string {
  return draws.pick(NASTY);
}

/** Any JSON. */
export function drawJson(draws: Draws, depth: number): unknown {
  switch (draws.below(depth > 0 ? 7 : 5)) {
    case 0:
      return null;
    case 1:
      return draws.chance(0.5);
    case 2:
      return draws.pick(NUMBERS);
    case 3:
      return draws.pick(NAMES);
    case 4:
      return drawNasty(draws);
    case 5:
      return draws.many(3, () => drawJson(draws, depth - 1));
    default:
      return Object.fromEntries(
        draws.many(3, () => [drawNasty(draws), drawJson(draws, depth - 1)]),
      );
  }
}

/** A value that is as a schema says, as far as there is one at hand. */
export function drawValue(draws: Draws, schema: Schema): unknown {
  const { type, anyOf, enum: words, examples = [] } = schema as {
    type?: string;
    anyOf?: readonly Schema[];
    enum?: readonly unknown[];
    examples?: readonly unknown[];
  };
  if ("const" in schema) return schema.const;
  if (words !== undefined) return draws.pick(words);
  if (anyOf !== undefined) return drawValue(draws, draws.pick(anyOf));
  switch (type) {
    case "array":
      return drawList(draws, schema);
    case "object":
      return drawObject(draws, schema);
    case "boolean":
      return draws.chance(0.5);
    case "integer":
      return drawInteger(draws, schema);
    case "number":
      return draws.share();
    case "null":
      return null;
    case "string":
      if (examples.length > 0 && draws.chance(0.8)) return draws.pick(examples);
      return draws.chance(0.9) ? draws.pick(NAMES) : drawNasty(draws);
    default:
      return drawJson(draws, 3);
  }
}

/** The same with something in it that is something else. */
export function spoil(draws: Draws, value: unknown): unknown {
  if (Array.isArray(value) && value.length > 0 && draws.chance(0.8)) {
    const at = draws.below(value.length);
    return value.map((one, i) => i === at ? spoil(draws, one) : one);
  }
  if (typeof value === "object" && value !== null && draws.chance(0.8)) {
    const names = Object.keys(value);
    const name = names.length > 0 && draws.chance(0.8) ? draws.pick(names) : drawNasty(draws);
    const copy: Record<string, unknown> = { ...value };
    if (draws.chance(0.2)) delete copy[name];
    else copy[name] = spoil(draws, copy[name]);
    return copy;
  }
  return drawJson(draws, 2);
}

function drawInteger(draws: Draws, schema: Schema): number {
  const { minimum = 0, maximum = 1e6 } = schema as { minimum?: number; maximum?: number };
  if (draws.chance(0.1)) return draws.pick([minimum, maximum]);
  return minimum + draws.below(Math.min(maximum, minimum + 1000) - minimum + 1);
}

function drawList(draws: Draws, schema: Schema): unknown[] {
  const { items = {}, minItems = 0, maxItems = 100 } = schema as {
    items?: Schema;
    minItems?: number;
    maxItems?: number;
  };
  const length = Math.min(maxItems, minItems + draws.below(4));
  return Array.from({ length }, () => drawValue(draws, items));
}

function drawObject(draws: Draws, schema: Schema): object {
  const { properties = {}, required = [], additionalProperties } = schema as {
    properties?: Readonly<Record<string, Schema>>;
    required?: readonly string[];
    additionalProperties?: boolean | Schema;
  };
  const share = draws.pick([0.05, 0.15, 0.5]);
  const entries = Object.entries(properties)
    .filter(([name]) => required.includes(name) || draws.chance(share))
    .map(([name, one]) => [name, drawValue(draws, one)] as const);
  const more = typeof additionalProperties === "object"
    ? draws.many(2, () => [draws.pick(NAMES), drawValue(draws, additionalProperties)] as const)
    : [];
  return Object.fromEntries([...entries, ...more]);
}
