/** The monitor served over real sockets: on Deno, Bun and Node. */

import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { describe, it } from "node:test";
import { Client, createMonitor, memoryStore, ServeError, serveMonitor } from "../../mod.ts";
import { serveHttp } from "../../src/runtime/serve.ts";
import { answering, ownMonitor } from "./support/own_monitor.ts";
import { Raw, request } from "./support/raw.ts";

const LOCAL = { addr: "127.0.0.1:0" };

function open(): ReturnType<typeof createMonitor> {
  return createMonitor({ store: memoryStore(), auth: "none", rateLimit: -1, logLevel: "silent" });
}

describe("serveMonitor", () => {
  it("answers at the address that it tells, until it is closed", async () => {
    await using monitor = open();
    const served = await serveMonitor(monitor, LOCAL);
    match(served.addr, /^127\.0\.0\.1:[1-9]\d*$/);
    equal(served.url, `http://${served.addr}`);
    const response = await fetch(`${served.url}/health`);
    equal(response.status, 200);
    equal(response.headers.get("x-frame-options"), "DENY");
    equal((await response.json()).status, "ok");
    await Promise.all([served.close(), served.close()]);
    await rejects(fetch(`${served.url}/health`));
  });

  it("listens at names and addresses of this machine", async () => {
    await using monitor = open();
    for (const addr of ["localhost:0", "127.0.0.1:0", "[::1]:0"]) {
      await using served = await serveMonitor(monitor, { addr }).catch((error) => {
        // A machine without IPv6.
        if (addr.startsWith("[") && error instanceof ServeError) return undefined;
        throw error;
      });
      if (served !== undefined) equal((await fetch(`${served.url}/ready`)).status, 200, addr);
    }
  });

  it("listens at all addresses where somebody has to log in", async () => {
    const identify = () => Promise.reject(new Error("nobody"));
    const auth = { isOff: false, identify, logins: undefined };
    await using monitor = ownMonitor([answering("/", () => Promise.resolve({}))], { auth });
    await using served = await serveMonitor(monitor, { addr: ":0" });
    match(served.addr, /^:[1-9]\d*$/);
    const port = served.addr.slice(1);
    for (const host of ["127.0.0.1", "localhost"]) {
      equal((await fetch(`http://${host}:${port}/none`)).status, 404, host);
    }
  });

  it("refuses to serve others than this machine where nobody has to log in", async () => {
    await using monitor = open();
    for (const addr of [undefined, ":0", "0.0.0.0:0", "[::]:0", "10.0.0.7:0", "gqm.example:0"]) {
      await rejects(serveMonitor(monitor, addr === undefined ? {} : { addr }), {
        name: "InvalidOptionError",
        option: "addr",
        message: /of this machine alone, such as '127\.0\.0\.1:8080', where nobody has to log in/,
      });
    }
  });

  it("tells why it cannot listen", async () => {
    await using monitor = open();
    await using first = await serveMonitor(monitor, LOCAL);
    await rejects(serveMonitor(monitor, { addr: first.addr }), {
      name: "ServeError",
      code: "SERVE",
      addr: first.addr,
      message: new RegExp(
        `^Cannot serve monitor at '${first.addr}' as nobody else may listen there`,
      ),
    });
  });

  it("is ended by a signal", async () => {
    await using monitor = open();
    const ending = new AbortController();
    const served = await serveMonitor(monitor, { ...LOCAL, signal: ending.signal });
    ending.abort();
    await served.close();
    await rejects(fetch(`${served.url}/health`));
    await rejects(serveMonitor(monitor, { ...LOCAL, signal: ending.signal }));
  });

  it("answers many requests at once", async () => {
    const store = memoryStore();
    await using client = new Client({ store });
    await client.enqueue("email.send", {}, { queue: "mail" });
    await using monitor = createMonitor({ store, auth: "none", rateLimit: -1, logLevel: "silent" });
    await using served = await serveMonitor(monitor, LOCAL);
    const answers = await Promise.all(Array.from({ length: 200 }, async (_, i) => {
      const path = i % 2 === 0 ? "/api/v1/queues/mail" : "/api/v1/queues/none";
      const response = await fetch(`${served.url}${path}`);
      await response.text();
      return response.status;
    }));
    deepEqual(answers, Array.from({ length: 200 }, (_, i) => i % 2 === 0 ? 200 : 404));
  });

  it("refuses clients that send too much, each for itself", async () => {
    const auth = "none";
    await using monitor = createMonitor({
      ...{ store: memoryStore(), auth, rateLimit: 1, logLevel: "silent" },
    });
    await using served = await serveMonitor(monitor, LOCAL);
    const statusOf = async (): Promise<number> => {
      const response = await fetch(`${served.url}/none`);
      await response.text();
      return response.status;
    };
    const seen = await Promise.all(Array.from({ length: 20 }, statusOf));
    ok(seen.includes(404) && seen.includes(429), seen.join(" "));
    equal((await fetch(`${served.url}/health`)).status, 200);
  });

  it("lets a request that is being answered end when it is closed", async () => {
    const asked = Promise.withResolvers<void>();
    const goOn = Promise.withResolvers<void>();
    const slow = answering("/slow", async () => {
      asked.resolve();
      await goOn.promise;
      return { body: { done: true } };
    });
    await using monitor = ownMonitor([slow]);
    const served = await serveMonitor(monitor, LOCAL);
    const response = fetch(`${served.url}/slow`);
    await asked.promise;
    const closed = served.close();
    goOn.resolve();
    deepEqual(await (await response).json(), { done: true });
    await closed;
    await rejects(fetch(`${served.url}/slow`));
  });

  it("does not wait for connections on which nothing is asked", async () => {
    await using monitor = open();
    const served = await serveMonitor(monitor, LOCAL);
    using idle = await Raw.open(served.url);
    idle.write(request(["GET /health HTTP/1.1", "Host: localhost"]));
    await idle.until((text) => text.includes('"status"'));
    await served.close();
    await idle.rest();
  });
});

describe("serveHttp", () => {
  it("cuts off what has not ended in time", async () => {
    const canceled = Promise.withResolvers<void>();
    const server = await serveHttp({
      ...{ hostname: "127.0.0.1", port: 0 },
      respond: () => {
        const body = new ReadableStream({
          start: (controller) => controller.enqueue(new TextEncoder().encode("first\n")),
          cancel: () => canceled.resolve(),
        });
        return Promise.resolve(new Response(body));
      },
    });
    using raw = await Raw.open(`http://127.0.0.1:${server.port}`);
    raw.write(request(["GET / HTTP/1.1", "Host: localhost"]));
    await raw.until((text) => text.includes("first"));
    await server.close(10);
    await raw.rest();
    await canceled.promise;
  });

  it("tells the address of the other end", async () => {
    const server = await serveHttp({
      ...{ hostname: "127.0.0.1", port: 0 },
      respond: (_, remoteAddr) => Promise.resolve(new Response(remoteAddr ?? "nobody")),
    });
    const response = await fetch(`http://127.0.0.1:${server.port}`);
    equal(await response.text(), "127.0.0.1");
    await server.close(1000);
  });

  it("keeps cookies apart and sends no body with HEAD, 204 and 304", async () => {
    const server = await serveHttp({
      ...{ hostname: "127.0.0.1", port: 0 },
      respond: (request) => {
        const status = Number(new URL(request.url).pathname.slice(1));
        const headers = new Headers({ "x-method": request.method });
        headers.append("set-cookie", "a=1; Path=/");
        headers.append("set-cookie", "b=2");
        const hasBody = status === 200 && request.method !== "HEAD";
        return Promise.resolve(new Response(hasBody ? "text" : null, { status, headers }));
      },
    });
    for (const status of [200, 204, 304]) {
      for (const method of ["GET", "HEAD"]) {
        const response = await fetch(`http://127.0.0.1:${server.port}/${status}`, { method });
        equal(response.status, status);
        equal(response.headers.get("x-method"), method);
        deepEqual(response.headers.getSetCookie(), ["a=1; Path=/", "b=2"]);
        equal(await response.text(), status === 200 && method === "GET" ? "text" : "");
      }
    }
    await server.close(1000);
  });
});
