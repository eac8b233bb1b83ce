/** Bodies that are slow, large, broken off or nobody reads: over real sockets, on Deno, Bun and Node. */

import { deepEqual, equal, match, ok } from "node:assert/strict";
import { describe, it } from "node:test";
import { type ServedMonitor, serveMonitor } from "../../mod.ts";
import { MAX_BODY_BYTES } from "../../src/monitor/body.ts";
import { FakeClock } from "../../src/testing/fake_clock.ts";
import { answering, echo, type OwnMonitor, ownMonitor } from "./support/own_monitor.ts";
import { Raw, request } from "./support/raw.ts";

const POST = ["POST /echo HTTP/1.1", "Host: localhost", "Content-Type: application/json"];

/** Serves routes while a test does something. */
async function serving(
  monitor: OwnMonitor,
  run: (served: ServedMonitor) => Promise<void>,
): Promise<void> {
  await using served = await serveMonitor(monitor, { addr: "127.0.0.1:0" });
  await run(served);
  // Whatever was done to it, it goes on.
  const response = await fetch(`${served.url}/echo`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: '{"still":"there"}',
  });
  deepEqual(await response.json(), { still: "there" });
  deepEqual(monitor.logger.lines, []);
  await monitor.close();
}

/** JSON of so many bytes. */
function jsonOf(bytes: number): string {
  return `{"text":"${"x".repeat(bytes - 11)}"}`;
}

describe("a body", () => {
  it("may come piece by piece, with and without its length", async () => {
    await serving(ownMonitor([echo]), async ({ url }) => {
      using raw = await Raw.open(url);
      raw.write(request([...POST, "Content-Length: 9"], '{"a'));
      raw.write('":"');
      raw.write('b"}');
      await raw.until((text) => text.includes('{"a":"b"}'));
      raw.write(request([...POST, "Transfer-Encoding: chunked"], '4\r\n{"c"\r\n'));
      raw.write('5\r\n:"d"}\r\n0\r\n\r\n');
      match(await raw.until((text) => text.includes('{"c":"d"}')), /HTTP\/1\.1 200 /);
    });
  });

  it("may have the largest size, and not a byte more, with and without its length", async () => {
    await serving(ownMonitor([echo]), async ({ url }) => {
      const statusOf = async (body: BodyInit): Promise<number> => {
        const init: RequestInit & { readonly duplex: "half" } = {
          ...{ method: "POST", headers: { "content-type": "application/json" }, body },
          duplex: "half",
        };
        const response = await fetch(`${url}/echo`, init);
        await response.text();
        return response.status;
      };
      const streamed = (text: string): BodyInit => new Blob([text]).stream();
      for (const bodyOf of [(text: string) => text, streamed]) {
        equal(await statusOf(bodyOf(jsonOf(MAX_BODY_BYTES))), 200);
        equal(await statusOf(bodyOf(jsonOf(MAX_BODY_BYTES + 1))), 413);
      }
    });
  });

  it("that never ends is refused when it is too large", async () => {
    await serving(ownMonitor([echo]), async ({ url }) => {
      using raw = await Raw.open(url);
      raw.write(request([...POST, "Transfer-Encoding: chunked"], '8\r\n{"text":\r\n'));
      const piece = "x".repeat(65_536);
      for (let i = 0; i < 20; i++) raw.write(`10000\r\n${piece}\r\n`);
      const text = await raw.until((text) => text.includes("PAYLOAD_TOO_LARGE"));
      match(text, /HTTP\/1\.1 413 /);
    });
  });

  it("that is slow is refused after ten seconds", async () => {
    const clock = new FakeClock();
    await serving(ownMonitor([echo], { clock }), async ({ url }) => {
      using raw = await Raw.open(url);
      raw.write(request([...POST, "Content-Length: 1000"], '{"a":'));
      while (!raw.text.includes("TIMEOUT")) await clock.advance(1000);
      match(raw.text, /HTTP\/1\.1 408 /);
      ok(clock.mono() >= 10_000);
    });
  });

  it("that breaks off ends its request, and nothing else", async () => {
    const ended = Promise.withResolvers<unknown>();
    const reading = Promise.withResolvers<void>();
    const told = {
      ...echo,
      path: "/told",
      handle: async (call: Parameters<typeof echo.handle>[0]) => {
        reading.resolve();
        const read = call.json();
        ended.resolve(read.then(() => "read", (error) => error.code));
        return { body: await read };
      },
    };
    await serving(ownMonitor([echo, told]), async ({ url }) => {
      const raw = await Raw.open(url);
      const [, ...rest] = POST;
      raw.write(request(["POST /told HTTP/1.1", ...rest, "Content-Length: 1000"], '{"a":'));
      await reading.promise;
      raw[Symbol.dispose]();
      equal(await ended.promise, "BAD_REQUEST");
    });
  });

  it("that nobody reads does no harm to the next request", async () => {
    await serving(ownMonitor([echo]), async ({ url }) => {
      using raw = await Raw.open(url);
      const lines = ["Host: localhost", "Content-Length: 5"];
      for (const method of ["POST", "GET", "DELETE"]) {
        raw.write(request([`${method} /none HTTP/1.1`, ...lines], "12345"));
      }
      raw.write(request([...POST, "Content-Length: 9"], '{"a":"b"}'));
      const text = await raw.until((text) => text.includes('{"a":"b"}'));
      equal(text.match(/HTTP\/1\.1 404 /g)?.length, 3);
    });
  });
});

describe("an answer", () => {
  it("that the client does not take is not made, and ends when the client goes", async () => {
    const PIECES = 4096;
    let made = 0;
    const canceled = Promise.withResolvers<void>();
    const endless = answering("/endless", () => {
      const body = new ReadableStream({
        pull: (controller) => {
          if (made++ >= PIECES) controller.close();
          else controller.enqueue(new Uint8Array(65_536));
        },
        cancel: () => canceled.resolve(),
      });
      return Promise.resolve(new Response(body));
    });
    await serving(ownMonitor([echo, endless]), async ({ url }) => {
      const raw = await Raw.open(url);
      raw.write(request(["GET /endless HTTP/1.1", "Host: localhost"]));
      await raw.until((text) => text.includes("\r\n\r\n"));
      raw.pause();
      raw[Symbol.dispose]();
      await canceled.promise;
      ok(made < PIECES, `${made} of ${PIECES} pieces were made`);
    });
  });

  it("whose client goes before there is more of it is told to end", async () => {
    const canceled = Promise.withResolvers<void>();
    const events = answering("/events", () => {
      const body = new ReadableStream({
        start: (controller) => controller.enqueue(new TextEncoder().encode(": here\n\n")),
        cancel: () => canceled.resolve(),
      });
      return Promise.resolve(
        new Response(body, { headers: { "content-type": "text/event-stream" } }),
      );
    });
    await serving(ownMonitor([echo, events]), async ({ url }) => {
      const raw = await Raw.open(url);
      raw.write(request(["GET /events HTTP/1.1", "Host: localhost"]));
      await raw.until((text) => text.includes(": here"));
      raw[Symbol.dispose]();
      await canceled.promise;
    });
  });

  const skip = "Bun" in globalThis ? "Bun sends the head with the first piece" : false;
  it("of which nothing is there yet has its head sent", { skip }, async () => {
    const later = Promise.withResolvers<void>();
    const events = answering("/events", () => {
      const body = new ReadableStream({
        pull: async (controller) => {
          await later.promise;
          controller.enqueue(new TextEncoder().encode("data: 1\n\n"));
          controller.close();
        },
      });
      return Promise.resolve(new Response(body, { headers: { "x-here": "yes" } }));
    });
    await serving(ownMonitor([echo, events]), async ({ url }) => {
      const response = await fetch(`${url}/events`);
      equal(response.headers.get("x-here"), "yes");
      later.resolve();
      equal(await response.text(), "data: 1\n\n");
    });
  });

  it("that breaks off on the way is not taken for whole", async () => {
    const broken = answering("/broken", () => {
      let pulls = 0;
      const body = new ReadableStream({
        pull: (controller) => {
          if (pulls++ === 0) controller.enqueue(new TextEncoder().encode("half"));
          else controller.error(new Error("secret of the inside"));
        },
      });
      return Promise.resolve(new Response(body));
    });
    await serving(ownMonitor([echo, broken]), async ({ url }) => {
      const text = await Raw.say(url, request(["GET /broken HTTP/1.1", "Host: localhost"]));
      ok(!text.endsWith("0\r\n\r\n") && !text.includes("secret"), text);
    });
  });
});
