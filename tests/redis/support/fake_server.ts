/** A server that answers as a test wants, where no real Redis does. Runs on Deno, Bun and Node. */

import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { RespSplitter, wordsOf } from "../../support/redis/resp.ts";

/** The reply to a command, as it is sent; undefined for none at all. */
export type Answer = (command: readonly string[]) => string | undefined;

/** Speaks the protocol of Redis on a free port of 127.0.0.1. Disposing ends it. */
export class FakeServer implements AsyncDisposable {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(answer: Answer) {
    this.#server = createServer((socket) => {
      const splitter = new RespSplitter();
      this.#sockets.add(socket);
      socket.on("data", (piece: Uint8Array) => {
        for (const bytes of splitter.push(piece)) {
          const reply = answer(wordsOf(bytes));
          if (reply !== undefined) socket.write(reply);
        }
      });
      socket.on("error", () => {}); // "close" follows
      socket.on("close", () => this.#sockets.delete(socket));
    });
  }

  /** Starts one. */
  static async start(answer: Answer): Promise<FakeServer> {
    const fake = new FakeServer(answer);
    await new Promise<void>((resolve) => fake.#server.listen(0, "127.0.0.1", () => resolve()));
    return fake;
  }

  /** What clients connect to. */
  get url(): string {
    return `redis://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** How many connections are open. */
  get connections(): number {
    return this.#sockets.size;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }
}

/** A reply that is one text. */
export function bulk(text: string): string {
  return `$${new TextEncoder().encode(text).length}\r\n${text}\r\n`;
}
