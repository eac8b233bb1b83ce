/**
 * A look at who works.
 *
 * @module
 */

import type { ServersReply, Store } from "../store/store.ts";

/** Most servers of a page, unless asked for less. */
const DEFAULT_LIMIT = 100;

/** Lists the servers and consumers of a store. A client has one, as `client.servers`. */
export class Servers {
  readonly #store: (action: string) => Promise<Store>;

  /**
   * Makes one on a store.
   *
   * @param store Gives the store, open; told what it is for.
   */
  constructor(store: (action: string) => Promise<Store>) {
    this.#store = store;
  }

  /**
   * Lists those that live, the one that started last first. A server tells of
   * itself when it starts, and with each heartbeat, every third of its lease,
   * how many jobs run in its pools. One that stops leaves the list at once, one
   * that died when it has been silent for three leases, at least a minute.
   *
   * @param options `limit`: most servers of a page, 1 to 500, 100 by default; `cursor`: where the
   * last page ended.
   * @throws {InvalidOptionError} If the limit is out of range, or the cursor is not one that a
   * page gave.
   *
   * @example
   * ```ts
   * import { Client, memoryStore, Server } from "@gqm/gqm";
   * import { equal } from "node:assert/strict";
   *
   * const store = memoryStore();
   * await using client = new Client({ store });
   * await using server = new Server({ store, logLevel: "error" });
   * server.handle("greet", () => "Hello");
   * await server.start();
   *
   * const { servers } = await client.servers.list();
   * equal(servers[0]?.id, server.id);
   * equal(servers[0]?.about.pools[0]?.name, "default");
   * ```
   */
  async list(
    options: { readonly limit?: number; readonly cursor?: string } = {},
  ): Promise<ServersReply> {
    const store = await this.#store("list servers");
    return await store.servers({ limit: DEFAULT_LIMIT, ...options });
  }
}
