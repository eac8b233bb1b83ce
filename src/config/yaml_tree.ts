/**
 * Where things stand in a YAML document.
 *
 * @module
 */

import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  type YAMLMap,
} from "yaml";
import type { Place } from "./place.ts";

/** The tree of a document, which finds places in it. */
export class YamlTree {
  readonly #document: Document.Parsed;
  /** The pairs of the maps that were looked into, by their keys. */
  readonly #pairs = new Map<YAMLMap, ReadonlyMap<string, Pair>>();

  /** @param document Without errors. */
  constructor(document: Document.Parsed) {
    this.#document = document;
  }

  /** Where a key or a value begins; where its section does, if it is not there. */
  offset(place: Place, part: "key" | "value"): number {
    let node: Node | null = this.#document.contents;
    let offset = node?.range?.[0] ?? 0;
    for (const [i, step] of place.entries()) {
      const pair = this.#pair(node, step);
      const next: unknown = pair === undefined ? this.#item(node, step) : pair.value;
      if (pair === undefined && next === undefined) break;
      const isLast = i === place.length - 1;
      const isKey = pair !== undefined && isLast && (part === "key" || next === null);
      node = (next ?? null) as Node | null;
      const begin: unknown = isKey ? pair.key : node ?? pair?.key;
      offset = (begin as Node | undefined)?.range?.[0] ?? offset;
    }
    return offset;
  }

  /** A scalar as it is written, without quotes; undefined if there is none. */
  source(place: Place): string | undefined {
    let node: unknown = this.#document.contents;
    for (const step of place) {
      const pair = this.#pair(node, step);
      node = pair === undefined ? this.#item(node, step) : pair.value;
    }
    const found = this.#resolved(node);
    return isScalar(found) ? found.source ?? undefined : undefined;
  }

  #resolved(node: unknown): unknown {
    return isAlias(node) ? node.resolve(this.#document) : node;
  }

  /** The pair of a key, also if it comes by a merge. */
  #pair(node: unknown, step: string | number): Pair | undefined {
    const map = this.#resolved(node);
    if (typeof step === "number" || !isMap(map)) return undefined;
    const pairs = this.#pairsOf(map);
    const own = pairs.get(step);
    if (own !== undefined) return own;
    const merged = this.#resolved(pairs.get("<<")?.value);
    for (const one of isSeq(merged) ? merged.items : [merged]) {
      const found = this.#resolved(one) === map ? undefined : this.#pair(one, step);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  #pairsOf(map: YAMLMap): ReadonlyMap<string, Pair> {
    let pairs = this.#pairs.get(map);
    if (pairs === undefined) {
      pairs = new Map(map.items.map((pair) => [keyOf(pair), pair]));
      this.#pairs.set(map, pairs);
    }
    return pairs;
  }

  #item(node: unknown, step: string | number): unknown {
    const seq = this.#resolved(node);
    return typeof step === "number" && isSeq(seq) ? seq.items[step] : undefined;
  }
}

/** The key of a pair as text; empty if it is no scalar. */
export function keyOf({ key }: Pair): string {
  return isScalar(key) ? typeof key.value === "symbol" ? key.source ?? "" : String(key.value) : "";
}
