/** Where paths lead. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { jobIdParam } from "../../../src/monitor/params.ts";
import { type Method, paramNames, type Route, Router } from "../../../src/monitor/route.ts";

function route(method: Method, path: string): Route {
  return {
    method,
    path,
    access: "open",
    summary: "x",
    params: Object.fromEntries(paramNames(path).map((name) => [name, jobIdParam])),
    answer: {},
    handle: () => Promise.resolve({}),
  };
}

const router = new Router([
  route("GET", "/"),
  route("GET", "/jobs"),
  route("POST", "/jobs"),
  route("POST", "/jobs/batch/retry"),
  route("GET", "/jobs/{id}"),
  route("DELETE", "/jobs/{id}"),
  route("POST", "/jobs/{job}/retry"),
  route("GET", "/jobs/{id}/logs/{line}"),
]);

/** A method, a path, and where it leads. */
const cases: readonly (readonly [string, string, string])[] = [
  ["GET", "/", "/"],
  ["GET", "/jobs", "/jobs"],
  ["HEAD", "/jobs", "/jobs"],
  ["GET", "/jobs/a", `/jobs/{id} {"id":"a"}`],
  ["DELETE", "/jobs/a", `/jobs/{id} {"id":"a"}`],
  ["POST", "/jobs/a/retry", `/jobs/{job}/retry {"job":"a"}`],
  ["POST", "/jobs/batch/retry", "/jobs/batch/retry"],
  ["GET", "/jobs/batch", `/jobs/{id} {"id":"batch"}`],
  ["GET", "/jobs/batch/logs/2", `/jobs/{id}/logs/{line} {"id":"batch","line":"2"}`],
  ["GET", "/jobs/a%3Ab", `/jobs/{id} {"id":"a:b"}`],
  ["GET", "/jobs/a%2Fb", `/jobs/{id} {"id":"a/b"}`],
  ["GET", "/jobs/%252e", `/jobs/{id} {"id":"%2e"}`],
  ["GET", "/jobs/__proto__", `/jobs/{id} {"id":"__proto__"}`],
  ["GET", "/jobs/{id}", `/jobs/{id} {"id":"{id}"}`],
  ["GET", "/jobs/%", "malformed"],
  ["GET", "/jobs/%ff", "malformed"],
  ["GET", "/jobs/%C0%AF", "malformed"],
  ["GET", "/jobs/%ED%A0%80", "malformed"],
  ["GET", "", "unknown"],
  ["GET", "//jobs", "unknown"],
  ["GET", "/jobs/", "unknown"],
  ["GET", "/jobs//logs/2", "unknown"],
  ["GET", "/jobs/a/", "unknown"],
  ["GET", "/Jobs", "unknown"],
  ["GET", "/jobs/a/b", "unknown"],
  ["GET", "/constructor", "unknown"],
  ["GET", "/__proto__", "unknown"],
  ["PUT", "/jobs", "wrong: GET, HEAD, POST"],
  ["get", "/jobs", "wrong: GET, HEAD, POST"],
  ["constructor", "/jobs/a", "wrong: DELETE, GET, HEAD"],
  ["GET", "/jobs/a/retry", "wrong: POST"],
  ["HEAD", "/jobs/a/retry", "wrong: POST"],
  ["OPTIONS", "/", "wrong: GET, HEAD"],
];

for (const [method, path, end] of cases) {
  test(`${method} ${path} leads to ${end}`, () => {
    const match = router.match(method, path);
    switch (match.kind) {
      case "found": {
        const { route, params } = match;
        const told = Object.keys(params).length === 0 ? "" : ` ${JSON.stringify(params)}`;
        assert.equal(route.path + told, end);
        assert.equal(route.method, method === "HEAD" ? "GET" : method);
        break;
      }
      case "wrongMethod":
        assert.equal(`wrong: ${match.allowed.join(", ")}`, end);
        break;
      default:
        assert.equal(match.kind, end);
    }
  });
}

test("two routes of one path and method, and a segment without a rule, are refused", () => {
  assert.throws(() => new Router([route("GET", "/a"), route("GET", "/a")]), TypeError);
  assert.throws(() => new Router([route("GET", "/a/{b}"), route("GET", "/a/{c}")]), TypeError);
  const { params: _, ...without } = route("GET", "/a/{b}");
  assert.throws(() => new Router([without]), TypeError);
});
