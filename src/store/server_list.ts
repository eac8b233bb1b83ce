/**
 * The rules for lists of servers, which all stores share.
 *
 * @module
 */

import { checkInteger, checkKeys } from "../checks.ts";
import { InvalidOptionError } from "../errors.ts";
import type { ServerRecord, ServersReply } from "./server_stage.ts";

const ACTION = "list servers";
/** Most servers of one page. */
const LARGEST_PAGE = 500;
/** A server is not forgotten before it was silent for so long, in milliseconds. */
const SHORTEST_SILENCE_MS = 60_000;

/** How long a server with such leases may be silent before it is forgotten, in milliseconds. */
export function silenceMs(leaseMs: number): number {
  return Math.max(3 * leaseMs, SHORTEST_SILENCE_MS);
}

/**
 * Makes a page of all servers that beat.
 *
 * @param all All that the store knows of, in any order.
 * @param now The store's.
 */
export function pageOfServers(
  all: readonly ServerRecord[],
  page: { readonly limit: number; readonly cursor?: string },
  now: number,
): ServersReply {
  checkKeys(ACTION, page, ["limit", "cursor"]);
  const { limit, cursor } = page;
  checkInteger(ACTION, "limit", limit, 1, LARGEST_PAGE);
  const last = cursor === undefined ? undefined : parseCursor(cursor);
  const living = all
    .filter(({ lastHeartbeatAt, leaseMs }) => now - lastHeartbeatAt < silenceMs(leaseMs))
    .filter((server) => last === undefined || newestFirst(last, server) < 0)
    .sort(newestFirst);
  const servers = living.slice(0, limit);
  const end = servers.at(-1);
  return living.length > limit ? { servers, cursor: `${end!.startedAt}:${end!.id}` } : { servers };
}

type Place = Pick<ServerRecord, "startedAt" | "id">;

function newestFirst(a: Place, b: Place): number {
  return b.startedAt - a.startedAt || (a.id < b.id ? 1 : a.id > b.id ? -1 : 0);
}

function parseCursor(cursor: unknown): Place {
  const parts = typeof cursor === "string" ? /^(\d{1,16}):(.+)$/s.exec(cursor) : null;
  if (parts !== null) return { startedAt: Number(parts[1]), id: parts[2]! };
  throw new InvalidOptionError(ACTION, "cursor", "come from the page before", cursor);
}
