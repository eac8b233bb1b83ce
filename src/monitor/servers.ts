/**
 * Who works, as routes need it: all of them at once.
 *
 * @module
 */

import type { ServerRecord, Store } from "../store/store.ts";

const PAGE = 500;
/** Most servers that are read. */
const MOST_SERVERS = 10_000;

/** Reads all servers and consumers that live, the one that started last first. */
export async function allServers(store: Store): Promise<ServerRecord[]> {
  const found: ServerRecord[] = [];
  let cursor: string | undefined;
  do {
    const page = cursor === undefined ? { limit: PAGE } : { limit: PAGE, cursor };
    const reply = await store.servers(page);
    found.push(...reply.servers);
    cursor = reply.cursor;
  } while (cursor !== undefined && found.length < MOST_SERVERS);
  return found;
}
