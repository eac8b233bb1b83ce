/** What a Redis server tells of its connections. Runs on Deno, Bun and Node. */

import type { RespClient } from "../../support/redis/resp_client.ts";

/** A connection, as the server sees it. */
export interface Connection {
  readonly id: string;
  /** Name of the user that logged in. */
  readonly user: string;
  /** Number of the database. */
  readonly db: string;
  /** What it is for, by what it does: blocks, hears channels, or neither. */
  readonly role: "main" | "blocking" | "hearing";
}

/** All connections but the one that asks, and those of replicas. */
export async function connectionsOf(admin: RespClient): Promise<Connection[]> {
  const own = String(await admin.call("CLIENT", "ID"));
  const list = String(await admin.call("CLIENT", "LIST", "TYPE", "normal")) +
    String(await admin.call("CLIENT", "LIST", "TYPE", "pubsub"));
  return list.trim().split(/\r?\n/).filter((line) => line !== "").map((line) => {
    const field = (name: string): string =>
      new RegExp(`(?:^| )${name}=(\\S*)`).exec(line)?.[1] ?? "";
    const role = field("cmd") === "blpop"
      ? "blocking" as const
      : field("sub") === "0"
      ? "main" as const
      : "hearing" as const;
    return { id: field("id"), user: field("user"), db: field("db"), role };
  }).filter(({ id }) => id !== own);
}

const POLL_MS = 10;
const LIMIT_MS = 30_000;

/** Waits until there is no other connection: Redis notices the end of one a moment later. */
export async function untilAlone(admin: RespClient): Promise<void> {
  await until("all other connections end", async () => (await connectionsOf(admin)).length === 0);
}

/** Asks again and again until the answer is yes. */
export async function until(what: string, holds: () => Promise<boolean> | boolean): Promise<void> {
  const end = performance.now() + LIMIT_MS;
  while (!await holds()) {
    if (performance.now() > end) {
      throw new Error(`Cannot go on as this must happen within ${LIMIT_MS} ms: ${what}`);
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
