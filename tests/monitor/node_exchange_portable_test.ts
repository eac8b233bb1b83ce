/** The adapter to `node:http` where a client takes nothing: on Node, which alone uses it. */

import { ok } from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, it } from "node:test";
import { answer } from "../../src/runtime/node_exchange.ts";
import { Raw, request } from "./support/raw.ts";

const skip = "Deno" in globalThis || "Bun" in globalThis ? "only Node uses it" : false;
const PIECE = new Uint8Array(65_536);

describe("a client that takes nothing", () => {
  /** Answers one request with a body; resolves when its connection is closed. */
  async function served(body: BodyInit): Promise<void> {
    const server = createServer((message, res) => {
      const options = { scheme: "http", isLast: () => false, writeMs: 20 } as const;
      answer(message, res, { ...options, respond: () => Promise.resolve(new Response(body)) });
    });
    const closed = new Promise<void>((resolve) => {
      server.on("connection", (socket) => socket.once("close", () => resolve()));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    using raw = await Raw.open(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    raw.pause();
    raw.write(request(["GET / HTTP/1.1", "Host: localhost"]));
    await closed;
    server.close();
  }

  it("is cut off in the middle of a long answer, which ends", { skip }, async () => {
    let made = 0;
    const canceled = Promise.withResolvers<void>();
    const body = new ReadableStream({
      pull: (controller) => {
        made++;
        controller.enqueue(PIECE);
      },
      cancel: () => canceled.resolve(),
    });
    await served(body);
    await canceled.promise;
    ok(made < 4096, `${made} pieces were made`);
  });

  it("is cut off at the end of a large one", { skip }, async () => {
    await served(new Uint8Array(50_000_000));
  });
});
