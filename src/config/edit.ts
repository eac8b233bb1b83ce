/**
 * Changes values in the text of a configuration. All else stays as it is written: comments, order, quotes and spaces.
 *
 * @module
 */

import { parse } from "@std/yaml";
import {
  type Document,
  isMap,
  isNode,
  isScalar,
  isSeq,
  type Node,
  parseDocument,
  stringify,
} from "yaml";
import { readYaml } from "./document.ts";
import { pathOf, type Place } from "./place.ts";
import { faultError } from "./read_config.ts";
import { keyOf } from "./yaml_tree.ts";

type Tree = Document.Parsed;
type Values = Record<string, unknown> | unknown[] | null | undefined;

/** The text of a configuration, while it is edited. */
export class ConfigText {
  readonly #path: string | undefined;
  #text: string;
  #value: unknown;

  /**
   * Begins with a text.
   *
   * @throws {ConfigError} If it is no YAML.
   */
  constructor(text: string, path?: string) {
    this.#path = path;
    this.#text = text;
    this.#value = this.#read(text);
  }

  /** As it is now. */
  get text(): string {
    return this.#text;
  }

  /** The value at a place; undefined if there is none. */
  get(place: Place): unknown {
    return place.reduce<unknown>((at, step) => (at as never)?.[step], this.#value);
  }

  /** Sets a value. What it is in is made; the element after the last is added. */
  set(place: Place, value: unknown): void {
    this.#change(place, inserted(this.#text, place, value), withValue(this.#value, place, value));
  }

  /** Takes an element out of a list. */
  remove(list: Place, index: number): void {
    const place = [...list, index];
    const rest = (this.get(list) as unknown[]).filter((_, i) => i !== index);
    const tree = treeOf(this.#text);
    const isBlock = (tree.getIn(list, true) as { flow?: boolean }).flow !== true;
    const left = rest.length === 0 && isBlock ? null : rest;
    this.#change(place, removed(this.#text, tree, list, index), withValue(this.#value, list, left));
  }

  #read(text: string): unknown {
    const file = readYaml(text, parse);
    if (Array.isArray(file)) throw faultError(file, this.#path);
    return (file as Exclude<typeof file, readonly unknown[]>).value;
  }

  /** Takes a text if it says what is meant. YAML has forms that cannot be edited in place. */
  #change(place: Place, text: string, meant: unknown): void {
    let value: unknown;
    try {
      value = this.#read(text);
    } catch {
      // told below
    }
    if (JSON.stringify(value) !== JSON.stringify(meant)) {
      throw new Error(
        `cannot edit '${pathOf(place)}' in ${this.#path ?? "the text"} as it is written: ` +
          "write that section over several lines, without anchors",
      );
    }
    this.#text = text;
    this.#value = value;
  }
}

/** The same values, with another at a place. */
function withValue(values: unknown, [step, ...rest]: Place, value: unknown): unknown {
  if (step === undefined) return value;
  const at = values as Values;
  const child = withValue((at as never)?.[step], rest, value);
  if (typeof step === "string") return { ...at as object, [step]: child };
  const list = [...at as unknown[] ?? []];
  list[step] = child;
  return list;
}

function treeOf(text: string): Tree {
  return parseDocument(text, { prettyErrors: false });
}

/** The text with a value at a place. */
function inserted(text: string, place: Place, value: unknown): string {
  const { contents } = treeOf(text);
  let node: Node | null = contents;
  let column = -2;
  for (const [i, step] of place.entries()) {
    if (isEmpty(node)) {
      return filled(text, node, column + 2, nested(place.slice(i), value));
    }
    const next = childOf(node, step);
    if (next === undefined) return added(text, node!, step, nested(place.slice(i + 1), value));
    if (isMap(node)) column = columnOf(text, node);
    node = next;
  }
  const [begin, end] = node!.range!;
  const gap = /\s$/.test(text.slice(0, begin)) ? "" : " ";
  return splice(text, begin, end, gap + JSON.stringify(value));
}

/** What stands in a collection at a step; undefined if nothing does. */
function childOf(node: Node | null, step: string | number): Node | undefined {
  if (isSeq(node) && typeof step === "number") return node.items[step] as Node | undefined;
  if (!isMap(node)) throw new Error(`there is no section where '${step}' should be`);
  const value: unknown = node.items.find((pair) => keyOf(pair) === step)?.value;
  return isNode(value) ? value : undefined;
}

/** Whether there is nothing yet where a collection is meant. */
function isEmpty(node: Node | null): boolean {
  if (node === null || (isScalar(node) && node.value === null)) return true;
  return (isMap(node) || isSeq(node)) && node.items.length === 0;
}

/** A value inside of what leads to it. */
function nested(place: Place, value: unknown): unknown {
  return place.reduceRight<unknown>(
    (inner, step) => typeof step === "number" ? [inner] : { [step]: inner },
    value,
  );
}

/** Puts a collection where nothing is, in the lines below. */
function filled(text: string, node: Node | null, column: number, value: unknown): string {
  if (node === null) return withLines(text, text.length, value, 0);
  const [begin, end] = node.range!;
  const before = text.slice(0, begin);
  const rest = text.slice(end);
  if (begin === end) return withLines(text, begin, value, column);
  // What stood for nothing goes, with the space around it unless a comment follows.
  const isLast = /^[ \t]*(?:\r?\n|$)/.test(rest);
  const kept = isLast ? before.trimEnd() + rest.replace(/^[ \t]+/, "") : before + rest;
  return withLines(kept, before.trimEnd().length, value, column);
}

/** Adds to a collection that is not empty, behind what is its last. */
function added(text: string, node: Node, step: string | number, value: unknown): string {
  const whole = typeof step === "number" ? [value] : { [step]: value };
  if ((node as { flow?: boolean }).flow) {
    const words = flowOf(whole).slice(1, -1).trim();
    return splice(text, lastEnd(node), lastEnd(node), `, ${words}`);
  }
  return withLines(text, lastEnd(node), whole, columnOf(text, node));
}

/** Puts lines below the one that a place is in. */
function withLines(text: string, at: number, value: unknown, column: number): string {
  const eol = /\r?\n/.exec(text)?.[0] ?? "\n";
  const lines = stringify(value, STYLE).trimEnd().split("\n")
    .map((line) => `${" ".repeat(column)}${line}`).join(eol);
  if (at > 0 && text[at - 1] === "\n") return splice(text, at, at, `${lines}${eol}`);
  const end = text.indexOf("\n", at);
  if (end < 0) return text === "" ? `${lines}${eol}` : `${text}${eol}${lines}${eol}`;
  return splice(text, end + 1, end + 1, `${lines}${eol}`);
}

const STYLE = { lineWidth: 0, defaultStringType: "QUOTE_DOUBLE", defaultKeyType: "PLAIN" } as const;

function flowOf(value: unknown): string {
  return stringify(value, { ...STYLE, collectionStyle: "flow" }).trim();
}

/** The text without an element of a list. */
function removed(text: string, tree: Tree, place: Place, index: number): string {
  const list = tree.getIn(place, true);
  if (!isSeq(list)) return text;
  const items = list.items as Node[];
  const item = items[index]!;
  const [begin] = item.range!;
  if (list.flow) {
    const before = items[index - 1];
    const after = items[index + 1];
    if (before !== undefined) return splice(text, endOf(before), endOf(item), "");
    return splice(text, begin, after === undefined ? endOf(item) : after.range![0], "");
  }
  const start = text.lastIndexOf("\n", begin) + 1;
  const last = lastEnd(item);
  const end = text[last - 1] === "\n" ? last : text.indexOf("\n", last) + 1;
  return splice(text, start, end === 0 ? text.length : end, "");
}

/** Where the last value in a node ends. */
function lastEnd(node: Node): number {
  const last = isSeq(node) ? node.items.at(-1) : isMap(node) ? node.items.at(-1)?.value : undefined;
  if (isNode(last)) return (node as { flow?: boolean }).flow ? endOf(last) : lastEnd(last);
  return node.range![1];
}

function endOf(node: Node): number {
  return node.range![1];
}

function columnOf(text: string, node: Node): number {
  const [begin] = node.range!;
  return begin - text.lastIndexOf("\n", begin - 1) - 1;
}

/** Replaces a part. A text of several lines ends with its line. */
function splice(text: string, begin: number, end: number, words: string): string {
  const needsEnd = text.slice(begin, end).endsWith("\n") && words !== "" && !words.endsWith("\n");
  return `${text.slice(0, begin)}${words}${needsEnd ? "\n" : ""}${text.slice(end)}`;
}
