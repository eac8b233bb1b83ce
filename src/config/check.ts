/**
 * Holds values against the table, and fills in their variables.
 *
 * @module
 */

import { isPlain, kindOf } from "./kind.ts";
import { nearestName } from "../nearest.ts";
import type {
  EitherNode,
  ListNode,
  Node,
  NumberNode,
  SectionNode,
  TextNode,
  TextsNode,
  ValueOf,
} from "./node.ts";
import type { Place } from "./place.ts";
import { HIDDEN, type Review } from "./review.ts";
import { hasVariables, substitute } from "./variables.ts";

/** Most values of a file, counted as often as they are repeated. */
const MOST_VALUES = 100_000;
/** Other forms, such as `017`, are not the same number to all readers of YAML. */
const NUMBER = /^[-+]?(?:(?:0|[1-9]\d*)(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?$/;
const FLAG = /^(?:true|false)$/i;

/** Checks a file; gives what of it can be used. */
export function checkValues<N extends SectionNode>(
  table: N,
  value: unknown,
  review: Review,
): ValueOf<N> {
  return new Checker(review).section(table, value ?? {}, []) as ValueOf<N>;
}

class Checker {
  readonly #review: Review;
  #count = 0;

  constructor(review: Review) {
    this.#review = review;
  }

  section(node: SectionNode, value: unknown, place: Place): unknown {
    if (!isPlain(value)) return this.#refuse(node, value, place, "be keys and their values");
    const result: Record<string, unknown> = {};
    for (const key of Object.keys(value)) {
      if (Object.hasOwn(node.keys, key)) continue;
      const suggestion = nearestName(key, Object.keys(node.keys));
      const rule = `be one of ${Object.keys(node.keys).join(", ")}`;
      this.#review.report([...place, key], rule, { isKey: true, suggestion });
    }
    for (const [key, child] of Object.entries(node.keys)) {
      const own = Object.hasOwn(value, key) ? value[key] : undefined;
      // `redis:` alone is a section without keys of its own.
      const given = own === null && child.kind === "section" ? {} : own;
      const checked = this.#check(child, given, [...place, key]);
      if (checked !== undefined) result[key] = checked;
    }
    return result;
  }

  #check(node: Node, value: unknown, place: Place): unknown {
    if (value === undefined || value === null) {
      if (node.required) this.#review.report(place, "be given");
      return undefined;
    }
    if (++this.#count > MOST_VALUES) {
      const rule = `have at most ${MOST_VALUES} values, repeated ones included`;
      if (this.#count === MOST_VALUES + 1) this.#review.report([], rule);
      return undefined;
    }
    if (node.ignored !== undefined) {
      this.#review.warn(place, `has no effect: ${node.ignored}`);
    }
    switch (node.kind) {
      case "text":
        return this.#text(node, value, place);
      case "number":
        return this.#number(node, value, place);
      case "flag":
        return this.#flag(node, value, place);
      case "list":
        return this.#list(node, value, place);
      case "section":
        return this.section(node, value, place);
      case "texts":
        return this.#texts(node, value, place);
      case "either":
        return this.#either(node, value, place);
      default:
        return node satisfies never;
    }
  }

  #text(node: TextNode, value: unknown, place: Place): string | undefined {
    const raw = this.#scalar(value, place);
    if (raw === undefined) return this.#refuse(node, value, place, "be a text");
    const text = this.#filled(raw, place);
    if (text === undefined) return undefined;
    if (text === "") {
      if (node.required) this.#review.report(place, "not be empty");
      return undefined;
    }
    const { oneOf, accepts, rule = "be valid" } = node;
    if (oneOf !== undefined) return this.#oneOf(node, oneOf, text, place);
    return accepts?.(text) === false ? this.#refuse(node, text, place, rule) : text;
  }

  #oneOf(
    node: TextNode,
    allowed: readonly string[],
    text: string,
    place: Place,
  ): string | undefined {
    const wanted = node.anyCase ? text.toLowerCase() : text;
    if (allowed.includes(wanted)) return wanted;
    const list = allowed.map((one) => `'${one}'`).join(", ");
    const suggestion = nearestName(text, allowed);
    this.#review.report(place, `be one of ${list}`, { value: text, suggestion });
    return undefined;
  }

  #number(node: NumberNode, value: unknown, place: Place): number | undefined {
    const filled = this.#filledIn(value, place);
    if (filled === undefined) return undefined;
    const { fraction = false, min = -Infinity, max = Infinity } = node;
    const source = filled === value ? this.#review.source(place) ?? "" : `${filled}`;
    const isNumber = (typeof filled === "number" || filled !== value) && NUMBER.test(source);
    const number = Number(source);
    const isRight = isNumber && (fraction ? Number.isFinite(number) : Number.isSafeInteger(number));
    if (isRight && number >= min && number <= max) return number;
    const range = max === Infinity ? ` >= ${min}` : ` from ${min} to ${max}`;
    const rule = `be a ${fraction ? "" : "whole "}number${min === -Infinity ? "" : range}`;
    if (typeof filled !== "number") return this.#refuse(node, filled, place, rule);
    this.#review.report(place, rule, { shown: source });
    return undefined;
  }

  #flag(node: Node, value: unknown, place: Place): boolean | undefined {
    const filled = this.#filledIn(value, place);
    if (filled === undefined || typeof filled === "boolean") return filled;
    if (typeof filled === "string" && filled !== value && FLAG.test(filled)) {
      return filled.toLowerCase() === "true";
    }
    return this.#refuse(node, filled, place, "be true or false");
  }

  #list(node: ListNode, value: unknown, place: Place): unknown {
    if (!Array.isArray(value)) return this.#refuse(node, value, place, "be a list");
    if (value.length < (node.min ?? 0)) {
      this.#review.report(place, `have at least ${node.min} in its list`);
    }
    // An element that is wrong keeps its number.
    const empty = node.items.kind === "section" ? {} : undefined;
    return value.map((item, i) =>
      this.#check(node.items, item ?? empty ?? "", [...place, i]) ?? empty
    );
  }

  #texts(node: TextsNode, value: unknown, place: Place): unknown {
    if (!isPlain(value)) return this.#refuse(node, value, place, "be names and their texts");
    const result: Record<string, string> = {};
    for (const [name, one] of Object.entries(value)) {
      const raw = this.#scalar(one, [...place, name]);
      if (raw === undefined) this.#refuse(node, one, [...place, name], "be a text");
      else result[name] = this.#filled(raw, [...place, name]) ?? "";
    }
    return result;
  }

  #either(node: EitherNode, value: unknown, place: Place): unknown {
    const filled = this.#filledIn(value, place);
    if (filled === undefined) return undefined;
    const { a, b } = node;
    const isFirst = typeof filled === "boolean" ||
      (typeof filled === "string" && FLAG.test(filled));
    if (isFirst) return this.#flag(a, value, place);
    if (b.kind === "section" && isPlain(filled)) return this.section(b, value, place);
    const isNumber = typeof filled === "number" || filled !== value;
    if (b.kind === "number" && isNumber) return this.#number(b, value, place);
    const other = b.kind === "section" ? "have keys of its own" : "a number";
    return this.#refuse(node, filled, place, `be true or false, or ${other}`);
  }

  /** A scalar as text. Texts need no quotes, whatever they look like. */
  #scalar(value: unknown, place: Place): string | undefined {
    if (typeof value === "string") return value;
    const isScalar = typeof value === "number" || typeof value === "boolean" ||
      typeof value === "bigint" || value instanceof Date;
    return isScalar ? this.#review.source(place) ?? String(value) : undefined;
  }

  /** A value with its variables, if it is a text; undefined if one is wrong. */
  #filledIn(value: unknown, place: Place): unknown {
    return typeof value === "string" ? this.#filled(value, place) : value;
  }

  #filled(text: string, place: Place): string | undefined {
    if (!hasVariables(text)) return this.#wellFormed(text, place);
    const filled = substitute(text, this.#review.variable);
    if (filled.isMalformed) {
      const rule = "name variables as ${NAME} or ${NAME:-default}, and write '${' itself as '$${'";
      this.#review.report(place, rule, { shown: HIDDEN });
    }
    for (const name of filled.missing) {
      const rule = `name variables that are set, or give a default, as \${${name}:-default}`;
      this.#review.report(place, rule, { shown: `\${${name}}, which is not set` });
    }
    return filled.isMalformed || filled.missing.length > 0
      ? undefined
      : this.#wellFormed(filled.text, place);
  }

  #wellFormed(text: string, place: Place): string | undefined {
    if (text.isWellFormed()) return text;
    this.#review.report(place, "be well-formed text", { shown: HIDDEN });
    return undefined;
  }

  #refuse(node: Node, value: unknown, place: Place, rule: string): undefined {
    const isWhole = node.kind === "section" || node.kind === "list" || node.kind === "texts";
    const kind = value instanceof Date ? this.#review.source(place) : kindOf(value, isWhole);
    if (node.secret) this.#review.report(place, rule, { shown: HIDDEN });
    else this.#review.report(place, rule, kind === undefined ? { value } : { shown: kind });
    return undefined;
  }
}
