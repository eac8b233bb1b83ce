/** Requests that no browser sends, over raw sockets: on Deno, Bun and Node. */

import { deepEqual, equal, match, ok } from "node:assert/strict";
import { describe, it } from "node:test";
import {
  Client,
  createMonitor,
  memoryStore,
  type ServedMonitor,
  serveMonitor,
  type Store,
} from "../../mod.ts";
import { Raw, request, statuses } from "./support/raw.ts";

const HOST = "Host: localhost";
const CLOSE = "Connection: close";

async function serving(run: (served: ServedMonitor, store: Store) => Promise<void>): Promise<void> {
  const store = memoryStore();
  await using client = new Client({ store });
  await client.enqueue("email.send", {}, { queue: "mail" });
  await using monitor = createMonitor({ store, auth: "none", rateLimit: -1, logLevel: "silent" });
  await using served = await serveMonitor(monitor, { addr: "127.0.0.1:0" });
  await run(served, store);
  equal((await fetch(`${served.url}/health`)).status, 200);
}

describe("a connection", () => {
  it("carries one request after another, also before they are answered", async () => {
    await serving(async ({ url }) => {
      const paths = ["/health", "/api/v1/queues/mail", "/none", "/ready", "/api/v1/queues/none"];
      const lines = paths.map((path) => request([`GET ${path} HTTP/1.1`, HOST]));
      const last = request(["GET /health HTTP/1.1", HOST, CLOSE]);
      deepEqual(statuses(await Raw.say(url, lines.join("") + last)), [
        200,
        200,
        404,
        200,
        404,
        200,
      ]);
      using raw = await Raw.open(url);
      for (const [i, line] of lines.entries()) {
        raw.write(line);
        await raw.until((text) =>
          statuses(text).length > i && /\}$|found\n$|0\r\n\r\n$/.test(text)
        );
      }
      raw.write(last);
      equal(statuses(await raw.rest()).length, 6);
    });
  });

  it("may be of HTTP/1.0", async () => {
    await serving(async ({ url }) => {
      const text = await Raw.say(url, request(["GET /health HTTP/1.0", HOST]));
      match(text, /^HTTP\/1\.[01] 200 [^]*"status":"ok"/);
    });
  });

  it("gets the head alone with HEAD", async () => {
    await serving(async ({ url }) => {
      for (const path of ["/health", "/api/v1/queues", "/none"]) {
        const text = await Raw.say(url, request([`HEAD ${path} HTTP/1.1`, HOST, CLOSE]));
        match(text, path === "/none" ? /^HTTP\/1\.1 404 / : /^HTTP\/1\.1 200 /);
        match(text, /\r\n\r\n$/);
        equal(text.split("\r\n\r\n")[1], "", path);
        // The length of what GET would be answered, not of nothing.
        match(text, /\r\ncontent-length: [1-9]/i);
      }
    });
  });
});

describe("a wrong method", () => {
  for (const method of ["OPTIONS", "PATCH", "DELETE", "PROPFIND", "TRACE", "BREW"]) {
    it(`such as ${method} is refused`, async () => {
      await serving(async ({ url }) => {
        const line = `${method} /api/v1/queues HTTP/1.1`;
        const text = await Raw.say(url, request([line, HOST, CLOSE]));
        // What the platform does not know at all it answers itself, or not at all.
        match(text, /^$|^HTTP\/1\.1 (400|405|501) /);
        if (text.startsWith("HTTP/1.1 405")) match(text, /\r\nallow: GET, HEAD\r\n/i);
      });
    });
  }
});

describe("an absurd URL", () => {
  const long = "x".repeat(7000);
  const targets: readonly (readonly [string, readonly number[]])[] = [
    ["/", [404]],
    ["//evil.example/health", [404]],
    ["///", [404]],
    ["/../../../etc/passwd", [404]],
    ["/api/v1/queues/../../../health", [200]],
    ["/api/v1/queues/%2e%2e/%2e%2e/%2e%2e/health", [200]],
    ["/api/v1/queues/..%2f..%2fhealth", [400]],
    ["/api/v1/queues/%", [400]],
    ["/api/v1/queues/%zz", [400]],
    ["/api/v1/queues/%ff", [400]],
    ["/api/v1/queues/%00", [400]],
    ["/api/v1/queues/a;b", [400]],
    ["/api/v1/queues/a?name=b", [404]],
    ["/health?%=%&&&=#", [200, 400]],
    ["/api/v1/queues/mail/", [404]],
    [`/api/v1/queues/${long}`, [400]],
    [`/health?${long}`, [200]],
    ["http://localhost/health", [200]],
    ["http://evil.example/health", [200, 403]],
    ["http://ada:secret@localhost/health", [200, 400]],
    ["http://[::1/health", [200, 400, 403]],
    ["http://", [400, 404]],
    ["ftp://localhost/health", [200, 400, 404]],
    ["*", [400, 404, 405]],
    ["health", [400, 404]],
    ["", [400]],
  ];
  for (const [target, allowed] of targets) {
    it(`such as '${target.slice(0, 60)}' is answered in good order`, async () => {
      await serving(async ({ url }) => {
        const text = await Raw.say(url, request([`GET ${target} HTTP/1.1`, HOST, CLOSE]));
        const [status] = statuses(text);
        ok(status !== undefined && allowed.includes(status), text.slice(0, 200));
        ok(!/\bat .*:\d+:\d+/.test(text), text);
      });
    });
  }

  it("that is longer than all others is refused", async () => {
    await serving(async ({ url }) => {
      const target = `/health?${"x".repeat(1_000_000)}`;
      const text = await Raw.say(url, request([`GET ${target} HTTP/1.1`, HOST, CLOSE]));
      // Some platforms close the connection while the client still writes, which loses the answer.
      match(text, /^$|^HTTP\/1\.1 (400|413|414|431) /);
    });
  });
});

describe("a malformed request", () => {
  const chunked = "Transfer-Encoding: chunked";
  const post = "POST /api/v1/queues/mail/pause HTTP/1.1";
  const cases: readonly (readonly [string, string])[] = [
    ["no HTTP at all", "hello\r\n\r\n"],
    ["TLS", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n"],
    ["a version from the future", request(["GET /health HTTP/9.9", HOST])],
    ["a header without a colon", request(["GET /health HTTP/1.1", HOST, "nonsense"])],
    ["a header with a space in its name", request(["GET /health HTTP/1.1", HOST, "a b: c"])],
    ["a header with a null in it", request(["GET /health HTTP/1.1", HOST, "a: b\0c"])],
    ["a length that is no number", request([post, HOST, "Content-Length: five"], "12345")],
    ["a negative length", request([post, HOST, "Content-Length: -5"], "12345")],
    ["two lengths", request([post, HOST, "Content-Length: 5", "Content-Length: 6"], "123456")],
  ];
  for (const [what, text] of cases) {
    it(`with ${what} changes nothing, and ends its connection`, async () => {
      await serving(async ({ url }, store) => {
        const answer = await Raw.say(url, text);
        match(answer, /^$|^HTTP\/1\.1 (4\d\d|505) /);
        ok(!/\bat .*:\d+:\d+/.test(answer), answer);
        deepEqual(await store.paused(), []);
      });
    });
  }

  it("with a chunk without a size ends its connection", async () => {
    await serving(async ({ url }) => {
      const text = request([post, HOST, chunked], "zz\r\n12345\r\n0\r\n\r\n");
      // The route wants no body, and may have answered before it comes.
      match(await Raw.say(url, text), /^(HTTP\/1\.1 200 [^]*\})?(HTTP\/1\.1 400 [^]*)?$/);
    });
  });

  it("with both a length and chunks carries no second request", async () => {
    await serving(async ({ url }, store) => {
      const hidden = request(["POST /api/v1/queues/mail/pause HTTP/1.1", HOST, CLOSE]);
      const lines = ["GET /ready HTTP/1.1", HOST, CLOSE, `Content-Length: ${5 + hidden.length}`];
      const text = await Raw.say(url, request([...lines, chunked], `0\r\n\r\n${hidden}`));
      ok(statuses(text).length <= 1, text);
      deepEqual(await store.paused(), []);
    });
  });

  it("with a name of a host that is none is refused", async () => {
    await serving(async ({ url }) => {
      for (const host of ["a b", "evil.example", "localhost/health?", "x@localhost", ""]) {
        const lines = ["GET /api/v1/queues HTTP/1.1", `Host: ${host}`, CLOSE];
        const [status] = statuses(await Raw.say(url, request(lines)));
        // Without a host, the name in the URL is the platform's own.
        ok([400, 403].includes(status!) || host === "", `'${host}' gives ${status}`);
      }
    });
  });
});

it("who somebody says they are in a header is not believed", async () => {
  await serving(async ({ url }, store) => {
    const lines = [
      ...["POST /api/v1/queues/mail/pause HTTP/1.1", HOST, CLOSE],
      ...["X-GQM-User: root", "X-GQM-Role: admin", "x-gqm-user: root2"],
    ];
    deepEqual(statuses(await Raw.say(url, request(lines))), [200]);
    const { entries } = await store.trail("audit", { limit: 10 });
    const [entry] = entries.map(({ text }) => JSON.parse(text));
    deepEqual([entry.who, entry.by, entry.from], ["", "nothing", "127.0.0.1"]);
  });
});

it("an address that somebody gives themselves in a header is not theirs", async () => {
  const store = memoryStore();
  await using client = new Client({ store });
  await client.enqueue("email.send", {}, { queue: "mail" });
  const key = `gqm_ak_${"2".repeat(48)}`;
  const apiKeys = [{ name: "mover", key, role: "operator" as const }];
  await using monitor = createMonitor({ store, auth: { apiKeys }, logLevel: "silent" });
  await using served = await serveMonitor(monitor, { addr: "127.0.0.1:0" });
  const lines = [
    ...["POST /api/v1/queues/mail/pause HTTP/1.1", HOST, CLOSE],
    ...[`X-API-Key: ${key}`, "X-Forwarded-For: 6.6.6.6", "X-Real-IP: 6.6.6.6"],
  ];
  deepEqual(statuses(await Raw.say(served.url, request(lines))), [200]);
  const { entries } = await store.trail("audit", { limit: 10 });
  deepEqual(entries.map(({ text }) => JSON.parse(text).from), ["127.0.0.1"]);
});

it("a role that somebody gives themselves in a header is not theirs", async () => {
  const key = `gqm_ak_${"1".repeat(48)}`;
  await using monitor = createMonitor({
    store: memoryStore(),
    auth: { apiKeys: [{ name: "reader", key, role: "viewer" }] },
    logLevel: "silent",
  });
  await using served = await serveMonitor(monitor, { addr: "127.0.0.1:0" });
  const forged = [
    "X-GQM-User: root",
    "X-GQM-Role: admin",
    "X-GQM-Role: admin",
    "Connection: close",
  ];
  const own = await Raw.say(
    served.url,
    request(["GET /auth/me HTTP/1.1", HOST, `X-API-Key: ${key}`, ...forged]),
  );
  match(own, /"username":"apikey:reader","role":"viewer"/);
  const audit = request(["GET /api/v1/audit HTTP/1.1", HOST, `X-API-Key: ${key}`, ...forged]);
  deepEqual(statuses(await Raw.say(served.url, audit)), [403]);
  const nobody = request(["GET /api/v1/queues HTTP/1.1", HOST, ...forged]);
  deepEqual(statuses(await Raw.say(served.url, nobody)), [401]);
});
