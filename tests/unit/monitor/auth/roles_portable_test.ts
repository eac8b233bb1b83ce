import assert from "node:assert/strict";
import { test } from "node:test";
import type { Role } from "../../../../mod.ts";
import type { Access } from "../../../../src/monitor/auth/principal.ts";
import type { Route } from "../../../../src/monitor/route.ts";
import { routes } from "../../../../src/monitor/routes.ts";
import { type Ask, ask, keys, outcome, sessionOf, testMonitor } from "../../../support/monitor.ts";

/** Who may use what, as the design says it. */
const ALLOWED: Readonly<Record<Access, readonly Role[]>> = {
  open: ["producer", "viewer", "operator", "admin"],
  any: ["producer", "viewer", "operator", "admin"],
  producer: ["producer", "operator", "admin"],
  viewer: ["viewer", "operator", "admin"],
  operator: ["operator", "admin"],
  admin: ["admin"],
};
const ROLES: readonly Role[] = ["viewer", "operator", "admin", "producer"];
/** What a browser sends along with a change that another page may have made. */
const UNMEANT: readonly Readonly<Record<string, string>>[] = [
  { "x-gqm-csrf": "" },
  { "x-gqm-csrf": "true" },
  { origin: "http://evil.example" },
  { origin: "null" },
  { "sec-fetch-site": "cross-site" },
  { "sec-fetch-site": "same-site" },
];
const LOGIN = "POST /auth/login";

const nameOf = ({ method, path }: Route): string => `${method} ${path}`;

/** A request that comes through to the route, whatever the route then makes of it. */
function call(route: Route, headers: Readonly<Record<string, string>>): Promise<Response> {
  const path = route.path.replaceAll(/\{\w+\}/g, "0".repeat(64));
  const asked: Ask = { method: route.method, headers, ...(route.body && { body: {} }) };
  return ask(testedMonitor, path, asked);
}

const testedMonitor = testMonitor();

for (const route of routes) {
  test(`${nameOf(route)} is for those who may use it`, async () => {
    const stranger = await outcome(await call(route, {}));
    if (route.access === "open") {
      assert.ok(nameOf(route) === LOGIN || !/^40[13]/.test(stranger), stranger);
    } else {
      assert.equal(stranger, "401 UNAUTHORIZED");
    }
    for (const role of ROLES) {
      const told = await outcome(await call(route, { "x-api-key": keys[role] }));
      if (ALLOWED[route.access].includes(role)) {
        assert.ok(!/^(401|403|429|500)/.test(told), `${role}: ${told}`);
      } else {
        assert.equal(told, "403 FORBIDDEN", role);
      }
    }
  });

  if (route.method === "GET" || route.access === "open") continue;
  test(`${nameOf(route)} is not done in a session for another page`, async () => {
    const cookie = await sessionOf(testedMonitor, "ada");
    for (const told of UNMEANT) {
      const headers = { cookie, "x-gqm-csrf": "1", ...told };
      assert.equal(
        await outcome(await call(route, headers)),
        "403 CSRF_REQUIRED",
        Object.keys(told)[0],
      );
    }
  });
}
