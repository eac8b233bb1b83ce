/** How the dashboard's own pages are served: which paths there are, and what comes with them. */

import { deepEqual, equal, match, ok } from "node:assert/strict";
import { describe, it } from "node:test";
import { gunzipSync } from "node:zlib";
import { builtInFiles } from "../../../src/monitor/dashboard/built_in.ts";
import { Pages } from "../../../src/monitor/dashboard/pages.ts";
import { ask, keys, testMonitor } from "../../support/monitor.ts";
import { ownMonitor } from "../support/own_monitor.ts";

const PLAIN = { "accept-encoding": "identity" };
const HERE = "http://127.0.0.1";

/** What every answer carries. */
const HEADERS: Readonly<Record<string, RegExp>> = {
  "content-security-policy":
    /^default-src 'self'; script-src 'self'; connect-src 'self'; .*frame-ancestors 'none'$/,
  "x-content-type-options": /^nosniff$/,
  "x-frame-options": /^DENY$/,
  "strict-transport-security": /^max-age=63072000; includeSubDomains$/,
  "referrer-policy": /^no-referrer$/,
  "permissions-policy": /^geolocation=\(\), microphone=\(\), camera=\(\)$/,
  "cross-origin-opener-policy": /^same-origin$/,
};

function isSafe({ headers }: Response, where: string): void {
  for (const [name, rule] of Object.entries(HEADERS)) {
    match(headers.get(name) ?? "", rule, `${where}: ${name}`);
  }
}

describe("the pages of the dashboard", () => {
  it("are there for whoever asks, beside an API that is not", async () => {
    await using monitor = testMonitor({ dashboard: true });
    const page = await ask(monitor, "/dashboard/");
    equal(page.status, 200);
    equal(page.headers.get("content-type"), "text/html; charset=utf-8");
    match(await page.text(), /^<!doctype html>[^]*data-prefix="\/dashboard"/);
    equal((await ask(monitor, "/api/v1/queues")).status, 401);
    const headers = { "x-api-key": keys.viewer };
    equal((await ask(monitor, "/api/v1/queues", { headers })).status, 200);
    equal((await ask(monitor, "/health")).status, 200);
  });

  it("are not there unless asked for", async () => {
    for (const dashboard of [undefined, false]) {
      await using monitor = testMonitor({ dashboard });
      for (const path of ["/dashboard", "/dashboard/", "/dashboard/main.js"]) {
        equal((await ask(monitor, path)).status, 404, path);
      }
    }
  });

  it("serve this machine alone where nobody has to log in", async () => {
    await using monitor = ownMonitor([], { pages: new Pages("/dashboard", builtInFiles) });
    equal((await ask(monitor, "/dashboard/", { origin: HERE })).status, 403);
    equal((await ask(monitor, "/dashboard/", { origin: HERE, from: "127.0.0.1" })).status, 200);
  });

  it("are under their prefix, to which there is one way", async () => {
    for (const pathPrefix of ["/dashboard", "/jobs", "/tools/gqm/v1.2"]) {
      await using monitor = testMonitor({ dashboard: { pathPrefix } });
      const moves: readonly [string, string][] = [
        [pathPrefix, `${pathPrefix}/`],
        [`${pathPrefix}?a=1`, `${pathPrefix}/?a=1`],
        [`${pathPrefix}/index.html`, `${pathPrefix}/`],
        [`${pathPrefix}/index.html?a=1`, `${pathPrefix}/?a=1`],
      ];
      for (const [from, to] of moves) {
        const moved = await ask(monitor, from);
        equal(moved.status, 301, from);
        const location = moved.headers.get("location")!;
        // Relative, as a proxy may put a path of its own in front.
        ok(!location.startsWith("/") && !location.includes(":"), location);
        equal(
          new URL(location, `https://proxy.example/sub${from}`).pathname,
          `/sub${to.split("?")[0]}`,
        );
        equal(new URL(location, `${HERE}${from}`).href, HERE + to);
      }
      match(
        await (await ask(monitor, `${pathPrefix}/`)).text(),
        new RegExp(`data-prefix="${pathPrefix}"`),
      );
      equal((await ask(monitor, `${pathPrefix}x`)).status, 404);
    }
  });

  it("are the first page wherever there is no file, with links that still lead to files", async () => {
    await using monitor = testMonitor({ dashboard: true });
    for (const path of ["", "jobs", "jobs/", "jobs/a/b", "jobs/a%20b"]) {
      const response = await ask(monitor, `/dashboard/${path}`);
      equal(response.status, 200, path);
      const links = [...(await response.text()).matchAll(/(?:href|src)="([^"]+)"/g)];
      ok(links.length >= 4, path);
      for (const [, link] of links) {
        const { pathname } = new URL(link!, `${HERE}/dashboard/${path}`);
        match(pathname, /^\/dashboard\/[^/]/, path);
        equal((await ask(monitor, pathname)).status, 200, `${path}: ${pathname}`);
      }
    }
  });

  it("have no file but those that are meant to be served", async () => {
    await using monitor = testMonitor({ dashboard: true });
    const none = [
      ...["nope.js", "main.ts", "x.", "x.exe", "jobs/x.js", "deno.json", "main.js/x.css"],
      ...[".git/config", ".well-known/x", "a/.hidden", ".stamp", "vendor/.stamp", ".x/index.html"],
      ...["/", "/main.js", "/index.html", "a//b", "jobs//"],
      ...["%2e%2e%2fmain.js", "..%2f..%2fmain.js", "..%5cmain.js", "vendor%5cuplot.css"],
      ...["vendor%2fuplot.css", "main.js%00", "%00", "%", "%zz", "%c3%28", "a%2f.%2fb"],
      "a/".repeat(20),
      ...["__proto__.js", "constructor.js", "toString.css"],
    ];
    for (const path of none) {
      const response = await ask(monitor, `/dashboard/${path}`);
      equal(response.status, 404, path);
      equal(await response.text(), "404 page not found\n", path);
      isSafe(response, path);
    }
    // A browser, and a platform, understands these before we see them.
    for (const path of ["/dashboard/../dashboard/main.js", "/dashboard/%2e%2e/dashboard/main.js"]) {
      equal((await ask(monitor, path)).status, 200, path);
    }
    equal((await ask(monitor, "/dashboard/..%2fapi/v1/queues")).status, 404);
  });

  it("are read alone", async () => {
    await using monitor = testMonitor({ dashboard: true });
    for (const method of ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"]) {
      const response = await ask(monitor, "/dashboard/main.js", { method });
      equal(response.status, 405, method);
      equal(response.headers.get("allow"), "GET, HEAD");
      isSafe(response, method);
    }
    for (const path of ["/dashboard/", "/dashboard/main.js", "/dashboard", "/dashboard/nope.js"]) {
      const [head, get] = [await ask(monitor, path, { method: "HEAD" }), await ask(monitor, path)];
      equal(head.status, get.status, path);
      equal(await head.text(), "", path);
      const names = ["etag", "content-type", "vary", "location"];
      for (const name of get.status === 200 ? [...names, "content-length"] : names) {
        equal(head.headers.get(name), get.headers.get(name), `${path}: ${name}`);
      }
      await get.body?.cancel();
    }
  });

  it("carry the headers of every answer", async () => {
    await using monitor = testMonitor({ dashboard: true });
    const { headers } = await ask(monitor, "/dashboard/main.js");
    const etag = headers.get("etag")!;
    for (const path of ["/dashboard", "/dashboard/", "/dashboard/main.js", "/dashboard/no.js"]) {
      isSafe(await ask(monitor, path), path);
      isSafe(await ask(monitor, path, { headers: { "if-none-match": etag } }), `${path} again`);
    }
    // Kept, but asked for before it is used: a new version shows at once.
    equal(headers.get("cache-control"), "no-cache");
    equal(headers.get("content-type"), "text/javascript; charset=utf-8");
  });

  it("fail with a word in the log where they were not built", async () => {
    const missing = () => Promise.reject(new Error("Module not found"));
    await using monitor = ownMonitor([], {
      pages: new Pages("/dashboard", () => builtInFiles(missing)),
    });
    const response = await ask(monitor, "/dashboard/", { origin: HERE, from: "127.0.0.1" });
    equal(response.status, 500);
    deepEqual(await response.json(), { error: "internal error", code: "INTERNAL" });
    const [line] = monitor.logger.saying("Request failed");
    const { name, code, message } = line!.fields["error"] as Error & { code: string };
    deepEqual({ name, code, message }, {
      name: "DashboardNotBuiltError",
      code: "DASHBOARD_NOT_BUILT",
      message: "Cannot serve dashboard as its files must be built: run 'deno task build'",
    });
  });
});

describe("a file of the dashboard", () => {
  it("is sent once to whoever has it already", async () => {
    await using monitor = testMonitor({ dashboard: true });
    for (const path of ["/dashboard/", "/dashboard/main.js", "/dashboard/icon.svg"]) {
      for (const encoding of ["identity", "gzip"]) {
        const first = await ask(monitor, path, { headers: { "accept-encoding": encoding } });
        const etag = first.headers.get("etag")!;
        match(etag, /^"[^"]+"$/);
        equal(etag.endsWith('-gzip"'), encoding === "gzip", etag);
        for (const known of [etag, `W/${etag}`, `"other", ${etag}`, `"a",W/${etag} , "b"`, "*"]) {
          const headers = { "accept-encoding": encoding, "if-none-match": known };
          const again = await ask(monitor, path, { headers });
          equal(again.status, 304, `${path} ${known}`);
          equal(again.headers.get("etag"), etag);
          equal(again.headers.get("vary"), "accept-encoding");
          equal(await again.text(), "");
        }
        for (const other of ['"other"', "", etag.slice(0, -2) + '"']) {
          const headers = { "accept-encoding": encoding, "if-none-match": other };
          equal((await ask(monitor, path, { headers })).status, 200, `${path} ${other}`);
        }
      }
    }
  });

  it("has a name of its contents, which depend on the place", async () => {
    const etags = new Set<string | null>();
    for (const pathPrefix of ["/dashboard", "/a/b", "/a"]) {
      await using monitor = testMonitor({ dashboard: { pathPrefix } });
      for (const path of ["", "x", "x/", "x/y/z"]) {
        etags.add((await ask(monitor, `${pathPrefix}/${path}`)).headers.get("etag"));
      }
    }
    equal(etags.size, 9);
  });

  it("is compressed for whoever can read that", async () => {
    await using monitor = testMonitor({ dashboard: true });
    const get = (accepted: string, path = "/dashboard/main.js") =>
      ask(monitor, path, { headers: { "accept-encoding": accepted } });
    const plain = await get("identity");
    const text = await plain.text();
    equal(plain.headers.get("content-encoding"), null);
    equal(plain.headers.get("content-length"), String(new TextEncoder().encode(text).length));
    for (
      const accepted of ["gzip", "GZIP", "br, gzip", "gzip;q=0.5, br", "gzip ; q=1", "gzip;q=0.001"]
    ) {
      const packed = await get(accepted);
      equal(packed.headers.get("content-encoding"), "gzip", accepted);
      const bytes = new Uint8Array(await packed.arrayBuffer());
      equal(packed.headers.get("content-length"), String(bytes.length));
      ok(bytes.length < text.length, accepted);
      equal(gunzipSync(bytes).toString(), text, accepted);
    }
    for (
      const accepted of [
        "",
        "br",
        "gzip;q=0",
        "gzip; q=0.0",
        "gzip;q=0.000, br",
        "x-gzip",
        "gzipped",
      ]
    ) {
      equal((await get(accepted)).headers.get("content-encoding"), null, accepted);
    }
    for (const path of ["/dashboard/", "/dashboard/style.css", "/dashboard/icon.svg"]) {
      const response = await get("gzip", path);
      equal(response.headers.get("content-encoding"), "gzip", path);
      equal(response.headers.get("vary"), "accept-encoding", path);
    }
  });

  it("comes with the licences of what others have written", async () => {
    await using monitor = testMonitor({ dashboard: true });
    const path = "/dashboard/vendor/THIRD_PARTY_LICENSES.txt";
    const response = await ask(monitor, path, { headers: PLAIN });
    equal(response.headers.get("content-type"), "text/plain; charset=utf-8");
    const text = await response.text();
    for (const name of ["preact", "htm", "uplot"]) ok(text.includes(name), name);
  });
});
