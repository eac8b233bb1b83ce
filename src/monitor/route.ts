/**
 * A route: all there is to say about a path and a method. The table of them (`routes.ts`) gives
 * the routing, the OpenAPI document and the pages of `docs/api.md`.
 *
 * @module
 */

import type { Answer } from "./answer.ts";
import type { Access } from "./auth/principal.ts";
import type { Call } from "./call.ts";
import type { ErrorCode } from "./errors.ts";
import type { ParamRule, QueryRule } from "./params.ts";
import type { Schema } from "./schema.ts";

/** A method of HTTP that changes or reads. HEAD goes with GET. */
export type Method = "GET" | "POST" | "PUT" | "DELETE";

/** What a route answers if all is well. */
export interface AnswerRule {
  /** @default {200} */
  readonly status?: number;
  /** Further statuses that come with the same body. */
  readonly otherStatuses?: readonly number[];
  /** The body, if there is one. */
  readonly body?: Schema;
  /** Content types that the body may have, of a route whose body is no JSON. */
  readonly types?: readonly string[];
  /** Instead of a body: the events that it tells, without an end, as `text/event-stream`. */
  readonly events?: readonly StreamEvent[];
}

/** An event of an answer that has no end. */
export interface StreamEvent {
  /** Its name, by which clients listen. */
  readonly name: string;
  /** When it comes, and what for; Markdown. */
  readonly description: string;
  /** What its data is. */
  readonly data: Schema;
}

/** A route. */
export interface Route {
  /** The method. */
  readonly method: Method;
  /** The path; a name in braces stands for one segment, such as `/api/v1/jobs/{id}`. */
  readonly path: string;
  /** Who may use it. */
  readonly access: Access;
  /** What it is for, in a few words. */
  readonly summary: string;
  /** More about it; Markdown. */
  readonly description?: string;
  /** Rules for the segments in braces. */
  readonly params?: Readonly<Record<string, ParamRule>>;
  /** What the query may hold. */
  readonly query?: Readonly<Record<string, QueryRule>>;
  /** Headers that the route reads, by their names in small letters. */
  readonly headers?: Readonly<Record<string, QueryRule>>;
  /** What the body must be, of a route that reads one. */
  readonly body?: Schema;
  /** The answer if all is well. */
  readonly answer: AnswerRule;
  /** Errors that are its own, beside those of all routes. */
  readonly errors?: readonly ErrorCode[];
  /** Name of the change in the audit log, such as `job.retry`; of routes that change something. */
  readonly change?: string;
  /**
   * Whether programs make the change all the time, so that the audit log would soon hold nothing
   * else: it tells only of those that people make in a session.
   */
  readonly isRoutine?: boolean;
  /** Whether no limit of rates holds for it. */
  readonly isUnlimited?: boolean;

  /**
   * Does it.
   *
   * @throws {ApiError} And what the library throws, which becomes one.
   */
  handle(call: Call): Promise<Answer | Response>;
}

/** Where a path leads. */
export type Match =
  | {
    readonly kind: "found";
    readonly route: Route;
    /** The segments in braces, decoded. */
    readonly params: Readonly<Record<string, string>>;
  }
  /** There are routes of other methods. */
  | { readonly kind: "wrongMethod"; readonly allowed: readonly string[] }
  | { readonly kind: "unknown" }
  /** A segment cannot be decoded. */
  | { readonly kind: "malformed" };

/** A place in the tree of paths. */
interface Node {
  readonly children: Map<string, Node>;
  parameter: Node | undefined;
  readonly routes: Map<Method, Route>;
}

/** Finds routes by path. What stands literally goes before what stands in braces. */
export class Router {
  readonly #root: Node = newNode();

  /**
   * @param routes All routes.
   * @throws {TypeError} If two have the same method and path, or a segment in braces has no rule.
   */
  constructor(routes: readonly Route[]) {
    for (const route of routes) this.#add(route);
  }

  /** Where a path leads. */
  match(method: string, path: string): Match {
    const segments = path.split("/").slice(1);
    const values: string[] = [];
    const node = find(this.#root, segments, 0, values);
    if (node === undefined) return { kind: "unknown" };
    const wanted = method === "HEAD" ? "GET" : method;
    const route = node.routes.get(wanted as Method);
    if (route === undefined) {
      const methods: readonly string[] = [...node.routes.keys()];
      return {
        kind: "wrongMethod",
        allowed: methods.includes("GET") ? [...methods, "HEAD"].sort() : [...methods].sort(),
      };
    }
    const names = paramNames(route.path);
    try {
      const decoded = values.map(decodeURIComponent);
      const params = Object.fromEntries(names.map((name, i) => [name, decoded[i]!]));
      return { kind: "found", route, params };
    } catch {
      return { kind: "malformed" };
    }
  }

  #add(route: Route): void {
    let node = this.#root;
    for (const segment of route.path.split("/").slice(1)) {
      if (segment.startsWith("{")) {
        node = node.parameter ??= newNode();
        continue;
      }
      const child = node.children.get(segment) ?? newNode();
      node.children.set(segment, child);
      node = child;
    }
    const name = `${route.method} ${route.path}`;
    if (node.routes.has(route.method)) {
      throw new TypeError(
        `Cannot add route as its path must be its own: current value is '${name}'`,
      );
    }
    for (const param of paramNames(route.path)) {
      if (route.params?.[param] !== undefined) continue;
      throw new TypeError(
        `Cannot add route as '${param}' must have a rule: current route is '${name}'`,
      );
    }
    node.routes.set(route.method, route);
  }
}

/** Names of the segments in braces. */
export function paramNames(path: string): string[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!);
}

function newNode(): Node {
  return { children: new Map(), parameter: undefined, routes: new Map() };
}

function find(
  node: Node,
  segments: readonly string[],
  at: number,
  values: string[],
): Node | undefined {
  if (at === segments.length) return node.routes.size > 0 ? node : undefined;
  const segment = segments[at]!;
  const child = node.children.get(segment);
  const found = child && find(child, segments, at + 1, values);
  if (found !== undefined || node.parameter === undefined || segment === "") return found;
  values.push(segment);
  const below = find(node.parameter, segments, at + 1, values);
  if (below === undefined) values.pop();
  return below;
}
