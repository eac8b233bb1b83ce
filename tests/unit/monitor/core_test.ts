import assert from "node:assert/strict";
import { test } from "node:test";
import { Client, createMonitor, memoryStore } from "../../../mod.ts";
import { CollectingLogger } from "../../support/collecting_logger.ts";

const HERE = { remoteAddr: "127.0.0.1" };

function ask(path: string, init?: RequestInit): Request {
  return new Request(`http://localhost${path}`, init);
}

test("a monitor tells how a queue stands and pauses it", async () => {
  const store = memoryStore();
  await using client = new Client({ store });
  await client.enqueue("email.send", {}, { queue: "mail" });
  await using monitor = createMonitor({ store, auth: "none", logLevel: "silent" });
  const before = await (await monitor.fetch(ask("/api/v1/queues"), HERE)).json();
  assert.equal(before.data[0].ready, 1);
  assert.equal(before.data[0].paused, false);
  const paused = await monitor.fetch(ask("/api/v1/queues/mail/pause", { method: "POST" }), HERE);
  assert.deepEqual(await paused.json(), { ok: true, queue: "mail", status: "paused" });
  const after = await (await monitor.fetch(ask("/api/v1/queues/mail"), HERE)).json();
  assert.equal(after.data.paused, true);
  const { entries } = await store.trail("audit", { limit: 10 });
  assert.deepEqual(JSON.parse(entries[0]!.text), {
    action: "queue.pause",
    target: { name: "mail" },
    who: "",
    by: "nothing",
    from: "127.0.0.1",
    status: 200,
  });
});

test("a monitor without auth serves this machine alone, by a name of its own", async () => {
  await using monitor = createMonitor({ store: memoryStore(), auth: "none", logLevel: "silent" });
  const statusFor = async (url: string, remoteAddr?: string, headers?: HeadersInit) => {
    const request = new Request(url, { headers });
    return (await monitor.fetch(request, remoteAddr === undefined ? {} : { remoteAddr })).status;
  };
  assert.equal(await statusFor("http://localhost/health", "127.0.0.1"), 200);
  assert.equal(await statusFor("http://[::1]:8080/health", "::1"), 200);
  assert.equal(await statusFor("http://localhost/health", "10.0.0.7"), 403);
  assert.equal(await statusFor("http://localhost/health"), 403);
  assert.equal(await statusFor("http://evil.example/health", "127.0.0.1"), 403);
});

test("a monitor without auth serves nobody by a proxy that says it was asked by another machine", async () => {
  const ways: readonly (readonly [Record<string, string>, number])[] = [
    [{ "x-forwarded-for": "203.0.113.7" }, 403],
    [{ "x-forwarded-for": "203.0.113.7, 127.0.0.1" }, 403],
    [{ "x-forwarded-for": "127.0.0.1, 2001:db8::7" }, 403],
    [{ "x-forwarded-for": "" }, 403],
    [{ "x-real-ip": "203.0.113.7" }, 403],
    [{ forwarded: "for=203.0.113.7" }, 403],
    [{ "cf-connecting-ip": "203.0.113.7" }, 403],
    [{ "x-forwarded-host": "gqm.example.com" }, 403],
    [{ "x-forwarded-host": "localhost:5173, gqm.example.com" }, 403],
    [{ "x-forwarded-host": "localhost:5173" }, 200],
    [{ "x-forwarded-host": "[::1]:5173" }, 200],
    [{ "x-forwarded-for": "127.0.0.1" }, 200],
    [{ "x-forwarded-for": "[::1]:5173, ::ffff:127.0.0.1", "x-real-ip": "::1" }, 200],
  ];
  for (const trustProxy of [false, true]) {
    await using monitor = createMonitor({
      ...{ store: memoryStore(), auth: "none", logLevel: "silent", trustProxy },
    });
    for (const [headers, status] of ways) {
      const response = await monitor.fetch(ask("/api/v1/queues", { headers }), HERE);
      assert.equal(response.status, status, JSON.stringify(headers));
    }
  }
});

test("a monitor that seems to stand behind a proxy that it does not trust says so, once", async () => {
  const auth = { apiKeys: [{ name: "ci", key: "k".repeat(64), role: "viewer" as const }] };
  for (const trustProxy of [false, true]) {
    const logger = new CollectingLogger();
    await using monitor = createMonitor({ store: memoryStore(), auth, logger, trustProxy });
    for (const name of ["x-unknown", "x-forwarded-for", "x-real-ip"]) {
      const headers = { [name]: "203.0.113.7" };
      assert.equal((await monitor.fetch(ask("/health", { headers }), HERE)).status, 200);
    }
    const lines = logger.lines.filter(({ fields }) => fields.option === "trustProxy");
    assert.deepEqual(lines.map(({ level }) => level), trustProxy ? [] : ["warn"]);
  }
});

test("a change from another page is refused", async () => {
  const store = memoryStore();
  await using client = new Client({ store });
  await client.enqueue("email.send", {});
  await using monitor = createMonitor({ store, auth: "none", logLevel: "silent" });
  const codeFor = async (headers: Record<string, string>): Promise<string | undefined> => {
    const request = ask("/api/v1/queues/default/pause", { method: "POST", headers });
    return (await (await monitor.fetch(request, HERE)).json()).code;
  };
  assert.equal(
    await codeFor({ origin: "http://evil.example", "x-gqm-csrf": "1" }),
    "CSRF_REQUIRED",
  );
  assert.equal(
    await codeFor({ "sec-fetch-site": "cross-site", "x-gqm-csrf": "1" }),
    "CSRF_REQUIRED",
  );
  assert.equal(await codeFor({ origin: "http://localhost" }), "CSRF_REQUIRED");
  assert.equal(await codeFor({ origin: "http://localhost", "x-gqm-csrf": "1" }), undefined);
  assert.equal(await codeFor({}), undefined);
});

test("paths, methods and names that are wrong are told by status and code", async () => {
  await using monitor = createMonitor({ store: memoryStore(), auth: "none", logLevel: "silent" });
  const unknown = await monitor.fetch(ask("/api/v1/nothing"), HERE);
  assert.equal(unknown.status, 404);
  assert.match(unknown.headers.get("content-type")!, /^text\/plain/);
  const wrong = await monitor.fetch(ask("/api/v1/queues", { method: "DELETE" }), HERE);
  assert.equal(wrong.status, 405);
  assert.equal(wrong.headers.get("allow"), "GET, HEAD");
  for (const name of ["a%2Fb", "%FF", "a%00", "%E2%80%AE"]) {
    const bad = await monitor.fetch(ask(`/api/v1/queues/${name}`), HERE);
    assert.equal(bad.status, 400, name);
    assert.equal((await bad.json()).code, "BAD_REQUEST");
  }
  const head = await monitor.fetch(ask("/api/v1/queues", { method: "HEAD" }), HERE);
  assert.equal(head.status, 200);
  assert.equal(await head.text(), "");
  assert.equal(head.headers.get("content-length"), String('{"data":[]}'.length));
  assert.match(head.headers.get("content-security-policy")!, /frame-ancestors 'none'/);
  assert.equal(head.headers.get("cache-control"), "no-store");
});
