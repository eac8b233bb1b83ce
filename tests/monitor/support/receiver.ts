/** Somebody who takes webhooks, on a port of this machine. */

import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** A request as it came. */
export interface Received {
  readonly method: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/** An answer; never any; or one whose body does not end. */
export type ReceiverAnswer =
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>> }
  | "never"
  | "endless";

/** Longest wait for what must happen, in milliseconds. */
const PATIENCE_MS = 90_000;

/** Takes webhooks. */
export class Receiver implements AsyncDisposable {
  /** All that came, in order. */
  readonly requests: Received[] = [];
  /** What is answered; told how many came, this one among them. */
  answer: (count: number, request: Received) => ReceiverAnswer = () => ({ status: 200 });
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((request, response) => void this.#take(request, response));
  }

  /** Opens one. */
  static async open(): Promise<Receiver> {
    const receiver = new Receiver();
    receiver.#server.listen(0, "127.0.0.1");
    await once(receiver.#server, "listening");
    return receiver;
  }

  /** Where it listens. */
  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Waits until what has come is enough. */
  async until(
    isEnough: (requests: readonly Received[]) => boolean | Promise<boolean>,
  ): Promise<void> {
    const end = performance.now() + PATIENCE_MS;
    while (!await isEnough(this.requests)) {
      if (performance.now() > end) {
        throw new Error(`Cannot go on as this is not enough: ${JSON.stringify(this.requests)}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.on("error", () => {}); // who asked has gone
    let body = "";
    for await (const piece of request.setEncoding("utf8")) body += piece;
    const received = { method: request.method!, headers: request.headers, body };
    this.requests.push(received);
    const answer = this.answer(this.requests.length, received);
    if (answer === "never") return;
    if (answer === "endless") {
      response.writeHead(200).write("a".repeat(100_000));
      return;
    }
    response.writeHead(answer.status, answer.headers).end();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
