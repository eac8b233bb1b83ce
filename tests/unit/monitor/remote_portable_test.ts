/** Who is at the other end, as runtimes and proxies tell it. */

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  clientOf,
  type ConnectionInfo,
  isLoopback,
  isLoopbackHost,
  networkOf,
  peerOf,
} from "../../../src/monitor/remote.ts";

function requestWith(forwarded?: string): Request {
  const headers: HeadersInit = forwarded === undefined ? {} : { "x-forwarded-for": forwarded };
  return new Request("http://localhost/", { headers });
}

const peers: readonly (readonly [string, ConnectionInfo | undefined, string | undefined])[] = [
  ["nothing", undefined, undefined],
  ["nothing of use", {}, undefined],
  ["a text", { remoteAddr: "10.0.0.1" }, "10.0.0.1"],
  ["a text of IPv6", { remoteAddr: "[2001:DB8::1]" }, "2001:db8::1"],
  ["Deno, TCP", { remoteAddr: { hostname: "10.0.0.1", transport: "tcp" } }, "10.0.0.1"],
  ["Deno, a socket file", { remoteAddr: { transport: "unix" } }, "127.0.0.1"],
  ["Deno, something else", { remoteAddr: { transport: "vsock" } }, undefined],
  ["Bun", { requestIP: () => ({ address: "::ffff:10.0.0.1" }) }, "10.0.0.1"],
  ["Bun, a closed connection", { requestIP: () => null }, undefined],
];

for (const [what, info, peer] of peers) {
  test(`the peer is known from ${what}`, () => assert.equal(peerOf(requestWith(), info), peer));
}

const clients: readonly (readonly [string | undefined, number, string])[] = [
  ["1.1.1.1", 0, "peer"],
  [undefined, 1, "peer"],
  ["", 1, "peer"],
  ["1.1.1.1", 1, "1.1.1.1"],
  ["6.6.6.6, 1.1.1.1", 1, "1.1.1.1"],
  ["6.6.6.6, 1.1.1.1, 2.2.2.2", 2, "1.1.1.1"],
  ["1.1.1.1", 2, "peer"],
  ["6.6.6.6,1.1.1.1 ", 1, "1.1.1.1"],
  ["1.1.1.1, <script>", 1, "peer"],
  ["1.1.1.1, unknown", 1, "peer"],
  ["1.1.1.1:4711", 1, "1.1.1.1"],
  ["[2001:db8::1]:4711", 1, "2001:db8::1"],
  ["2001:DB8::1", 1, "2001:db8::1"],
  ["::ffff:1.1.1.1", 1, "1.1.1.1"],
  ["deadbeef", 1, "peer"],
  ["1.1.1", 1, "peer"],
  [`${"1:".repeat(40)}1`, 1, "peer"],
];

for (const [forwarded, proxies, client] of clients) {
  test(`behind ${proxies} proxies the client of '${forwarded}' is ${client}`, () => {
    assert.equal(clientOf(requestWith(forwarded), "peer", proxies), client);
  });
}

test("this machine is known by its addresses and its one name, and by nothing else", () => {
  for (const address of ["127.0.0.1", "127.1.2.3", "::1"]) {
    assert.ok(isLoopback(address), address);
    assert.ok(isLoopbackHost(address), address);
  }
  for (const host of ["localhost", "LOCALHOST", "[::1]"]) assert.ok(isLoopbackHost(host), host);
  const others = [
    "",
    "10.0.0.1",
    "128.0.0.1",
    "127.0.0.1.evil.example",
    "1127.0.0.1",
    "::2",
    "0.0.0.0",
  ];
  for (
    const other of [...others, "localhost.evil.example", "mylocalhost", "evil.localhost", "::"]
  ) {
    assert.ok(!isLoopback(other) && !isLoopbackHost(other), other);
  }
});

test("clients are counted by address, and by network where each has many addresses", () => {
  const same: readonly (readonly [string, string])[] = [
    ["10.0.0.1", "10.0.0.1"],
    ["", ""],
    ["2001:db8:1:2::1", "2001:db8:1:2::/64"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
    ["2001:0db8:0001:0002::1", "2001:db8:1:2::/64"],
    ["2001:db8::1", "2001:db8:0:0::/64"],
    ["::1", "0:0:0:0::/64"],
    ["::", "0:0:0:0::/64"],
    ["fe80::1%eth0", "fe80:0:0:0::/64"],
    ["1:2:3:4:5::", "1:2:3:4::/64"],
  ];
  for (const [client, network] of same) assert.equal(networkOf(client), network);
});
