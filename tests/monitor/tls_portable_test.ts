/** The monitor over TLS: on Deno, Bun and Node. */

import { deepEqual, equal, rejects } from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { Agent, get } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { ServeError, serveMonitor, type ServeMonitorOptions } from "../../mod.ts";
import { makeCertificates, tlsProblem } from "../support/redis/certificates.ts";
import { answering, ownMonitor } from "./support/own_monitor.ts";

const skip = tlsProblem() ?? false;

/** What is answered to whom trusts an authority. */
function ask(url: string, ca: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const agent = new Agent({ keepAlive: false, ca });
    get(url, { agent, ca, servername: "localhost" }, async (res) => {
      let text = "";
      for await (const piece of res) text += piece;
      resolve(text);
    }).on("error", reject);
  });
}

const scheme = answering("/scheme", ({ request }) => {
  return Promise.resolve({ body: new URL(request.url).protocol });
});

describe("serveMonitor with tls", () => {
  it("serves those who trust its certificate", { skip }, async () => {
    const folder = await mkdtemp(join(tmpdir(), "gqm-tls-"));
    try {
      const { ca, certFile, keyFile } = makeCertificates(folder);
      const tls = {
        cert: await readFile(certFile, "utf8"),
        key: await readFile(keyFile, "utf8"),
      };
      await using monitor = ownMonitor([scheme]);
      await using served = await serveMonitor(monitor, { addr: "127.0.0.1:0", tls });
      equal(served.url, `https://${served.addr}`);
      equal(await ask(`${served.url}/scheme`, ca), '"https:"');
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it("refuses what is no certificate, and tells no key", async () => {
    await using monitor = ownMonitor([scheme]);
    const addr = "127.0.0.1:0";
    const tls = { cert: "no certificate", key: "my secret" };
    await rejects(serveMonitor(monitor, { addr, tls }), (error) => {
      deepEqual([error instanceof ServeError, String(error).includes("secret")], [true, false]);
      return true;
    });
    for (
      const wrong of [{ key: "my secret" }, { ...tls, ca: "" }, "my secret", { ...tls, key: 1 }]
    ) {
      const options = { addr, tls: wrong } as unknown as ServeMonitorOptions;
      await rejects(serveMonitor(monitor, options), {
        name: "InvalidOptionError",
        message: /^Cannot serve monitor as 'tls' must have (?!.*secret)/,
      });
    }
  });
});
