/**
 * YAML as values, and where each of them stands.
 *
 * Two readers read the text: `@std/yaml`, which is handed in, gives the values; the document tree of
 * `yaml` gives the places, and finds first what is no YAML.
 *
 * @module
 */

import {
  type Document,
  isMap,
  isScalar,
  LineCounter,
  type Node,
  type Pair,
  parseAllDocuments,
  visit,
  type YAMLMap,
} from "yaml";
import type { Place } from "./place.ts";
import { keyOf, YamlTree } from "./yaml_tree.ts";

/** Makes values of one YAML document; throws if it is none. */
export type ParseYaml = (text: string) => unknown;

/** A place in a text, from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** Why a text cannot be read as YAML. */
export interface YamlFault extends Partial<Position> {
  /** What must hold. */
  readonly rule: string;
}

/** A document that was read. */
export interface YamlFile {
  /** Its values; null if there are none. */
  readonly value: unknown;
  /** Where a key or its value stands, or what is nearest to it. */
  position(place: Place, part: "key" | "value"): Position;
  /** A scalar as it is written, without quotes; undefined if there is none. */
  source(place: Place): string | undefined;
  /** Where a second document begins, if there is one. */
  readonly second: Position | undefined;
}

const DEEP = "be YAML that is not nested without end";
const TEXT_TAG = "tag:yaml.org,2002:str";
/** Most places that are told of what is no YAML: one mistake makes many. */
const MOST_FAULTS = 5;
// deno-lint-ignore no-control-regex -- control characters are what the rule is about
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/;
/** What `@std/yaml` knows, so that both readers take the same. */
const READING = {
  schema: "core",
  customTags: ["binary", "merge", "omap", "pairs", "timestamp"],
  uniqueKeys: false, // they are looked for below, faster
  prettyErrors: false, // their lines of the file may hold secrets
} as const;

/** Reads the first document of a text; gives faults if it is no YAML. */
export function readYaml(text: string, parse: ParseYaml): YamlFile | readonly YamlFault[] {
  const lineCounter = new LineCounter();
  const at = (offset: number): Position => {
    const { line, col } = lineCounter.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const control = CONTROL.exec(text);
  if (control !== null) {
    const lines = text.slice(0, control.index).split("\n");
    const at = { line: lines.length, column: lines.at(-1)!.length + 1 };
    return [{ rule: "be text, without control characters", ...at }];
  }
  try {
    const documents = parseAllDocuments(text, {
      ...READING,
      customTags: [...READING.customTags],
      lineCounter,
    });
    const [first, second] = [...documents] as Document.Parsed[];
    if (first === undefined) return fileOf(null, undefined, at, undefined);
    const faults = faultsOf(first, at);
    if (faults.length > 0) return faults;
    first.toJS(); // throws if aliases lead nowhere, or repeat too much
    const value = parse(text.slice(0, first.range[2]));
    return fileOf(value, first, at, second && at(second.range[0]));
  } catch (error) {
    return [faultOf(error)];
  }
}

function fileOf(
  value: unknown,
  document: Document.Parsed | undefined,
  at: (offset: number) => Position,
  second: Position | undefined,
): YamlFile {
  const tree = document && new YamlTree(document);
  return {
    value,
    second,
    position: (place, part) => at(tree?.offset(place, part) ?? 0),
    source: (place) => tree?.source(place),
  };
}

/** What of a document is no YAML, or is not the same to all readers. */
function faultsOf(
  document: Document.Parsed,
  at: (offset: number) => Position,
): readonly YamlFault[] {
  const faults = new Map<string, YamlFault>();
  for (const { message, pos: [begin] } of [...document.errors, ...document.warnings]) {
    const rule = ruleOf(message);
    if (!faults.has(rule)) faults.set(rule, { rule, ...at(begin) });
    if (rule === DEEP) return [faults.get(rule)!];
  }
  if (faults.size > 0) return [...faults.values()].slice(0, MOST_FAULTS);
  const odd = oddityOf(document);
  return odd === undefined ? [] : [{ rule: odd.rule, ...at(odd.offset) }];
}

/** What must hold, of a parser's fault. What it quotes of the text may be a secret. */
function ruleOf(message: string): string {
  if (message.startsWith("Maximum call stack")) return DEEP;
  const words = message.replace(/: *".*$/s, "").split("\n")[0]!;
  return `be YAML: ${words}`;
}

/** What is YAML, but wrong, or not the same to all readers. */
function oddityOf(document: Document.Parsed): { rule: string; offset: number } | undefined {
  let found: { rule: string; offset: number } | undefined;
  const tell = (rule: string, node: unknown): symbol => {
    found = { rule, offset: (node as Node | null | undefined)?.range?.[0] ?? 0 };
    return visit.BREAK;
  };
  visit(document, {
    Node: (_key, node) => {
      const { tag } = node;
      if (tag !== undefined && tag !== TEXT_TAG) return tell("have no tags but !!str", node);
      const twice = isMap(node) ? twiceIn(node) : undefined;
      if (twice === undefined) return undefined;
      return tell(`have each key of a section once, and has '${keyOf(twice)}' twice`, twice.key);
    },
    Pair: (_key, { key, value }) =>
      isScalar(key) && key.value !== null ? undefined : tell("have texts as keys", key ?? value),
  });
  return found;
}

/** The first pair whose key stands there before. */
function twiceIn({ items }: YAMLMap): Pair | undefined {
  const seen = new Set<string>();
  return items.find((pair) => {
    const name = keyOf(pair);
    const isThere = isScalar(pair.key) && seen.has(name);
    seen.add(name);
    return isThere;
  });
}

/** What is thrown by the reader of values, or by either where the text is a trap. */
function faultOf(error: unknown): YamlFault {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof ReferenceError) {
    const rule = message.startsWith("Unresolved alias")
      ? "have an anchor before each alias of it"
      : "not repeat itself by aliases more than a little";
    return { rule };
  }
  if (error instanceof RangeError) return { rule: DEEP };
  const [line, column] = /line (\d+), column (\d+)/.exec(message)?.slice(1).map(Number) ?? [];
  const words = message.split("\n")[0]!.replace(/ at line \d+, column \d+.*$/, "");
  const rule = ruleOf(words.slice(0, 200));
  return line === undefined ? { rule } : { rule, line, column };
}
