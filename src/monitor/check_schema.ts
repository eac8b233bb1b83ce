/**
 * Whether a value is what a schema says: for the keywords that `schema.ts` and the routes use.
 *
 * @module
 */

import type { Schema } from "./schema.ts";

/** Keywords that say something to people alone. */
const WORDS = ["description", "default", "examples", "deprecated"];
const KNOWN = new Set([
  ...["type", "const", "enum", "anyOf", "properties", "required", "additionalProperties"],
  ...["items", "minItems", "maxItems", "minLength", "maxLength", "pattern"],
  ...["minimum", "maximum", ...WORDS],
]);

const TYPES: Readonly<Record<string, (value: unknown) => boolean>> = {
  array: Array.isArray,
  boolean: (value) => typeof value === "boolean",
  integer: Number.isInteger,
  null: (value) => value === null,
  number: (value) => typeof value === "number",
  object: (value) => typeof value === "object" && value !== null && !Array.isArray(value),
  string: (value) => typeof value === "string",
};

/** What is to be wrong with a value, for people. */
type Problem = string | undefined;

/**
 * Finds what is wrong with a value.
 *
 * @param schema What it must be.
 * @param value JSON, as `JSON.parse` makes it.
 * @param name What the value is called; empty for what is in no need of a name.
 * @returns Such as `'jobs[2].priority' must be at least -30`; undefined if it is as it must be.
 * @throws {TypeError} If the schema has a keyword that is not known here, so that none is overlooked.
 */
export function problemIn(schema: Schema, value: unknown, name: string): Problem {
  for (const keyword of Object.keys(schema)) {
    if (!KNOWN.has(keyword)) throw new TypeError(`Cannot check by the schema keyword '${keyword}'`);
  }
  const rule = brokenRule(schema, value);
  if (rule !== undefined) return `${quoted(name)} must ${rule}`;
  if (Array.isArray(value)) return problemOfItems(schema, value, name);
  return TYPES.object!(value)
    ? problemOfProperties(schema, value as Readonly<Record<string, unknown>>, name)
    : undefined;
}

/** The rule for a value itself, not for what is in it, that it breaks. */
function brokenRule(schema: Schema, value: unknown): Problem {
  const { type, enum: words, anyOf } = schema as {
    type?: string;
    enum?: readonly unknown[];
    anyOf?: readonly Schema[];
  };
  if (type !== undefined && !TYPES[type]!(value)) return `be ${withArticle(type)}`;
  if ("const" in schema && value !== schema.const) return `be ${JSON.stringify(schema.const)}`;
  if (words !== undefined && !words.includes(value)) {
    return `be one of ${words.map((word) => JSON.stringify(word)).join(", ")}`;
  }
  if (anyOf !== undefined && !anyOf.some((one) => problemIn(one, value, "") === undefined)) {
    return `be ${anyOf.map(inShort).join(", or ")}`;
  }
  if (typeof value === "string") return brokenRuleOfText(schema, value);
  if (typeof value === "number") return brokenRuleOfNumber(schema, value);
  return undefined;
}

function brokenRuleOfText(schema: Schema, value: string): Problem {
  const { minLength = 0, maxLength = Infinity, pattern } = schema as {
    minLength?: number;
    maxLength?: number;
    pattern?: string;
  };
  if (value.length < minLength) return `have at least ${minLength} characters`;
  if (value.length > maxLength) return `have at most ${maxLength} characters`;
  if (pattern !== undefined && !new RegExp(pattern, "u").test(value)) return `match ${pattern}`;
  return undefined;
}

function brokenRuleOfNumber(schema: Schema, value: number): Problem {
  const { minimum = -Infinity, maximum = Infinity } = schema as {
    minimum?: number;
    maximum?: number;
  };
  if (value < minimum) return `be at least ${minimum}`;
  if (value > maximum) return `be at most ${maximum}`;
  return undefined;
}

function problemOfItems(schema: Schema, value: readonly unknown[], name: string): Problem {
  const { items, minItems = 0, maxItems = Infinity } = schema as {
    items?: Schema;
    minItems?: number;
    maxItems?: number;
  };
  if (value.length < minItems) return `${quoted(name)} must have at least ${minItems} items`;
  if (value.length > maxItems) return `${quoted(name)} must have at most ${maxItems} items`;
  if (items === undefined) return undefined;
  for (const [i, item] of value.entries()) {
    const problem = problemIn(items, item, `${name}[${i}]`);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function problemOfProperties(
  schema: Schema,
  value: Readonly<Record<string, unknown>>,
  name: string,
): Problem {
  const { properties = {}, required = [], additionalProperties = true } = schema as {
    properties?: Readonly<Record<string, Schema>>;
    required?: readonly string[];
    additionalProperties?: boolean | Schema;
  };
  const nameOf = (key: string): string => name === "" ? key : `${name}.${key}`;
  const missing = required.find((key) => !Object.hasOwn(value, key));
  if (missing !== undefined) return `'${nameOf(missing)}' must be given`;
  for (const [key, one] of Object.entries(value)) {
    const rule = Object.hasOwn(properties, key) ? properties[key]! : additionalProperties;
    if (rule === false) return `'${nameOf(key.slice(0, 100))}' is not known`;
    const problem = rule === true ? undefined : problemIn(rule, one, nameOf(key));
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function quoted(name: string): string {
  return name === "" ? "it" : `'${name}'`;
}

function withArticle(type: string): string {
  if (type === "null") return type;
  return type === "integer" ? "a whole number" : /^[aeiou]/.test(type) ? `an ${type}` : `a ${type}`;
}

/** What a schema asks for, in a word. */
function inShort(schema: Schema): string {
  if ("const" in schema) return JSON.stringify(schema.const);
  return typeof schema.type === "string" ? withArticle(schema.type) : "as its schema says";
}
