/** The dashboard over real sockets, where paths come as they were sent. */

import { equal, match, ok } from "node:assert/strict";
import { describe, it } from "node:test";
import { memoryStore, serveMonitor, Server } from "../../../mod.ts";
import { testMonitor } from "../../support/monitor.ts";
import { Raw } from "../support/raw.ts";

/** Asks for a path as it stands. */
function asking(path: string, method = "GET"): string {
  return `${method} ${path} HTTP/1.1\r\nHost: gqm.example\r\nConnection: close\r\n\r\n`;
}

describe("the dashboard over a socket", () => {
  it("gives nothing away, however a path is written", async () => {
    await using monitor = testMonitor({ dashboard: true });
    await using served = await serveMonitor(monitor, { addr: "127.0.0.1:0" });
    const paths = [
      ...["/dashboard/../../etc/passwd", "/dashboard/%2e%2e/%2e%2e/etc/passwd.txt"],
      ...["/dashboard/..%2f..%2fdeno.json", "/dashboard/%2e%2e%5cdeno.json"],
      ...["/dashboard//etc/passwd.txt", "//dashboard/main.js", "/dashboard/.%2e/deno.json"],
      ...["/dashboard/main.js%00.txt", "/dashboard/%00.js", "/dashboard\\main.js"],
      "/dashboard/....//main.js",
    ];
    for (const path of paths) {
      const answer = await Raw.say(served.url, asking(path));
      const status = Number(answer.split(" ")[1]);
      // A platform may take `\\` for `/`, and `..` away, before it hands a path to us.
      ok([400, 404].includes(status) || /\\/.test(path), `${path}: ${answer.slice(0, 80)}`);
      ok(!/"exports"|^root:/m.test(answer), path);
    }
  });

  it("answers whole files, and none where there is none to answer", async () => {
    await using monitor = testMonitor({ dashboard: true });
    await using served = await serveMonitor(monitor, { addr: "127.0.0.1:0" });
    const page = await fetch(`${served.url}/dashboard`);
    equal(page.url, `${served.url}/dashboard/`);
    match(await page.text(), /<\/html>\s*$/);
    const script = await fetch(`${served.url}/dashboard/main.js`);
    match(script.headers.get("etag")!, /^(?:W\/)?".+"$/);
    ok((await script.text()).length > 1000);
    const head = await Raw.say(served.url, asking("/dashboard/main.js", "HEAD"));
    match(head, /^HTTP\/1\.1 200 /);
    match(head, /\r\ncontent-length: [1-9]\d*\r\n/i);
    ok(head.endsWith("\r\n\r\n"), "a body");
    const posted = await fetch(`${served.url}/dashboard/`, { method: "POST", body: "x" });
    equal(posted.status, 405);
    equal(posted.headers.get("allow"), "GET, HEAD");
    await posted.body?.cancel();
  });

  it("is one option of a server of jobs", async () => {
    await using server = new Server({
      store: memoryStore(),
      api: { addr: "127.0.0.1:0", auth: "none" },
      dashboard: { pathPrefix: "/ops/jobs" },
      logLevel: "silent",
    });
    await server.start();
    const { url } = server.api!;
    const page = await fetch(`${url}/ops/jobs`);
    equal(page.status, 200);
    match(await page.text(), /data-prefix="\/ops\/jobs"/);
    const queues = await fetch(`${url}/api/v1/queues`);
    equal(queues.status, 200);
    await queues.body?.cancel();
  });
});
