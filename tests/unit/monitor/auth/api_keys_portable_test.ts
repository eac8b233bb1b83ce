import assert from "node:assert/strict";
import { test } from "node:test";
import { Client, hashApiKey, memoryStore, newApiKey } from "../../../../mod.ts";
import { routes } from "../../../../src/monitor/routes.ts";
import { ask, keys, outcome, sessionOf, testMonitor, users } from "../../../support/monitor.ts";

test("newApiKey makes a key, and a hash that opens with it", async () => {
  const [one, two] = [await newApiKey(), await newApiKey()];
  assert.match(one.key, /^gqm_ak_[0-9a-f]{48}$/);
  assert.notEqual(one.key, two.key);
  assert.equal(one.hash, await hashApiKey(one.key));
  const upper = one.hash.slice(7).toUpperCase();
  await using monitor = testMonitor({}, {
    apiKeys: [{ name: "a", key: `sha256:${upper}`, role: "operator" }, {
      name: "b",
      key: two.hash,
    }],
  });
  const me = async (key: string) =>
    await (await ask(monitor, "/auth/me", { headers: { "x-api-key": key } })).json();
  assert.deepEqual(await me(one.key), { username: "apikey:a", role: "operator" });
  assert.deepEqual(await me(two.key), { username: "apikey:b", role: "viewer" });
});

const headers: readonly (readonly [Record<string, string>, string])[] = [
  [{ "x-api-key": keys.viewer }, "apikey:viewer-key"],
  [{ authorization: `Bearer ${keys.viewer}` }, "apikey:viewer-key"],
  [{ authorization: `bearer   ${keys.viewer}` }, "apikey:viewer-key"],
  [{ "x-api-key": keys.viewer, authorization: `Bearer ${keys.admin}` }, "apikey:viewer-key"],
  [{ "x-api-key": "", authorization: `Bearer ${keys.admin}` }, "apikey:admin-key"],
  [{ "x-api-key": "wrong", authorization: `Bearer ${keys.admin}` }, ""],
  [{ "x-api-key": `${keys.viewer}, ${keys.viewer}` }, ""],
  [{ "x-api-key": keys.viewer.toUpperCase() }, ""],
  [{ "x-api-key": keys.viewer.slice(0, -1) }, ""],
  [{ "x-api-key": `${keys.viewer}0` }, ""],
  [{ "x-api-key": "x".repeat(10_000) }, ""],
  [{ authorization: `Basic ${keys.viewer}` }, ""],
  [{ authorization: keys.viewer }, ""],
  [{ authorization: `Bearer ${keys.viewer} ${keys.viewer}` }, ""],
  [{ "x-gqm-user": "ada", "x-gqm-role": "admin" }, ""],
  [{ "x-api-key": keys.viewer, "x-gqm-user": "ada", "x-gqm-role": "admin" }, "apikey:viewer-key"],
];

test("a key is taken from either header, and nobody is known by anything else", async () => {
  await using monitor = testMonitor();
  for (const [sent, username] of headers) {
    const response = await ask(monitor, "/auth/me", { headers: sent });
    const shown = JSON.stringify(sent).slice(0, 200);
    if (username === "") {
      assert.equal(response.headers.get("www-authenticate"), 'Bearer realm="gqm"', shown);
      assert.equal(await outcome(response), "401 UNAUTHORIZED", shown);
    } else {
      const role = username.slice("apikey:".length, -"-key".length);
      assert.deepEqual(await response.json(), { username, role }, shown);
    }
  }
});

test("the hash of a key does not open, and a session goes before a key", async () => {
  const { key, hash } = await newApiKey();
  await using monitor = testMonitor({}, { users, apiKeys: [{ name: "ci", key: hash }] });
  for (const sent of [hash, hash.slice(7)]) {
    const response = await ask(monitor, "/auth/me", { headers: { "x-api-key": sent } });
    assert.equal(response.status, 401);
  }
  const cookie = await sessionOf(monitor, "ada");
  const both = await ask(monitor, "/auth/me", { headers: { cookie, "x-api-key": key } });
  assert.equal((await both.json()).username, "ada");
  // It is the session that counts, so the change may come from another page.
  const change = { method: "POST", headers: { cookie, "x-api-key": key, "x-gqm-csrf": "" } };
  assert.equal(await outcome(await ask(monitor, "/auth/logout", change)), "403 CSRF_REQUIRED");
});

test("where there are keys and no users, whoever shows none is let in nowhere", async () => {
  await using monitor = testMonitor({}, { apiKeys: [{ name: "ci", key: keys.viewer }] });
  for (const from of ["127.0.0.1", "::1", "10.0.0.1"]) {
    for (const { method, path, access } of routes) {
      if (access === "open") continue;
      const named = path.replaceAll(/\{\w+\}/g, "0".repeat(64));
      const response = await ask(monitor, named, { method, from, origin: "http://localhost" });
      assert.equal(await outcome(response), "401 UNAUTHORIZED", `${method} ${path}`);
    }
  }
});

test("whoever has some queues only sees no others, and neither sessions nor the audit log", async () => {
  const store = memoryStore();
  await using client = new Client({ store });
  for (const queue of ["mail", "secret"]) await client.enqueue("a.b", {}, { queue });
  const apiKeys = [{ name: "mail", key: keys.admin, role: "admin" as const, queues: ["mail"] }];
  await using monitor = testMonitor({ store }, { apiKeys });
  const sent = { headers: { "x-api-key": keys.admin } };
  const { data } = await (await ask(monitor, "/api/v1/queues", sent)).json();
  assert.deepEqual(data.map(({ name }: { name: string }) => name), ["mail"]);
  const seen = async (path: string) => await outcome(await ask(monitor, path, sent));
  assert.equal(await seen("/api/v1/queues/secret"), "404 NOT_FOUND");
  assert.equal(await seen("/api/v1/queues/nothing"), "404 NOT_FOUND");
  assert.equal(await seen("/api/v1/sessions"), "403 FORBIDDEN");
  assert.equal(await seen("/api/v1/audit"), "403 FORBIDDEN");
});
