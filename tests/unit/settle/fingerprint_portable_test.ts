import { equal, match, notEqual } from "node:assert/strict";
import { test } from "node:test";
import { failureOf } from "../../../src/settle/failure.ts";
import { fingerprint, placeOf } from "../../../src/settle/fingerprint.ts";

const same: readonly [string, string, string][] = [
  ["numbers differ", "Order 17 has 3 items", "Order 18 has 12 items"],
  ["a number has a sign, a fraction or an exponent", "off by -1.5", "off by 2e-7"],
  ["a number has groups", "paid 1,234,567 so far", "paid 12 so far"],
  ["a number has a unit", "took 10ms", "took 2500ms"],
  ["a number ends a sentence", "gave up after 3.", "gave up after 4."],
  ["lists of numbers differ in length", "ids 1, 2, 3 are gone", "ids 7 are gone"],
  ["dates differ", "since 2026-01-02T03:04:05.678Z", "since 2025-11-12T13:14:15Z"],
  ["addresses differ", "connect ECONNREFUSED 127.0.0.1:6379", "connect ECONNREFUSED 10.0.0.12:80"],
  [
    "UUIDs differ",
    "no job 0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b",
    "no job 4f3e2d1c-0b9a-4f5e-9d4c-b2a10190ffff",
  ],
  [
    "a UUID is part of a name",
    "job:0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b:lock",
    "job:4f3e2d1c-0b9a-4f5e-9d4c-b2a10190ffff:lock",
  ],
  ["hexadecimal ids differ", "object 507f1f77bcf86cd799439011", "object 65a1e0c9d2b4f7a8c3e1d0b9"],
  ["a hexadecimal id has digits alone", "commit 12345678", "commit 1a2b3c4d"],
  ["hexadecimal numbers differ", "at 0x7ffde0", "at 0x10"],
  ["quoted texts differ", `no user "Ada"`, `no user "Grace Hopper"`],
  ["single quotes differ", "no user 'Ada'", "no user 'Grace Hopper'"],
  ["typographic quotes differ", "no user “Ada”", "no user “Grace”"],
  [
    "quoted texts have apostrophes around",
    "can't find 'a', won't go on",
    "can't find 'b', won't go on",
  ],
  ["a quoted text is cut off", `bad input "abc…`, `bad input "{ 1 2 3…`],
  ["POSIX paths differ", "cannot open /tmp/a/b.txt", "cannot open ./c.txt"],
  ["Windows paths differ", "cannot open C:\\data\\a.txt", "cannot open D:\\b.txt"],
  ["relative paths differ", "cannot open src/a.ts", "cannot open src/deep/b.ts"],
  ["URLs differ", "GET https://a.example/x?y=1 failed", "GET http://b.example:80 failed"],
  ["e-mail addresses differ", "bounced: ada@example.com", "bounced: grace.h@mail.example.org"],
  [
    "tokens differ",
    "bad token eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.dBjftJeZ4CVP",
    "bad token c2VjcmV0LXNlY3JldC1zZWNyZXQ0Mg==",
  ],
  ["values of keys differ", "quota reached: used=17 limit=20", "quota reached: used=180 limit=200"],
  ["white space differs", "line one\n  line two", " line one line two"],
  ["both are empty", "", " "],
];

const different: readonly [string, string, string][] = [
  ["words differ", "connection refused", "connection reset"],
  ["error codes differ", "failed with P2002", "failed with P2025"],
  ["long error codes differ", "ERR_HTTP2_HEADERS_SENT", "ERR_HTTP2_INVALID_STREAM"],
  ["words are hexadecimal", "facade fell", "decade fell"],
  ["apostrophes are no quotes", "can't read, won't go", "can't write, won't go"],
  ["a slash is no path", "read/write failed", "and/or failed"],
  ["a path is no number", "cannot use /tmp/x", "cannot use 5"],
];

for (const [name, one, other] of same) {
  test(`fingerprint is the same when ${name}`, () => {
    equal(fingerprint({ message: one }), fingerprint({ message: other }));
  });
}

for (const [name, one, other] of different) {
  test(`fingerprint differs when ${name}`, () => {
    notEqual(fingerprint({ message: one }), fingerprint({ message: other }));
  });
}

const at = (...frames: string[]): string =>
  fingerprint({
    name: "TypeError",
    message: "broken",
    stack: frames.map((frame) => `    at ${frame}`).join("\n"),
  });
const known = at("send (file:///app/mail.ts:10:5)", "main (file:///app/main.ts:1:1)");

const sameStacks: readonly [string, readonly string[]][] = [
  ["lines and columns differ", ["send (file:///app/mail.ts:99:1)"]],
  ["callers differ", ["send (file:///app/mail.ts:10:5)", "cron (file:///app/cron.ts:1:1)"]],
  ["folders differ", ["send (file:///srv/releases/42/mail.ts:10:5)"]],
  ["the place is a path", ["send (/app/mail.ts:10:5)"]],
  ["the place is a Windows path", ["send (C:\\app\\mail.ts:10:5)"]],
  ["the place has a query", ["send (file:///app/mail.ts?v=3:10:5)"]],
  ["the function is async", ["async send (file:///app/mail.ts:10:5)"]],
  ["the function is a method", ["Mailer.send (file:///app/mail.ts:10:5)"]],
  ["the function is a constructor", ["new send (file:///app/mail.ts:10:5)"]],
  ["the method has an alias", ["Object.send [as deliver] (file:///app/mail.ts:10:5)"]],
  ["the runtime's frames come first", [
    "JSON.parse (<anonymous>)",
    "<parse> (:0)",
    "parse (unknown)",
    "map (native:1:11)",
    "Socket.emit (node:events:519:28)",
    "async Object.read (ext:deno_io/12_io.js:1:2)",
    "send (file:///app/mail.ts:10:5)",
  ]],
  ["frames of packages come first", [
    "query (/app/node_modules/pg/lib/client.js:1:2)",
    "fetch (https://jsr.io/@scope/name/1.0.0/mod.ts:1:2)",
    "send (/app/mail.ts:10:5)",
  ]],
  ["evaluated code comes first", [
    "eval (eval at run (file:///app/run.ts:1:2), <anonymous>:1:7)",
    "send (/app/mail.ts:10:5)",
  ]],
];

for (const [name, frames] of sameStacks) {
  test(`fingerprint is the same when ${name}`, () => equal(at(...frames), known));
}

test("fingerprint differs when function, file or stack do", () => {
  const others = [
    at("receive (file:///app/mail.ts:10:5)"),
    at("send (file:///app/letter.ts:10:5)"),
    at("file:///app/mail.ts:10:5"),
    at(),
    known,
  ];
  equal(new Set(others).size, others.length);
});

test("fingerprint is the same when engines name what has no name", () => {
  const bare = at("file:///app/mail.ts:10:5");
  equal(at("<anonymous> (/app/mail.ts:10:5)"), bare);
  equal(at("Object.<anonymous> (/app/mail.ts:10:5)"), bare);
  equal(at("async file:///app/mail.ts:10:5"), bare);
  equal(at("module code (/app/mail.ts:10:5)"), bare);
});

test("fingerprint takes the first frame with a file when no frame is the user's", () => {
  const foreign = at("JSON.parse (<anonymous>)", "query (/app/node_modules/pg/client.js:1:2)");
  equal(foreign, at("query (/elsewhere/node_modules/pg/client.js:3:4)"));
  notEqual(foreign, at("connect (/app/node_modules/pg/client.js:1:2)"));
});

test("placeOf gives the line of the stack that the fingerprint is made of", () => {
  const lines = ["at JSON.parse (<anonymous>)", "at query (/app/node_modules/pg/client.js:1:2)"];
  equal(
    placeOf(["Error: x", ...lines].join("\n    ")),
    "query (/app/node_modules/pg/client.js:1:2)",
  );
  lines.push("at async send (file:///app/mail.ts:10:5)", "at file:///app/main.ts:1:1");
  equal(placeOf(["Error: x", ...lines].join("\n    ")), "async send (file:///app/mail.ts:10:5)");
  equal(placeOf("Error: x\n    at JSON.parse (<anonymous>)"), undefined);
  equal(placeOf(""), undefined);
});

test("fingerprint differs when names do", () => {
  const error = { name: "Error", message: "broken" };
  notEqual(fingerprint(error), fingerprint({ ...error, name: "TypeError" }));
  notEqual(fingerprint(error), fingerprint({ message: "broken" }));
});

test("fingerprint is the text known of old in every process and on every runtime", () => {
  equal(known, "1a8f315fb0d51532");
  match(fingerprint({ message: "" }), /^[0-9a-f]{16}$/);
});

function fail(id: number): never {
  throw new RangeError(`Cannot take ${id}`);
}

function failing(id: number): string {
  try {
    return fail(id);
  } catch (error) {
    return fingerprint(failureOf(error));
  }
}

test("fingerprint is the same when one function throws for other values", () => {
  equal(failing(1), failing(20_000));
  notEqual(failing(1), fingerprint(failureOf(new RangeError("Cannot take 1"))));
});

test("fingerprint ends in little time when the message is hostile", () => {
  for (const part of ["'", "“", '"', "a@", "1.", "#=", "/", "a://", "0x", "a1-", "abc"]) {
    const message = part.repeat(2000).slice(0, 2000);
    match(fingerprint({ message, stack: " at (".repeat(800) }), /^[0-9a-f]{16}$/);
  }
});
