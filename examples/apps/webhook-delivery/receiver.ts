/** The other side: endpoints of customers, on this machine, each with a temper of its own. */

import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { headerNames, isGenuine } from "./signature.ts";

/** One request that came in. */
export interface Received {
  readonly endpoint: string;
  readonly id: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly genuine: boolean;
  /** Whether this id was taken before. */
  readonly repeated: boolean;
  /** What was answered; 0 for nothing. */
  readonly answer: number;
}

/** What an endpoint answers: the how-manieth request with this id it is, and the how-manieth of all, both from 1. */
type Temper = (nth: number, total: number) => number;

const tempers: Readonly<Record<string, Temper>> = {
  healthy: () => 200,
  flaky: (nth) => nth === 1 ? 500 : 200,
  busy: (nth) => nth === 1 ? 429 : 200,
  slow: (nth) => nth === 1 ? 0 : 200, // takes the delivery, and does not answer in time
  gone: () => 410,
  down: (_nth, total) => total <= 4 ? 503 : 200,
  strict: (nth) => nth === 1 ? 400 : 200, // somebody mends it before the second one
};

/** A server with all of them. */
export class Receiver {
  readonly received: Received[] = [];
  readonly #server = createServer((request, response) => void this.#answer(request, response));
  readonly #taken = new Set<string>();

  get ids(): string[] {
    return Object.keys(tempers);
  }

  /** Starts it on a free port of this machine, and gives its URL. */
  async listen(): Promise<string> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** How often something was done for a delivery: once, whatever was repeated. */
  effectsOf(id: string): number {
    return this.received.filter((one) => one.id === id && isTaken(one) && !one.repeated).length;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await text(request);
    const headers = new Headers(request.headers as Record<string, string>);
    const endpoint = (request.url ?? "").slice(1);
    const id = headers.get(headerNames.id) ?? "";
    const genuine = await isGenuine(headers, body, `secret-of-${endpoint}`);

    const before = this.received.filter((one) => one.endpoint === endpoint);
    const nth = before.filter((one) => one.id === id).length + 1;
    const answer = genuine ? tempers[endpoint]?.(nth, before.length + 1) ?? 404 : 401;
    const repeated = this.#taken.has(id);
    const one = {
      endpoint,
      id,
      headers: Object.fromEntries(headers),
      body,
      genuine,
      repeated,
      answer,
    };
    if (isTaken(one)) this.#taken.add(id); // a real one keeps ids for some days, beside what it does
    this.received.push(one);
    if (answer === 0) return; // the sender's time limit ends it
    if (answer === 429) response.setHeader("retry-after", "1");
    response.writeHead(answer).end();
  }
}

/** Whether the receiver did what the delivery asks for, be it that it could not say so in time. */
function isTaken({ answer }: Received): boolean {
  return answer === 200 || answer === 0;
}
