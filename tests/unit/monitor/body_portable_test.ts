/** Bodies that are read, and those that are refused with a code. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { readJson } from "../../../src/monitor/body.ts";
import type { ApiError } from "../../../src/monitor/errors.ts";
import { FakeClock } from "../../../src/testing/fake_clock.ts";

const JSON_TYPE = { "content-type": "application/json" };
const encoder = new TextEncoder();

function requestOf(body: BodyInit | null, headers: Record<string, string> = JSON_TYPE): Request {
  const init: RequestInit & { duplex: "half" } = { method: "POST", headers, body, duplex: "half" };
  return new Request("http://localhost/", init);
}

/** A body that comes in pieces. */
function pieces(...parts: readonly Uint8Array[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (const part of parts) controller.enqueue(part);
      controller.close();
    },
  });
}

/** A body whose next piece never comes, and whether somebody has let go of it. */
function stuck(first: string): { body: ReadableStream<Uint8Array>; isLetGo: () => boolean } {
  let letGo = false;
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(encoder.encode(first)),
    cancel: () => void (letGo = true),
  });
  return { body, isLetGo: () => letGo };
}

async function codeOf(request: Request, maxBytes?: number, clock = new FakeClock()) {
  try {
    await readJson(request, { clock, ...maxBytes === undefined ? {} : { maxBytes } });
  } catch (error) {
    return (error as ApiError).code;
  }
  return "fine";
}

const bom = new Uint8Array([0xef, 0xbb, 0xbf]);

const cases: readonly (readonly [string, BodyInit | null, Record<string, string>, string])[] = [
  ["an object", `{"a":1}`, JSON_TYPE, "fine"],
  ["parameters", `{"a":1}`, { "content-type": "Application/JSON; charset=utf-8" }, "fine"],
  ["a byte order mark", new Blob([bom, `{"a":1}`]), JSON_TYPE, "fine"],
  ["no media type", new Uint8Array(encoder.encode("{}")), {}, "UNSUPPORTED_MEDIA_TYPE"],
  ["a form", "a=1", { "content-type": "text/plain" }, "UNSUPPORTED_MEDIA_TYPE"],
  ["nearly the type", "{}", { "content-type": "application/jsonx" }, "UNSUPPORTED_MEDIA_TYPE"],
  ["two types", "{}", { "content-type": "text/html, application/json" }, "UNSUPPORTED_MEDIA_TYPE"],
  ["nothing", null, JSON_TYPE, "BAD_REQUEST"],
  ["an empty body", "", JSON_TYPE, "BAD_REQUEST"],
  ["half an object", `{"a":`, JSON_TYPE, "BAD_REQUEST"],
  ["two objects", `{}{}`, JSON_TYPE, "BAD_REQUEST"],
  ["a list", "[]", JSON_TYPE, "BAD_REQUEST"],
  ["null", "null", JSON_TYPE, "BAD_REQUEST"],
  ["a text", `"a"`, JSON_TYPE, "BAD_REQUEST"],
  ["a number", "1", JSON_TYPE, "BAD_REQUEST"],
  ["bytes that are no UTF-8", new Uint8Array([0x7b, 0xff, 0x7d]), JSON_TYPE, "BAD_REQUEST"],
  ["a character cut off", new Uint8Array([0x22, 0xe2, 0x82]), JSON_TYPE, "BAD_REQUEST"],
  ["UTF-16", new Uint8Array([0x7b, 0, 0x7d, 0]), JSON_TYPE, "BAD_REQUEST"],
];

for (const [what, body, headers, code] of cases) {
  test(`a body of ${what} is ${code}`, async () => {
    assert.equal(await codeOf(requestOf(body, headers)), code);
  });
}

test("a body in pieces is read as one, also where a character is cut", async () => {
  const bytes = encoder.encode(`{"a":"€\u{1F600}"}`);
  const parts = Array.from(bytes, (byte) => new Uint8Array([byte]));
  const value = await readJson(requestOf(pieces(...parts)), { clock: new FakeClock() });
  assert.deepEqual(value, { a: "€\u{1F600}" });
});

test("a property named __proto__ is one like others", async () => {
  const value = await readJson(requestOf(`{"__proto__":{"a":1}}`), { clock: new FakeClock() });
  assert.equal(Object.getPrototypeOf(value), Object.prototype);
  assert.deepEqual(Object.keys(value), ["__proto__"]);
});

test("a body may have as many bytes as are allowed and no more, whatever it says of itself", async () => {
  const just = `{"a":"${"x".repeat(92)}"}`;
  assert.equal(just.length, 100);
  assert.equal(await codeOf(requestOf(just), 100), "fine");
  assert.equal(await codeOf(requestOf(just), 99), "PAYLOAD_TOO_LARGE");
  assert.equal(await codeOf(requestOf(pieces(encoder.encode(just))), 99), "PAYLOAD_TOO_LARGE");
  assert.equal(await codeOf(requestOf(`{"a":"${"€".repeat(40)}"}`), 100), "PAYLOAD_TOO_LARGE");
  const endless = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.enqueue(new Uint8Array(1000)),
  });
  assert.equal(await codeOf(requestOf(endless)), "PAYLOAD_TOO_LARGE");
});

test("a body that stops coming is given up, and let go of", async () => {
  const clock = new FakeClock();
  const { body, isLetGo } = stuck(`{"a":`);
  const code = codeOf(requestOf(body), undefined, clock);
  await clock.advance(9_999);
  assert.equal(isLetGo(), false);
  await clock.advance(1);
  assert.equal(await code, "TIMEOUT");
  assert.equal(isLetGo(), true);
});

test("a body that breaks off is the client's doing", async () => {
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(encoder.encode(`{"a":`)),
    pull: (controller) => controller.error(new Error("connection reset")),
  });
  assert.equal(await codeOf(requestOf(body)), "BAD_REQUEST");
});

test("deep nesting is refused or read, and never overflows", async () => {
  const deep = `{"a":${"[".repeat(200_000)}${"]".repeat(200_000)}}`;
  assert.match(await codeOf(requestOf(deep)), /^(fine|BAD_REQUEST)$/);
});
