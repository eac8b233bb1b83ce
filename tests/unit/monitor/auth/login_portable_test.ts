import assert from "node:assert/strict";
import { test } from "node:test";
import { createMonitor, memoryStore, type Monitor } from "../../../../mod.ts";
import { newBrowser } from "../../../../src/monitor/auth/browsers.ts";
import { FakeClock } from "../../../../src/testing/fake_clock.ts";
import { CollectingLogger } from "../../../support/collecting_logger.ts";
import {
  ask,
  cookiesOf,
  login,
  outcome,
  passwords,
  testMonitor,
  users,
} from "../../../support/monitor.ts";

function post(monitor: Monitor, body: string, type?: string): Promise<Response> {
  const headers: HeadersInit = type === undefined ? {} : { "content-type": type };
  const request = new Request("http://localhost/auth/login", { method: "POST", headers, body });
  return monitor.fetch(request, { remoteAddr: "127.0.0.1" });
}

test("a login is checked in the order of the specification", async () => {
  await using open = createMonitor({ store: memoryStore(), auth: "none", logLevel: "silent" });
  assert.equal(await outcome(await post(open, "{", "text/plain")), "400 AUTH_DISABLED");
  await using monitor = testMonitor();
  const json = (username: unknown, password: unknown) => JSON.stringify({ username, password });
  const cases: readonly (readonly [string, string | undefined, string])[] = [
    [json("ada", passwords.ada), "text/plain", "415 UNSUPPORTED_MEDIA_TYPE"],
    [json("ada", passwords.ada), "application/x-www-form-urlencoded", "415 UNSUPPORTED_MEDIA_TYPE"],
    [json("ada", passwords.ada), undefined, "415 UNSUPPORTED_MEDIA_TYPE"],
    ["{", "application/json", "400 BAD_REQUEST"],
    ["", "application/json", "400 BAD_REQUEST"],
    ["[]", "application/json", "400 BAD_REQUEST"],
    ["null", "application/json", "400 BAD_REQUEST"],
    ["{}", "application/json", "400 BAD_REQUEST"],
    [json("", passwords.ada), "application/json", "400 BAD_REQUEST"],
    [json("ada", ""), "application/json", "400 BAD_REQUEST"],
    [json(["ada"], passwords.ada), "application/json", "400 BAD_REQUEST"],
    [json("ada", { length: 3 }), "application/json", "400 BAD_REQUEST"],
    [json("a".repeat(257), passwords.ada), "application/json", "400 BAD_REQUEST"],
    [json("ada", "p".repeat(257)), "application/json", "400 BAD_REQUEST"],
    [json("ada", "p".repeat(256)), "application/json", "401 UNAUTHORIZED"],
    [json("ada", passwords.vic), "application/json; charset=utf-8", "401 UNAUTHORIZED"],
    [json("Ada", passwords.ada), "application/json", "401 UNAUTHORIZED"],
    [json("ada ", passwords.ada), "application/json", "401 UNAUTHORIZED"],
    [json("__proto__", "constructor"), "application/json", "401 UNAUTHORIZED"],
    [json("\u0000\ud800", "\ud800"), "application/json", "401 UNAUTHORIZED"],
    [json("ada", passwords.ada), "Application/JSON;charset=utf-8", "200"],
  ];
  for (const [body, type, expected] of cases) {
    assert.equal(await outcome(await post(monitor, body, type)), expected, `${type} ${body}`);
  }
});

test("a login with keys alone lets nobody in", async () => {
  await using monitor = testMonitor({}, { apiKeys: [{ name: "a", key: "k".repeat(32) }] });
  assert.equal(await outcome(await login(monitor, "ada", passwords.ada)), "401 UNAUTHORIZED");
});

test("five wrong passwords from an address keep out there, and nowhere else", async () => {
  const clock = new FakeClock();
  await using monitor = testMonitor({ store: memoryStore({ clock }), clock });
  const attempt = (password: string, from: string) => login(monitor, "ada", password, { from });
  for (let i = 0; i < 5; i++) {
    assert.equal(await outcome(await attempt("wrong", "10.0.0.9")), "401 UNAUTHORIZED");
  }
  const refused = await attempt(passwords.ada, "10.0.0.9");
  assert.equal(await outcome(refused), "429 RATE_LIMITED");
  const seconds = Number(refused.headers.get("retry-after"));
  assert.ok(seconds > 0 && seconds <= 306, String(seconds));
  assert.equal((await attempt(passwords.ada, "10.0.0.8")).status, 200);
  assert.equal((await login(monitor, "vic", passwords.vic, { from: "10.0.0.9" })).status, 200);
  await clock.advance(seconds * 1000);
  assert.equal((await attempt(passwords.ada, "10.0.0.9")).status, 200);
});

test("a right password gives back the tries that came before", async () => {
  await using monitor = testMonitor();
  for (let round = 0; round < 3; round++) {
    for (let i = 0; i < 4; i++) assert.equal((await login(monitor, "ada", "wrong")).status, 401);
    assert.equal((await login(monitor, "ada", passwords.ada)).status, 200);
  }
});

test("an address may try so many passwords of all names together, a network of IPv6 too", async () => {
  const addresses = (i: number) => ({ "one address": "10.0.0.9", "a network": `2001:db8::${i}` });
  for (const kind of ["one address", "a network"] as const) {
    await using monitor = testMonitor();
    const outcomes = [];
    for (let i = 1; i <= 32; i++) {
      const from = addresses(i)[kind];
      outcomes.push((await login(monitor, `user-${i}`, "wrong", { from })).status);
    }
    assert.deepEqual(outcomes, [...Array(30).fill(401), 429, 429], kind);
    assert.equal((await login(monitor, "ada", passwords.ada, { from: "10.9.9.9" })).status, 200);
  }
});

test("a browser from which somebody has logged in gets in while others guess from its address", async () => {
  await using monitor = testMonitor();
  const first = await login(monitor, "ada", passwords.ada);
  const cookie = `gqm_browser=${cookiesOf(first).get("gqm_browser")}`;
  for (let i = 0; i < 40; i++) await login(monitor, i % 2 ? "ada" : "vic", `wrong ${i}`);
  assert.equal((await login(monitor, "ada", passwords.ada)).status, 429);
  assert.equal((await login(monitor, "vic", passwords.vic, { headers: { cookie } })).status, 429);
  const forged = { headers: { cookie: `gqm_browser=${"0".repeat(32)}.${"0".repeat(64)}` } };
  assert.equal((await login(monitor, "ada", passwords.ada, forged)).status, 429);
  assert.equal((await login(monitor, "ada", passwords.ada, { headers: { cookie } })).status, 200);
  const outcomes = [];
  for (let i = 0; i < 7; i++) {
    outcomes.push((await login(monitor, "ada", "wrong", { headers: { cookie } })).status);
  }
  assert.deepEqual(outcomes, [401, 401, 401, 401, 401, 429, 429]);
});

test("nobody makes the cookie of a known browser, for a name that nobody has either", async () => {
  await using monitor = testMonitor();
  // What a password is compared with where there is no such user is no secret.
  const hash = `$2b$04$${".".repeat(53)}`;
  const outcomes = [];
  for (let i = 0; i < 6; i++) {
    const cookie = `gqm_browser=${await newBrowser("eve", hash)}`;
    outcomes.push((await login(monitor, "eve", "wrong", { headers: { cookie } })).status);
  }
  assert.deepEqual(outcomes, [401, 401, 401, 401, 401, 429]);
});

test("logins are in the audit log; failed ones are logged, without what may be a password", async () => {
  const logger = new CollectingLogger();
  const store = memoryStore();
  await using monitor = testMonitor({ store, logger, logLevel: "debug" }, { users });
  const session = cookiesOf(await login(monitor, "ada", passwords.ada)).get("gqm_session")!;
  await login(monitor, "ada", "wrong-password");
  await login(monitor, passwords.vic, "vic");
  await ask(monitor, "/auth/logout", {
    method: "POST",
    headers: { cookie: `gqm_session=${session}` },
  });
  const { entries } = await store.trail("audit", { limit: 10 });
  const told = entries.map(({ text }) => JSON.parse(text)).map(({ action, who }) => [action, who]);
  assert.deepEqual(told, [["auth.logout", "ada"], ["auth.login", "ada"]]);
  const failed = logger.saying("Login failed");
  assert.deepEqual(failed.map(({ level, fields }) => [level, fields.username, fields.from]), [
    ["warn", "ada", "10.0.0.1"],
    ["warn", undefined, "10.0.0.1"],
  ]);
  const log = JSON.stringify(logger.lines);
  for (const secret of ["wrong-password", passwords.vic, passwords.ada, session, "$2b$"]) {
    assert.ok(!log.includes(secret), secret);
  }
});
