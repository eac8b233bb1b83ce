/** Whether a change is meant by whoever's browser or program sends it. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Principal } from "../../../src/monitor/auth/principal.ts";
import { checkCsrf } from "../../../src/monitor/csrf.ts";
import type { ApiError } from "../../../src/monitor/errors.ts";

const OWN = "http://jobs.example:8080";
const marked = { "x-gqm-csrf": "1" };

function isLetThrough(by: Principal["by"], headers: Record<string, string>): boolean {
  const request = new Request(`${OWN}/x`, { method: "POST", headers });
  const who: Principal = { name: "ada", role: "admin", queues: null, types: null, by };
  try {
    checkCsrf(request, who);
    return true;
  } catch (error) {
    assert.equal((error as ApiError).code, "CSRF_REQUIRED");
    return false;
  }
}

/** Headers, and whether they let a session, and someone who need not log in, make a change. */
const cases: readonly (readonly [Record<string, string>, boolean, boolean])[] = [
  [{}, false, true],
  [marked, true, true],
  [{ "x-gqm-csrf": "0" }, false, true],
  [{ "x-gqm-csrf": "1, 1" }, false, true],
  [{ origin: OWN }, false, false],
  [{ ...marked, origin: OWN }, true, true],
  [{ ...marked, origin: "https://jobs.example:8080" }, true, true],
  [{ ...marked, origin: "http://jobs.example" }, false, false],
  [{ ...marked, origin: "http://JOBS.example:8080" }, true, true],
  [{ ...marked, origin: "http://evil.example" }, false, false],
  [{ ...marked, origin: "http://jobs.example.evil.example:8080" }, false, false],
  [{ ...marked, origin: "null" }, false, false],
  [{ ...marked, origin: "" }, false, false],
  [{ "sec-fetch-site": "same-origin" }, false, false],
  [{ ...marked, "sec-fetch-site": "same-origin" }, true, true],
  [{ ...marked, "sec-fetch-site": "none" }, true, true],
  [{ ...marked, "sec-fetch-site": "same-site" }, false, false],
  [{ ...marked, "sec-fetch-site": "cross-site" }, false, false],
  [{ ...marked, "sec-fetch-site": "cross-site", origin: OWN }, false, false],
  [{ ...marked, "sec-fetch-site": "" }, false, false],
  // A proxy that asks by another name.
  [{ ...marked, "sec-fetch-site": "same-origin", origin: "https://public.example" }, true, true],
  [{ ...marked, origin: "http://jobs.example", host: "jobs.example:80" }, true, true],
  [{ ...marked, origin: "https://jobs.example", host: "jobs.example:443" }, true, true],
  [{ ...marked, origin: "https://jobs.example", host: "jobs.example:80" }, false, false],
];

for (const [headers, session, nobody] of cases) {
  const said = JSON.stringify(headers);
  test(`a change with ${said} is ${session ? "" : "not "}let through`, () => {
    assert.equal(isLetThrough("session", headers), session);
    assert.equal(isLetThrough("nothing", headers), nobody);
    assert.equal(isLetThrough("key", headers), true);
  });
}
