import { assertEquals, assertThrows } from "@std/assert";
import { InvalidOptionError } from "../../../src/errors.ts";
import { formatAddr, isLocal, parseAddr } from "../../../src/monitor/addr.ts";

const good: readonly (readonly [string, string | undefined, number, boolean])[] = [
  [":8080", undefined, 8080, false],
  [":0", undefined, 0, false],
  ["127.0.0.1:8080", "127.0.0.1", 8080, true],
  ["127.1.2.3:80", "127.1.2.3", 80, true],
  ["localhost:8080", "127.0.0.1", 8080, true],
  ["LocalHost:8080", "127.0.0.1", 8080, true],
  ["[::1]:443", "::1", 443, true],
  ["[::]:65535", "::", 65535, false],
  ["0.0.0.0:1", "0.0.0.0", 1, false],
  ["gqm.example.com:80", "gqm.example.com", 80, false],
  ["localhost.evil.example:80", "localhost.evil.example", 80, false],
  ["127.0.0.1.evil.example:80", "127.0.0.1.evil.example", 80, false],
];

for (const [addr, hostname, port, local] of good) {
  Deno.test(`parseAddr reads '${addr}'`, () => {
    const at = parseAddr(addr);
    assertEquals(at, { hostname, port });
    assertEquals(isLocal(at), local);
    assertEquals(parseAddr(formatAddr(at)), at);
  });
}

const bad = [
  "",
  "8080",
  "localhost",
  ":",
  ":65536",
  ":-1",
  ":80x",
  "::1:80",
  "a b:80",
  "http://a:80",
];

for (const addr of [...bad, "[::1]", "[x]:80", "a/b:80", "a@b:80", ":80/", " :80", 8080, null]) {
  Deno.test(`parseAddr refuses ${JSON.stringify(addr)}`, () => {
    assertThrows(
      () => parseAddr(addr as string),
      InvalidOptionError,
      "Cannot serve monitor as 'addr' must be host and port",
    );
  });
}
