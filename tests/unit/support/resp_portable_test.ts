/** How tests read the Redis protocol. */

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ReplyMatcher } from "../../support/redis/replies.ts";
import { decodeValue, RespError, RespSplitter, wordsOf } from "../../support/redis/resp.ts";

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

describe("RespSplitter", () => {
  const values: readonly [string, unknown][] = [
    ["+OK\r\n", "OK"],
    ["-ERR no\r\n", new RespError("ERR no")],
    [":-7\r\n", -7],
    ["$4\r\na\r\nb\r\n", "a\r\nb"],
    ["$0\r\n\r\n", ""],
    ["$-1\r\n", null],
    ["*-1\r\n", null],
    ["*0\r\n", []],
    ["*2\r\n*2\r\n:1\r\n*0\r\n$1\r\nx\r\n", [[1, []], "x"]],
    ["%1\r\n+a\r\n*1\r\n_\r\n", ["a", [null]]],
    ["~1\r\n#t\r\n", [true]],
    [",inf\r\n", Infinity],
    ["=5\r\ntxt:a\r\n", "a"],
    ["|1\r\n+ttl\r\n:1\r\n:5\r\n", 5],
    [">2\r\n+invalidate\r\n*1\r\n+k\r\n", ["invalidate", ["k"]]],
  ];

  it("finds the same values in pieces of any length", () => {
    const stream = encode(values.map(([text]) => text).join("").repeat(50));
    for (const length of [1, 2, 3, 7, 100, stream.length]) {
      const splitter = new RespSplitter();
      const found: unknown[] = [];
      for (let at = 0; at < stream.length; at += length) {
        found.push(...splitter.push(stream.subarray(at, at + length)).map(decodeValue));
      }
      assert.deepEqual(found, Array.from({ length: 50 }, () => values.map(([, v]) => v)).flat());
    }
  });

  it("takes a typed line for a command", () => {
    const [line] = new RespSplitter().push(encode("get  a\r\n"));
    assert.deepEqual(wordsOf(line ?? new Uint8Array()), ["get", "a"]);
  });
});

describe("ReplyMatcher", () => {
  const subscribed = (type: string): Uint8Array => encode(`${type}3\r\n+subscribe\r\n+c\r\n:1\r\n`);
  const message = (type: string): Uint8Array => encode(`${type}3\r\n+message\r\n+c\r\n+text\r\n`);

  for (const type of ["*", ">"]) {
    it(`gives no command a message that comes as ${type} before its reply`, () => {
      const matcher = new ReplyMatcher<string>();
      matcher.sent("subscribe", "SUBSCRIBE", 2);
      assert.deepEqual(matcher.match(subscribed(type)), { value: "subscribe", isLast: false });
      assert.equal(matcher.match(message(type)), undefined);
      assert.deepEqual(matcher.match(subscribed(type)), { value: "subscribe", isLast: true });
      matcher.sent("ping", "PING", 0);
      assert.equal(matcher.match(message(type)), undefined);
      assert.deepEqual(matcher.match(encode("+PONG\r\n")), { value: "ping", isLast: true });
      assert.equal(matcher.size, 0);
    });
  }
});
