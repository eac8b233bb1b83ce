/**
 * The audit log, for admins.
 *
 * @module
 */

import type { Store, TrailEntry } from "../../store/store.ts";
import { type Answer, cursorPage } from "../answer.ts";
import { AUDIT_TRAIL } from "../audit.ts";
import { needAllQueues } from "../auth/principal.ts";
import type { Call } from "../call.ts";
import { cursorRule, limitRule } from "../params.ts";
import type { Route } from "../route.ts";
import { any, cursorPaged, integer, nullable, object, oneOf, record, text } from "../schema.ts";

/** Entries that are read at once, and most reads of one request. */
const READ_AT_ONCE = 100;
const MOST_READS = 10;

/** An entry on the wire. */
interface Entry {
  readonly number: number;
  readonly at_ms: number;
  readonly action: string;
  readonly who: string;
}

/** The audit log. */
export const auditRoutes: readonly Route[] = [
  {
    method: "GET",
    path: "/api/v1/audit",
    access: "admin",
    summary: "Changes that were made through the monitor, the newest first",
    description: "A page may hold fewer entries than asked for though there are more: it is the " +
      "last if it has no cursor.",
    query: {
      limit: limitRule,
      cursor: cursorRule,
      action: { description: "Only of this action, such as `job.retry`", schema: text },
      who: { description: "Only of this user, or `apikey:` and the name of a key", schema: text },
    },
    answer: {
      body: cursorPaged(object({
        number: integer,
        at_ms: integer,
        action: text,
        target: record(text),
        who: text,
        by: oneOf("nothing", "session", "key"),
        from: nullable(text),
        status: integer,
        "detail?": record(any),
      })),
    },
    handle: listAudit,
  },
];

async function listAudit({ query, who, desk }: Call): Promise<Answer> {
  needAllQueues(who);
  const limit = query.number("limit", limitRule);
  const action = query.get("action");
  const name = query.get("who");
  const isFiltered = action !== undefined || name !== undefined;
  const isMeant = (entry: Entry): boolean =>
    (action === undefined || entry.action === action) && (name === undefined || entry.who === name);
  const { found, cursor } = await readTrail(await desk.store(), {
    limit,
    atOnce: isFiltered ? READ_AT_ONCE : limit,
    from: query.get("cursor"),
    isMeant,
  });
  return cursorPage(found, { limit, cursor });
}

interface Reading {
  readonly limit: number;
  readonly atOnce: number;
  readonly from: string | undefined;
  readonly isMeant: (entry: Entry) => boolean;
}

/** The next entries that are meant, of those that one request may look at; and where to go on. */
async function readTrail(
  store: Store,
  { limit, atOnce, from, isMeant }: Reading,
): Promise<{ found: Entry[]; cursor: string | undefined }> {
  const found: Entry[] = [];
  let cursor = from;
  for (let reads = 0; reads < MOST_READS; reads++) {
    const { entries, cursor: next } = await store.trail(AUDIT_TRAIL, { limit: atOnce, cursor });
    for (const [i, entry] of entries.entries()) {
      const shown = toShown(entry);
      if (isMeant(shown)) found.push(shown);
      if (found.length < limit) continue;
      return { found, cursor: i === entries.length - 1 ? next : String(entry.number) };
    }
    cursor = next;
    if (cursor === undefined) break;
  }
  return { found, cursor };
}

function toShown({ number, at, text }: TrailEntry): Entry {
  return { number, at_ms: at, ...JSON.parse(text) };
}
