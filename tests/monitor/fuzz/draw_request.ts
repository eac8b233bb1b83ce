/** Draws requests: mostly nearly right, so that they get far, and wrong in one way or another. */

import type { Route } from "../../../src/monitor/route.ts";
import type { Schema } from "../../../src/monitor/schema.ts";
import type { Draws } from "../../property/draws.ts";
import { drawJson, drawNasty, drawValue, NAMES, spoil } from "./draw_value.ts";

/** A request, as plain data, so that a failure can show it. */
export interface Drawn {
  readonly method: string;
  /** With the query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Absent for none. */
  readonly body?: string | Uint8Array<ArrayBuffer>;
  readonly remoteAddr: string;
}

const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "QUERY"];
const HEX = "0123456789abcdef";

/** Header values that a client may come up with. */
const VALUES: Readonly<Record<string, readonly string[]>> = {
  "content-type": [
    "text/plain",
    "application/jsonx",
    "multipart/form-data",
    "",
    "application/json;",
  ],
  cookie: [
    `gqm_session=${HEX.repeat(4)}`,
    `gqm_session=${HEX.toUpperCase().repeat(4)}`,
    "gqm_session=",
    "gqm_session=%00; gqm_session=a",
    `gqm_session="${HEX.repeat(4)}"`,
    ";;;=;",
    "a".repeat(5000),
  ],
  "x-api-key": ["", "key", "gqm_ak_", "\u00ff", "a".repeat(5000)],
  authorization: ["Bearer", "Bearer ", "Bearer key", "Basic YTpi", "bearer  x y", "\u00e9"],
  "x-gqm-user": ["root"],
  "x-gqm-role": ["admin"],
  "x-gqm-csrf": ["1", "0", "", "1, 1"],
  "x-forwarded-for": ["10.0.0.1", ",,,", "::1", "localhost", "a".repeat(5000)],
  "x-forwarded-proto": ["https", "javascript"],
  origin: ["http://localhost", "http://evil.example", "null", "%", "http://["],
  "sec-fetch-site": ["same-origin", "cross-site", "none", "?"],
  "idempotency-key": ["a", "b", " ", "\u00e9", "x".repeat(201)],
  host: ["localhost:99999", "evil.example", "[", "localhost:8080"],
  "content-length": ["0", "-1", "99999999999", "1e9", "x"],
  accept: ["text/html", "*/*;q=0", "application/openmetrics-text;q=0.5,*/*;q=x"],
  "last-event-id": ["0", "-1", "x"],
};

/**
 * Draws a request for one of the routes.
 *
 * @param shown Headers that show who asks.
 * @param made Ids that the monitor made, for paths in which nothing stands that has a name.
 */
export function drawRequest(
  draws: Draws,
  routes: readonly Route[],
  shown: Readonly<Record<string, string>>,
  made: readonly string[],
): Drawn {
  const route = draws.pick(routes);
  const method = draws.chance(0.9) ? route.method : draws.pick(METHODS);
  const body = method === "GET" || method === "HEAD" ? undefined : drawBody(draws, route);
  return {
    method,
    path: drawPath(draws, route, made) + drawQuery(draws, route),
    headers: { ...shown, ...drawHeaders(draws, route) },
    ...(body === undefined ? {} : { body }),
    remoteAddr: draws.chance(0.98) ? "127.0.0.1" : draws.pick(["10.0.0.7", "", "::1"]),
  };
}

/** The request itself; undefined if none can be made of it, since a client could not send it. */
export function requestOf({ method, path, headers, body }: Drawn): Request | undefined {
  try {
    return new Request(`http://localhost${path}`, { method, headers, body });
  } catch {
    return undefined;
  }
}

function drawPath(draws: Draws, { path, params = {} }: Route, made: readonly string[]): string {
  const drawn = path.replace(/\{(\w+)\}/g, (_, name: string) => {
    const { accepts } = params[name]!;
    const ids = NAMES.some(accepts) ? [] : made.filter(accepts);
    if (ids.length > 0 && draws.chance(0.8)) return draws.pick(ids);
    if (draws.chance(0.8)) return escapeAll(`${drawValue(draws, params[name]!.schema)}`);
    const nasty = drawNasty(draws);
    return draws.chance(0.5) ? escapeAll(nasty) : nasty;
  });
  if (draws.chance(0.97)) return drawn;
  return draws.pick([
    `${drawn}/`,
    `/${drawn}`,
    drawn.toUpperCase(),
    `${drawn}/../..`,
    `${drawn}%2f..%2f..%2fetc%2fpasswd`,
    drawn.replace("api", "%61pi"),
    `${drawn}%`,
    `${drawn};a=b`,
    `${drawn}#a`,
    `${drawn}\\..`,
  ]);
}

/** Every byte percent-encoded, which means the same. A lone surrogate becomes what no text can be. */
function escapeAll(value: string): string {
  if (!value.isWellFormed()) return "%ED%A0%80";
  const bytes = new TextEncoder().encode(value);
  return Array.from(bytes, (byte) => `%${byte.toString(16).padStart(2, "0")}`).join("");
}

function drawQuery(draws: Draws, { query = {} }: Route): string {
  const pairs = Object.entries(query).flatMap(([name, { schema }]) => {
    if (draws.chance(0.5)) return [];
    const value = draws.chance(0.7) ? `${drawValue(draws, schema)}` : drawNasty(draws);
    return [`${name}=${draws.chance(0.8) ? escapeAll(value) : value}`];
  });
  if (draws.chance(0.1)) {
    pairs.push(`${escapeAll(drawNasty(draws))}=${escapeAll(drawNasty(draws))}`);
  }
  if (pairs.length > 0 && draws.chance(0.05)) pairs.push(pairs[0]!);
  return pairs.length === 0 ? "" : `?${draws.shuffled(pairs).join(draws.chance(0.97) ? "&" : ";")}`;
}

function drawHeaders(draws: Draws, route: Route): Record<string, string> {
  const headers: Record<string, string> = {};
  if (route.body !== undefined) headers["content-type"] = "application/json";
  if (draws.chance(0.7)) headers["x-gqm-csrf"] = "1";
  for (const [name, { schema }] of Object.entries(route.headers ?? {})) {
    if (draws.chance(0.3)) headers[name] = `${drawValue(draws, schema)}`.replace(/[^ -~]/g, "");
  }
  while (draws.chance(0.25)) {
    const name = draws.pick(Object.keys(VALUES));
    headers[name] = draws.pick(VALUES[name]!);
  }
  return headers;
}

function drawBody(draws: Draws, { body }: Route): Drawn["body"] {
  if (body === undefined && draws.chance(0.9)) return undefined;
  const schema: Schema = body ?? {};
  const text = JSON.stringify(drawValue(draws, schema)) ?? "";
  if (draws.chance(0.5)) return text;
  if (draws.chance(0.6)) return JSON.stringify(spoil(draws, drawValue(draws, schema))) ?? "";
  switch (draws.below(7)) {
    case 0:
      return text.slice(0, draws.below(text.length));
    case 1:
      return text.slice(0, draws.below(text.length)) + drawNasty(draws) + text;
    case 2:
      return Uint8Array.from(draws.many(40, () => draws.below(256)));
    case 3:
      return `{"a":${draws.pick(["[", `{"a":`]).repeat(draws.below(5000))}`;
    case 4:
      return text.replace(/\d+/, draws.pick(["1e400", "-0", "9".repeat(400), "0x1", "01", "NaN"]));
    case 5:
      return `{"type":"${"x".repeat(draws.pick([300, 1_200_000, 2_200_000]))}"}`;
    default:
      return JSON.stringify(drawJson(draws, 4));
  }
}
