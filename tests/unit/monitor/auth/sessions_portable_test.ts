import assert from "node:assert/strict";
import { test } from "node:test";
import { memoryStore } from "../../../../mod.ts";
import { FakeClock } from "../../../../src/testing/fake_clock.ts";
import {
  type Ask,
  ask,
  cookiesOf,
  hashes,
  keys,
  login,
  outcome,
  passwords,
  sessionOf,
  testMonitor,
  users,
} from "../../../support/monitor.ts";

test("a login opens a session until the logout", async () => {
  await using monitor = testMonitor();
  const response = await login(monitor, "ada", passwords.ada);
  assert.equal(response.status, 200);
  assert.equal(response.headers.get("cache-control"), "no-store");
  assert.deepEqual(await response.json(), { ok: true, username: "ada" });
  const cookie = `gqm_session=${cookiesOf(response).get("gqm_session")}`;
  const me = await ask(monitor, "/auth/me", { headers: { cookie } });
  assert.deepEqual(await me.json(), { username: "ada", role: "admin" });

  const unmeant = { method: "POST", headers: { cookie, "x-gqm-csrf": "0" } };
  assert.equal(await outcome(await ask(monitor, "/auth/logout", unmeant)), "403 CSRF_REQUIRED");
  const out = await ask(monitor, "/auth/logout", { method: "POST", headers: { cookie } });
  assert.deepEqual(await out.json(), { ok: true });
  assert.match(out.headers.getSetCookie()[0]!, /^gqm_session=; Path=\/; Max-Age=0; HttpOnly/);
  const after = await ask(monitor, "/auth/me", { headers: { cookie } });
  assert.equal(await outcome(after), "401 UNAUTHORIZED");
});

const flags: readonly {
  readonly when: string;
  readonly options?: { readonly trustProxy?: boolean };
  readonly cookieSecure?: boolean;
  readonly asked?: Ask;
  readonly isSecure: boolean;
}[] = [
  { when: "over HTTP", isSecure: false },
  { when: "over TLS", asked: { origin: "https://gqm.example" }, isSecure: true },
  { when: "with cookieSecure", cookieSecure: true, isSecure: true },
  {
    when: "over the TLS of a proxy that is not trusted",
    asked: { headers: { "x-forwarded-proto": "https" } },
    isSecure: false,
  },
  {
    when: "over the TLS of a trusted proxy",
    options: { trustProxy: true },
    asked: { headers: { "x-forwarded-proto": "https" } },
    isSecure: true,
  },
];

for (const { when, options, cookieSecure = false, asked, isSecure } of flags) {
  test(`the cookie of a session ${isSecure ? "is" : "is not"} for TLS alone ${when}`, async () => {
    await using monitor = testMonitor(options, { users, cookieSecure, sessionTtlMs: 90_500 });
    const response = await login(monitor, "ada", passwords.ada, asked);
    const site = isSecure ? "Secure; SameSite=Strict" : "SameSite=Lax";
    const [session, browser] = response.headers.getSetCookie();
    assert.match(session!, /^gqm_session=[0-9a-f]{64}; /);
    assert.ok(session!.endsWith(`; Path=/; Max-Age=90; HttpOnly; ${site}`), session);
    // Without a path, so that it is sent beside the login whatever a proxy puts in front.
    assert.match(browser!, /^gqm_browser=[^;]+; Max-Age=15552000; HttpOnly/);
    assert.ok(browser!.endsWith(`; ${site}`));
  });
}

test("a cookie that is no session's lets nobody in, and a key beside it does", async () => {
  await using monitor = testMonitor();
  const good = await sessionOf(monitor, "ada");
  const token = good.slice("gqm_session=".length);
  const bad = [
    "",
    "gqm_session",
    "gqm_session=",
    `gqm_session=${token.slice(1)}`,
    `gqm_session=${token}0`,
    `gqm_session=${token.slice(0, -1)}G`,
    `gqm_session=${"A".repeat(64)}`,
    `gqm_session=${"0".repeat(64)}`,
    `gqm_session="${token}"`,
    `gqm_session=%${token.charCodeAt(0).toString(16)}${token.slice(1)}`,
    `gqm%5Fsession=${token}`,
    `GQM_SESSION=${token}`,
    `gqm_session==${token}`,
    `x_gqm_session=${token}`,
    `gqm_session=${"0".repeat(64)}; ${good}`,
    `${good}; ${good}`,
    `gqm_session=${"f".repeat(100_000)}`,
    "gqm_session=../../session; ;;=;",
  ];
  for (const cookie of bad) {
    const alone = await ask(monitor, "/auth/me", { headers: { cookie } });
    assert.equal(await outcome(alone), "401 UNAUTHORIZED", cookie.slice(0, 100));
    const headers = { cookie, "x-api-key": keys.viewer };
    const withKey = await ask(monitor, "/auth/me", { headers });
    assert.equal((await withKey.json()).username, "apikey:viewer-key");
  }
  const among = await ask(monitor, "/auth/me", { headers: { cookie: `a=b;${good} ; c=d` } });
  assert.equal(among.status, 200);
});

test("a session ends when its time is over, however much it is used", async () => {
  const clock = new FakeClock();
  const store = memoryStore({ clock });
  await using monitor = testMonitor({ store, clock }, { users, sessionTtlMs: 60_000 });
  const cookie = await sessionOf(monitor, "ada");
  const status = async () => (await ask(monitor, "/auth/me", { headers: { cookie } })).status;
  for (const ms of [30_000, 29_999]) {
    await clock.advance(ms);
    assert.equal(await status(), 200);
  }
  await clock.advance(1);
  assert.equal(await status(), 401);
});

const changes = {
  "is no user any more": users.filter(({ username }) => username !== "ada"),
  "has another password": [{ ...users[0]!, passwordHash: hashes.other }, users[1]!],
};

for (const [what, left] of Object.entries(changes)) {
  test(`the session of somebody who ${what} is over, with a key too`, async () => {
    const store = memoryStore();
    const apiKeys = [{ name: "ci", key: keys.admin, role: "admin" as const }];
    await using before = testMonitor({ store }, { users, apiKeys });
    const cookie = await sessionOf(before, "ada");
    const other = await sessionOf(before, "vic");
    await using after = testMonitor({ store }, { users: left, apiKeys });
    const withKey = { headers: { cookie, "x-api-key": keys.admin } };
    const listed = await ask(after, "/api/v1/sessions", { headers: { "x-api-key": keys.admin } });
    const { data } = await listed.json();
    assert.deepEqual(data.map(({ username }: { username: string }) => username), ["vic"]);
    assert.equal(await outcome(await ask(after, "/auth/me", withKey)), "401 UNAUTHORIZED");
    // The session is deleted, so that only the key is left.
    assert.equal((await ask(after, "/auth/me", withKey)).status, 200);
    assert.equal((await ask(before, "/auth/me", { headers: { cookie } })).status, 401);
    assert.equal((await ask(after, "/auth/me", { headers: { cookie: other } })).status, 200);
  });
}

test("the store keeps neither tokens nor passwords nor their hashes", async () => {
  const store = memoryStore();
  await using monitor = testMonitor({ store });
  const token = (await sessionOf(monitor, "ada")).slice("gqm_session=".length);
  const { memos } = await store.memosUnder("s", { limit: 100 });
  const { entries } = await store.trail("audit", { limit: 100 });
  const kept = JSON.stringify([memos, entries]);
  assert.equal(memos.length, 1);
  for (const secret of [token, passwords.ada, hashes.ada, hashes.ada.slice(7)]) {
    assert.ok(!kept.includes(secret));
  }
});

test("an admin lists the sessions page by page and ends one", async () => {
  await using monitor = testMonitor();
  const admin = await sessionOf(monitor, "ada", { from: "10.1.1.1" });
  const viewer = await sessionOf(monitor, "vic", { from: "10.2.2.2" });
  const headers = { cookie: admin };
  const sessions = [];
  let next = "/api/v1/sessions?limit=1";
  for (let pages = 0; pages < 3; pages++) {
    const { data, meta } = await (await ask(monitor, next, { headers })).json();
    sessions.push(...data);
    if (meta.cursor === undefined) break;
    next = `/api/v1/sessions?limit=1&cursor=${encodeURIComponent(meta.cursor)}`;
  }
  sessions.sort((a, b) => a.username < b.username ? -1 : 1);
  assert.deepEqual(
    sessions.map(({ username, from, current }) => [username, from, current]),
    [["ada", "10.1.1.1", true], ["vic", "10.2.2.2", false]],
  );
  const { id, started_at_ms, ends_at_ms } = sessions[1];
  assert.equal(ends_at_ms - started_at_ms, 86_400_000);
  assert.ok(!viewer.includes(id));
  const stolen = { cookie: `gqm_session=${id}` };
  assert.equal((await ask(monitor, "/auth/me", { headers: stolen })).status, 401);

  const end = (name: string) =>
    ask(monitor, `/api/v1/sessions/${name}`, { method: "DELETE", headers });
  assert.equal(await outcome(await end("x")), "400 BAD_REQUEST");
  assert.equal((await end(id)).status, 204);
  assert.equal(await outcome(await end(id)), "404 NOT_FOUND");
  assert.equal((await ask(monitor, "/auth/me", { headers: { cookie: viewer } })).status, 401);
  assert.equal((await ask(monitor, "/auth/me", { headers })).status, 200);
  const wrong = await ask(monitor, "/api/v1/sessions?cursor=%0A", { headers });
  assert.equal(await outcome(wrong), "400 BAD_REQUEST");
});
