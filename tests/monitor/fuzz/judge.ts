/** What every answer must be, whatever was asked. */

import assert from "node:assert/strict";
import { errorsOf, statusesOf } from "../../../src/monitor/contract.ts";
import { type ErrorCode, statusOf } from "../../../src/monitor/errors.ts";
import { STREAM_TYPE } from "../../../src/monitor/live/sse.ts";
import { type Match, type Route, Router } from "../../../src/monitor/route.ts";
import { assertMatches } from "../../support/json_schema.ts";
import { eventsIn, EventStream } from "../support/event_stream.ts";

/** Codes with which the monitor refuses before it knows the route. */
const BEFORE: readonly ErrorCode[] = ["FORBIDDEN", "RATE_LIMITED"];
/** What only the inside of a program says. */
const INSIDE = /\n\s+at |\.ts:\d+|\.js:\d+|node_modules|file:\/\/|TypeError|RangeError|ReplyError/;

/** Judges answers by the table of routes. */
export class Judge {
  readonly #router: Router;
  /** How often each route was answered with each status, such as `GET /health 200`. */
  readonly seen: Map<string, number> = new Map();

  constructor(routes: readonly Route[]) {
    this.#router = new Router(routes);
  }

  /**
   * Asserts that an answer is one that the request may get; gives its body.
   *
   * @param options `mayFail`: whether it may be that something fails inside.
   */
  async judge(
    request: Request,
    response: Response,
    { mayFail }: { readonly mayFail: boolean },
  ): Promise<string> {
    const match = this.#router.match(request.method, new URL(request.url).pathname);
    const { status, headers } = response;
    const isStream = headers.get("content-type") === STREAM_TYPE && response.body !== null;
    const text = isStream ? await beginningOf(response.body) : await response.text();
    assert.notEqual(headers.get("content-security-policy"), null);
    assert.equal(headers.get("x-content-type-options"), "nosniff");
    const name = match.kind === "found" ? `${match.route.method} ${match.route.path}` : match.kind;
    this.seen.set(`${name} ${status}`, (this.seen.get(`${name} ${status}`) ?? 0) + 1);
    if (mayFail && match.kind === "found" && status === 500) {
      const told = JSON.stringify({ error: "internal error", code: "INTERNAL" });
      assert.equal(text, request.method === "HEAD" ? "" : told);
    } else if (request.method === "HEAD") {
      assert.equal(text, "");
      assert.ok(allowedStatuses(match).includes(status), `status ${status}`);
    } else if (match.kind === "found" && statusesOf(match.route).includes(status)) {
      judgeFine(match.route, headers, text);
    } else {
      judgeRefusal(match, status, headers, text);
    }
    return text;
  }
}

/** What a stream begins with: how things stand. */
async function beginningOf(body: ReadableStream<Uint8Array>): Promise<string> {
  const stream = new EventStream(body);
  await stream.until(({ blocks }) => blocks.length > 1);
  await stream.cancel();
  return stream.text;
}

function judgeFine({ answer }: Route, headers: Headers, text: string): void {
  if (answer.events !== undefined) {
    assert.equal(headers.get("content-type"), STREAM_TYPE);
    for (const { event, data } of eventsIn(text)) {
      const rule = answer.events.find(({ name }) => name === event);
      assertMatches(rule!.data, data, event);
    }
    return;
  }
  if (answer.body === undefined) return assert.equal(text, "");
  const type = headers.get("content-type") ?? "";
  if (answer.types !== undefined) return assert.ok(answer.types.includes(type), type);
  assert.equal(type, "application/json");
  assertMatches(answer.body, JSON.parse(text));
}

function judgeRefusal(match: Match, status: number, headers: Headers, text: string): void {
  assert.doesNotMatch(text, INSIDE);
  if (headers.get("content-type") !== "application/json") {
    assert.equal(status, match.kind === "unknown" ? 404 : 405);
    assert.equal(headers.get("allow") === null, status === 404);
    assert.match(text, /^[\w ]+\n$/);
    return;
  }
  const { error, code, ...rest } = JSON.parse(text);
  assert.deepEqual(rest, {});
  assert.ok(typeof error === "string" && error.length > 0 && error.length < 1000, text);
  assert.ok(codesOf(match).includes(code), `code ${code}: ${error}`);
  assert.equal(status, statusOf[code as ErrorCode]);
}

function codesOf(match: Match): readonly ErrorCode[] {
  switch (match.kind) {
    case "found":
      return errorsOf(match.route).filter((code) => code !== "INTERNAL");
    case "malformed":
      return ["BAD_REQUEST", ...BEFORE];
    default:
      return BEFORE;
  }
}

function allowedStatuses(match: Match): readonly number[] {
  const refused = codesOf(match).map((code) => statusOf[code]);
  switch (match.kind) {
    case "found":
      return [...statusesOf(match.route), ...refused];
    case "wrongMethod":
      return [405, ...refused];
    case "unknown":
      return [404, ...refused];
    case "malformed":
      return refused;
  }
}
