import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import { createMonitor, InvalidOptionError, memoryStore } from "../../../mod.ts";
import type { Authenticator } from "../../../src/monitor/auth/auth.ts";
import { Cors } from "../../../src/monitor/cors.ts";
import { ApiError } from "../../../src/monitor/errors.ts";
import { answering, echo, ownMonitor } from "../../monitor/support/own_monitor.ts";

const PAGE = "https://app.example.com";
const KEYED = { "x-api-key": "k" };

/** A key is known, and nothing else. */
const auth: Authenticator = {
  isOff: false,
  logins: undefined,
  identify: ({ request }) => {
    if (request.headers.get("x-api-key") !== "k") {
      return Promise.reject(new ApiError("UNAUTHORIZED", "no key"));
    }
    const principal = { name: "apikey:k", role: "admin", queues: null, types: null, by: "key" };
    return Promise.resolve(principal as Awaited<ReturnType<Authenticator["identify"]>>);
  },
};

async function ask(
  method: string,
  path: string,
  headers: Readonly<Record<string, string>>,
  origins: readonly string[] = [PAGE],
): Promise<Response> {
  const cors = origins.length > 0 ? new Cors(origins) : undefined;
  const read = answering("/read", () => Promise.resolve({ body: {} }));
  await using monitor = ownMonitor([echo, read], { auth, cors });
  const body = method === "POST" ? "{}" : null;
  const request = new Request(`http://gqm.example${path}`, { method, headers, body });
  return await monitor.fetch(request, { remoteAddr: "10.0.0.7" });
}

function granted(response: Response): string | null {
  assertEquals(response.headers.get("access-control-allow-credentials"), null);
  return response.headers.get("access-control-allow-origin");
}

const asked = { "access-control-request-method": "POST" };
const withKey = { ...asked, "access-control-request-headers": "Content-Type, X-API-Key" };

Deno.test("a browser's question is answered for pages that were named, for calls with a key", async () => {
  const response = await ask("OPTIONS", "/echo", { origin: PAGE, ...withKey });
  assertEquals(response.status, 204);
  assertEquals(granted(response), PAGE);
  assertEquals(response.headers.get("access-control-allow-methods"), "POST");
  assertMatch(response.headers.get("access-control-allow-headers")!, /x-api-key.*content-type/);
  assertEquals(response.headers.get("vary"), "Origin");
  assertEquals(response.headers.get("x-frame-options"), "DENY");
});

const unanswered: readonly (readonly [string, Record<string, string>, origins?: string[]])[] = [
  ["of a page that was not named", { origin: "https://evil.example", ...withKey }],
  ["of a page whose origin only begins alike", { origin: `${PAGE}.evil.example`, ...withKey }],
  ["of a page of another scheme", { origin: PAGE.replace("https", "http"), ...withKey }],
  ["of a page without an origin", { origin: "null", ...withKey }],
  ["without an origin", withKey],
  ["for a call without a key", { origin: PAGE, ...asked }],
  ["that asks for nothing", { origin: PAGE }],
  ["where no page was named", { origin: PAGE, ...withKey }, []],
];

for (const [what, headers, origins] of unanswered) {
  Deno.test(`a browser's question ${what} is not answered`, async () => {
    const response = await ask("OPTIONS", "/echo", headers, origins);
    assertEquals(response.status, 405);
    assertEquals(granted(response), null);
  });
}

Deno.test("a page that was named reads answers to calls with a key, errors too", async () => {
  const json = { "content-type": "application/json" };
  const changed = await ask("POST", "/echo", { origin: PAGE, ...KEYED, ...json });
  assertEquals([changed.status, granted(changed)], [200, PAGE]);
  const read = await ask("GET", "/read", { origin: PAGE, ...KEYED });
  assertEquals([read.status, granted(read)], [200, PAGE]);
  assertMatch(read.headers.get("access-control-expose-headers")!, /retry-after/);
  const refused = await ask("GET", "/read", { origin: PAGE, "x-api-key": "wrong" });
  assertEquals([refused.status, granted(refused)], [401, PAGE]);
  const unknown = await ask("GET", "/none", { origin: PAGE, ...KEYED });
  assertEquals([unknown.status, granted(unknown)], [404, PAGE]);
});

Deno.test("other pages, and calls without a key, are told nothing, and caches that it depends", async () => {
  const cases: readonly Record<string, string>[] = [
    { origin: "https://evil.example", ...KEYED },
    { origin: PAGE },
    { origin: PAGE, cookie: "gqm_session=abc" },
    KEYED,
  ];
  for (const headers of cases) {
    const response = await ask("GET", "/read", headers);
    assertEquals(granted(response), null);
    assertEquals(response.headers.get("vary"), "Origin");
  }
  const off = await ask("GET", "/read", { origin: PAGE, ...KEYED }, []);
  assertEquals([granted(off), off.headers.get("vary")], [null, null]);
});

Deno.test("createMonitor refuses origins that are none, and any where nobody has a key", () => {
  const make = (auth: "none", corsOrigins: unknown): void => {
    const options = { store: memoryStore(), auth, corsOrigins: corsOrigins as string[] };
    assertThrows(() => createMonitor(options), InvalidOptionError, "'corsOrigins' must be");
  };
  for (const one of [["*"], ["app.example.com"], [`${PAGE}/`], [""], "x", [PAGE]]) {
    make("none", one);
  }
  assert(createMonitor({ store: memoryStore(), auth: "none", corsOrigins: [] }).isOpenToAll);
});
