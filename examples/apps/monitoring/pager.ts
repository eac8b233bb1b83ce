/** Where alerts arrive: a service of yours that wakes somebody, here on this machine. */

import { Buffer } from "node:buffer";
import { createHmac, timingSafeEqual } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";

/** Most age of a delivery, in seconds. */
const MOST_AGE_S = 300;

/** An alert that was delivered. */
export interface Page {
  readonly event: "firing" | "resolved";
  readonly rule: string;
  readonly summary: string;
}

/** The receiver. */
export class Pager {
  readonly pages: Page[] = [];
  readonly #secret: string;
  readonly #seen = new Set<string>();
  readonly #server = createServer((request, response) => void this.#take(request, response));
  #news = Promise.withResolvers<void>();

  /** @param secret What the monitor signs with. */
  constructor(secret: string) {
    this.#secret = secret;
  }

  /** Starts it on a free port, and gives its URL. */
  async listen(): Promise<string> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/alerts`;
  }

  /**
   * Waits for an alert.
   *
   * @throws {Error} If it does not come within a minute.
   */
  async page(event: Page["event"], rule: string): Promise<Page> {
    const late = Promise.withResolvers<never>();
    const timer = setTimeout(() => {
      late.reject(new Error(`Cannot go on as no alert says that ${rule} is ${event}`));
    }, 60_000);
    try {
      for (;;) {
        const page = this.pages.find((page) => page.event === event && page.rule === rule);
        if (page) return page;
        await Promise.race([this.#news.promise, late.promise]);
      }
    } finally {
      clearTimeout(timer);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await text(request);
    const { "x-gqm-delivery": id, "x-gqm-timestamp": timestamp, "x-gqm-signature": signature } =
      request.headers as Record<string, string | undefined>;
    if (!this.#isGenuine(body, timestamp, signature)) {
      response.writeHead(401).end();
      return;
    }
    response.writeHead(204).end();
    // At least once: who was told of it already is not woken again.
    if (id === undefined || this.#seen.has(id)) return;
    this.#seen.add(id);
    const { event, alert } = JSON.parse(body);
    this.pages.push({ event, rule: alert.rule, summary: alert.summary });
    this.#news.resolve();
    this.#news = Promise.withResolvers();
  }

  #isGenuine(body: string, timestamp = "", signature = ""): boolean {
    if (!(Math.abs(Date.now() / 1000 - Number(timestamp)) < MOST_AGE_S)) return false;
    const made = createHmac("sha256", this.#secret).update(`${timestamp}.${body}`).digest();
    const given = Buffer.from(signature.replace(/^sha256=/, ""), "hex");
    return given.length === made.length && timingSafeEqual(given, made);
  }
}
