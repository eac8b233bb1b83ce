/** For logins, sessions and the audit log: requests and the exact answers, on every kind of store. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { FAKE_CLOCK_START } from "../../src/testing/fake_clock.ts";
import { createMonitor, memoryStore } from "../../mod.ts";
import {
  apiKeys,
  type Ask,
  ask,
  cookiesOf,
  keys,
  login,
  passwords,
  testMonitor,
  users,
} from "../support/monitor.ts";
import { assertMatches } from "../support/json_schema.ts";
import { routeOf } from "./support/desk.ts";
import { kinds } from "./support/places.ts";

const DAY = 86_400_000;

interface Named {
  readonly id: string;
  readonly username: string;
}

async function bodyOf(route: string, response: Response): Promise<unknown> {
  const [method, path] = route.split(" ");
  const { body, status = 200 } = routeOf(path!, method).answer;
  assert.equal(response.status, status, route);
  const told = await response.json();
  assertMatches(body!, told, route);
  return told;
}

for (const { name, skip, make } of kinds) {
  test(
    `logins, sessions and the audit log answer as the contract says (${name})`,
    { skip },
    async () => {
      await using place = await make();
      const { store, clock } = place;
      await using monitor = testMonitor({ store, clock });
      const entered = await login(monitor, "ada", passwords.ada);
      assert.deepEqual(await bodyOf("POST /auth/login", entered), { ok: true, username: "ada" });
      const cookies = cookiesOf(entered);
      assert.deepEqual([...cookies.keys()], ["gqm_session", "gqm_browser"]);
      const session: Ask = { headers: { cookie: `gqm_session=${cookies.get("gqm_session")}` } };
      const byKey: Ask = { headers: { "x-api-key": keys.admin } };
      const get = async (path: string, asked: Ask): Promise<unknown> =>
        await bodyOf(`GET ${path.split("?")[0]}`, await ask(monitor, path, asked));
      assert.deepEqual(await get("/auth/me", session), { username: "ada", role: "admin" });
      assert.deepEqual(await get("/auth/me", byKey), {
        username: "apikey:admin-key",
        role: "admin",
      });

      await clock.advance(1000);
      const second = await login(monitor, "vic", passwords.vic, { from: "2001:db8::7" });
      assert.equal(second.status, 200);
      const listed = await get("/api/v1/sessions", session) as { data: Named[] };
      const [ada, vic] = ["ada", "vic"].map((name) =>
        listed.data.find(({ username }) => username === name)!.id
      );
      const rows = [
        {
          ...{ id: ada!, username: "ada", from: "10.0.0.1", current: true },
          ...{ started_at_ms: FAKE_CLOCK_START, ends_at_ms: FAKE_CLOCK_START + DAY },
        },
        {
          ...{ id: vic!, username: "vic", from: "2001:db8::7", current: false },
          ...{ started_at_ms: FAKE_CLOCK_START + 1000, ends_at_ms: FAKE_CLOCK_START + 1000 + DAY },
        },
      ];
      const byId = rows.toSorted((a, b) => a.id < b.id ? -1 : 1);
      assert.deepEqual(listed, { data: byId, meta: { limit: 20 } });
      const first = await get("/api/v1/sessions?limit=1", byKey);
      const { id } = byId[0]!;
      assert.deepEqual(first, {
        data: [{ ...byId[0], current: false }],
        meta: { limit: 1, cursor: id },
      });
      assert.deepEqual(await get(`/api/v1/sessions?limit=1&cursor=${id}`, byKey), {
        data: [{ ...byId[1], current: false }],
        meta: { limit: 1 },
      });

      const end = await ask(monitor, `/api/v1/sessions/${vic}`, { ...byKey, method: "DELETE" });
      assert.deepEqual([end.status, await end.text()], [204, ""]);
      const left = await ask(monitor, "/auth/logout", { ...session, method: "POST" });
      assert.deepEqual(await bodyOf("POST /auth/logout", left), { ok: true });

      const entry = { target: {}, who: "ada", by: "session", from: "10.0.0.1", status: 200 };
      const later = FAKE_CLOCK_START + 1000;
      const entries = [
        { ...entry, number: 4, at_ms: later, action: "auth.logout" },
        {
          ...{ number: 3, at_ms: later, action: "session.end", target: { id: vic }, status: 204 },
          ...{ who: "apikey:admin-key", by: "key", from: "10.0.0.1", detail: { username: "vic" } },
        },
        {
          ...entry,
          number: 2,
          at_ms: later,
          action: "auth.login",
          who: "vic",
          from: "2001:db8::7",
        },
        { ...entry, number: 1, at_ms: FAKE_CLOCK_START, action: "auth.login" },
      ];
      assert.deepEqual(await get("/api/v1/audit", byKey), { data: entries, meta: { limit: 20 } });
      assert.deepEqual(await get("/api/v1/audit?limit=3&who=ada", byKey), {
        data: [entries[0], entries[3]],
        meta: { limit: 3 },
      });
      assert.deepEqual(await get("/api/v1/audit?limit=2", byKey), {
        data: entries.slice(0, 2),
        meta: { limit: 2, cursor: "3" },
      });
      assert.deepEqual(await get("/api/v1/audit?limit=2&cursor=3", byKey), {
        data: entries.slice(2),
        meta: { limit: 2 },
      });
    },
  );
}

test("a page learns who asks, also before anybody has logged in", async () => {
  const scoped = {
    name: "mail-key",
    key: "b".repeat(40),
    role: "operator",
    queues: ["mail"],
  } as const;
  await using monitor = testMonitor({}, { users, apiKeys: [...apiKeys, scoped] });
  const session = async (headers: Readonly<Record<string, string>> = {}): Promise<unknown> =>
    await bodyOf("GET /auth/session", await ask(monitor, "/auth/session", { headers }));
  const nobody = { user: null, login: true };
  const all = { queues: null, types: null };
  assert.deepEqual(await session(), nobody);
  assert.deepEqual(await session({ cookie: `gqm_session=${"0".repeat(64)}` }), nobody);
  assert.deepEqual(await session({ "x-api-key": "c".repeat(40) }), nobody);
  assert.deepEqual(await session({ "x-api-key": scoped.key }), {
    user: { username: "apikey:mail-key", role: "operator", ...all, queues: ["mail"] },
    login: true,
  });
  const cookies = cookiesOf(await login(monitor, "ada", passwords.ada));
  const cookie = `gqm_session=${cookies.get("gqm_session")}`;
  assert.deepEqual(await session({ cookie }), {
    user: { username: "ada", role: "admin", ...all },
    login: true,
  });
  assert.equal(
    (await ask(monitor, "/auth/logout", { method: "POST", headers: { cookie } })).status,
    200,
  );
  assert.deepEqual(await session({ cookie }), nobody);
});

test("a page learns that nobody has to log in", async () => {
  await using monitor = createMonitor({ store: memoryStore(), auth: "none", logLevel: "silent" });
  const asked = { from: "127.0.0.1", origin: "http://localhost" };
  const response = await ask(monitor, "/auth/session", asked);
  assert.deepEqual(await bodyOf("GET /auth/session", response), {
    user: { username: "", role: "admin", queues: null, types: null },
    login: false,
  });
});
