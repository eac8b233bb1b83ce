/**
 * Stand-ins for a warehouse, a bank and a carrier: an HTTP server on this machine that does what has
 * the same `Idempotency-Key` once, and writes what it did into a ledger.
 */

import { appendFile, readFile } from "node:fs/promises";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import type { Order } from "./jobs.ts";

/** A line of the ledger. */
export interface Entry {
  readonly deed: string;
  readonly order: string;
  readonly item: string;
  readonly count: number;
  readonly cents: number;
  readonly key: string;
}

interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/** What somebody who looks on is told. */
export interface Watcher {
  /** Something was done, and the answer has not left yet. */
  done(deed: string, order: string): Promise<void>;
  /** The same was asked again. */
  again(deed: string, order: string): void;
}

const UNDO: Readonly<Record<string, string>> = {
  reserve: "release",
  charge: "refund",
  ship: "recall",
};

const GONE = { error: "it was taken back" };

/** Warehouse, bank and carrier in one. */
export class Partners implements AsyncDisposable {
  readonly #ledgerPath: string;
  readonly #watcher: Watcher;
  readonly #server = createServer();
  readonly #answers = new Map<string, Promise<Answer>>();
  readonly #stock = new Map([["tea", 10]]);
  #outages = 1;

  private constructor(ledgerPath: string, watcher: Watcher) {
    this.#ledgerPath = ledgerPath;
    this.#watcher = watcher;
    this.#server.on("request", async (request, response) => {
      const { status, body } = await this.#handle(request);
      response.writeHead(status, { "Content-Type": "application/json" });
      response.end(JSON.stringify(body));
    });
  }

  /** Starts them. What the ledger holds was done before. */
  static async start(ledgerPath: string, watcher: Watcher): Promise<Partners> {
    const partners = new Partners(ledgerPath, watcher);
    for (const entry of await readLedger(ledgerPath)) {
      partners.#answers.set(entry.key, Promise.resolve(partners.#count(entry)));
    }
    const server = partners.#server;
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return partners;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** How much there is of something. */
  stock(item: string): number {
    return this.#stock.get(item) ?? 0;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #handle(request: IncomingMessage): Promise<Answer> {
    const deed = request.url?.slice(1) ?? "";
    const key = `${request.headers["idempotency-key"]}`;
    const order = JSON.parse(await textOf(request)) as Order;
    if (request.method === "DELETE") return await this.#undo(deed, key, order);
    const known = this.#answers.get(key);
    if (known !== undefined) {
      this.#watcher.again(deed, order.id);
      return await known;
    }
    if (deed === "ship" && this.#outages-- > 0) return refusal(503, "the carrier is away");
    const answer = this.#do(deed, key, order);
    this.#answers.set(key, answer);
    return await answer;
  }

  async #do(deed: string, key: string, order: Order): Promise<Answer> {
    const { id, item, count, card, address } = order;
    if (deed === "reserve" && this.stock(item) < count) return refusal(409, "out of stock");
    if (deed === "charge" && card === "declined") return refusal(402, "the card was declined");
    if (deed === "ship" && address === "") return refusal(422, "there is no address");
    const answer = this.#count(await this.#write(deed, key, order));
    await this.#watcher.done(deed, id);
    return answer;
  }

  async #undo(deed: string, key: string, order: Order): Promise<Answer> {
    const undone = this.#takeBack(this.#answers.get(key), deed, key, order);
    // Whoever comes late with the request itself finds that it was taken back.
    this.#answers.set(key, undone.then((undone) => ({ status: 410, body: { ...GONE, undone } })));
    return { status: 200, body: { undone: await undone } };
  }

  async #takeBack(
    before: Promise<Answer> | undefined,
    deed: string,
    key: string,
    order: Order,
  ): Promise<boolean> {
    const { status, body } = await before ?? refusal(404, "it was not asked for");
    if (status !== 200) return body.undone === true;
    this.#count(await this.#write(UNDO[deed] ?? deed, key, order));
    return true;
  }

  async #write(deed: string, key: string, order: Order): Promise<Entry> {
    const { id, item, count, cents } = order;
    const entry = { deed, order: id, item, count, cents, key };
    await appendFile(this.#ledgerPath, `${JSON.stringify(entry)}\n`);
    return entry;
  }

  /** Counts what the ledger says, and gives the answer to whoever asks for the same. */
  #count({ deed, order, item, count }: Entry): Answer {
    if (deed === "reserve") this.#stock.set(item, this.stock(item) - count);
    if (deed === "release") this.#stock.set(item, this.stock(item) + count);
    if (deed === "reserve") return { status: 200, body: { left: this.stock(item) } };
    if (deed === "charge") return { status: 200, body: { receipt: `receipt-${order}` } };
    if (deed === "ship") return { status: 200, body: { parcel: `parcel-${order}` } };
    return { status: 410, body: { ...GONE, undone: true } };
  }
}

/** What a ledger says; nothing if there is none yet. */
export async function readLedger(path: string): Promise<Entry[]> {
  const text = await readFile(path, "utf8").catch(() => "");
  return text.split("\n").filter((line) => line !== "").map((line) => JSON.parse(line));
}

function refusal(status: number, error: string): Answer {
  return { status, body: { error } };
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of request.setEncoding("utf8")) text += chunk;
  return text;
}
