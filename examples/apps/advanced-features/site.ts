/** A small site on this machine, which notes who asks for what. */

import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";

/** A page. Of a link it may be said until when it is worth following. */
interface Page {
  readonly text: string;
  readonly links: readonly string[];
}

const pages: Readonly<Record<string, Page>> = {
  "/": {
    text: "welcome to the garden",
    links: ["/archive/1", "/archive/2", "/news/1", "/news/2", "/sale", "/endless", "/nowhere"],
  },
  "/news/1": { text: "roses are in bloom", links: ["/", "/news/2"] },
  "/news/2": { text: "the first apples are ripe", links: ["/", "/archive/2"] },
  "/archive/1": { text: "how the garden began", links: ["/", "/archive/3"] },
  "/archive/2": { text: "a frost in may", links: ["/"] },
  "/archive/3": { text: "the first roses", links: ["/archive/1"] },
  "/sale": { text: "seeds at half the price", links: [] },
};
/** When the sale ended. */
const SALE_UNTIL = "2020-01-31T00:00:00Z";

/** A request that came in. */
export interface Visit {
  readonly path: string;
  readonly traceparent: string | undefined;
}

/** The site. */
export class Site {
  readonly visits: Visit[] = [];
  /** Most requests at once, but for the page that never ends. */
  most = 0;
  #running = 0;
  readonly #endless = Promise.withResolvers<void>();
  readonly #left = Promise.withResolvers<void>();
  readonly #server = createServer((request, response) => this.#answer(request, response));

  /** Resolves when somebody asks for the page that never ends. */
  get endlessAsked(): Promise<void> {
    return this.#endless.promise;
  }

  /** Resolves when whoever asked for it has left. */
  get endlessLeft(): Promise<void> {
    return this.#left.promise;
  }

  /** Starts it on a free port, and gives its URL. */
  async listen(): Promise<string> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }

  #answer({ url: path = "/", headers }: IncomingMessage, response: ServerResponse): void {
    this.visits.push({ path, traceparent: headers.traceparent as string | undefined });
    if (path === "/endless") {
      response.writeHead(200, { "content-type": "text/html" }).write("<p>and so on");
      response.once("close", () => this.#left.resolve());
      this.#endless.resolve();
      return;
    }
    this.most = Math.max(this.most, ++this.#running);
    const page = pages[path];
    // Not at once, so that requests meet.
    setTimeout(() => {
      this.#running--;
      if (page) response.writeHead(200, { "content-type": "text/html" }).end(htmlOf(path, page));
      else response.writeHead(404).end();
    }, 20);
  }
}

function htmlOf(path: string, { text, links }: Page): string {
  const tags = links.map((to) => {
    const until = to === "/sale" ? ` data-until="${SALE_UNTIL}"` : "";
    return `<a href="${to}"${until}>${to}</a>`;
  });
  return `<title>${path}</title><p>${text}</p>${tags.join("\n")}`;
}
