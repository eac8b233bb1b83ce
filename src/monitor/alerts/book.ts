/**
 * What the monitors of a store know together of its alerts: kept in the store, written by one of
 * them at a time.
 *
 *     alert:watch      who writes, for a time
 *     alert:state:N    parts of the state, written and read together
 *     alert:ack:HASH   that somebody has seen an alert
 *     trail "alerts"   what fired and was resolved
 *
 * @module
 */

import type { KeptMemo, Store } from "../../store/store.ts";
import { sha256Hex } from "../digest.ts";
import { type Acknowledged, type Alert, type Change, changeKey, type Told } from "./alert.ts";
import type { Starts } from "./readings.ts";

/** All that the monitors know together. */
export interface BookState {
  readonly alerts: readonly Alert[];
  readonly starts: Starts;
  /** Changes that were not told yet: whoever writes next tells them. */
  readonly untold: readonly Change[];
  /** Epoch milliseconds, store clock: when it was looked last. */
  readonly lookedAt: number;
}

/** A state, and who writes it. */
export interface BookPage {
  readonly state: BookState;
  /** Undefined if nobody does. */
  readonly writer: string | undefined;
}

/** Name of the trail of what fired and was resolved. */
export const ALERT_TRAIL = "alerts";
/** Entries of it that are kept; the oldest go. */
const MOST_ENTRIES = 1000;

const WATCH = "alert:watch";
const ACKS = "alert:ack:";
const PARTS = Array.from({ length: 16 }, (_, i) => `alert:state:${i}`);
const PART_LENGTH = 60_000;
/** A state that nobody looks after is no longer true. */
const STATE_MS = 7 * 86_400_000;
const LONGEST_ACK_MS = 30 * 86_400_000;
const MOST_ACK_PAGES = 10;
/** Memos or entries of one call. */
const AT_ONCE = 100;

/** Of what is written; rises when it can no longer be read by what wrote it before. */
const VERSION = 1;
const EMPTY: BookState = { alerts: [], starts: {}, untold: [], lookedAt: 0 };

/** Reads the state. */
export async function readBook(store: Store): Promise<BookPage> {
  const [writer, ...parts] = await store.memos([WATCH, ...PARTS]);
  const text = parts.filter((part) => part !== null).join("");
  return { state: text === "" ? EMPTY : parse(text), writer: writer ?? undefined };
}

/** A state of another version, or none, is as good as nothing. */
function parse(text: string): BookState {
  try {
    const { version, ...state } = JSON.parse(text) as BookState & { readonly version: number };
    return version === VERSION ? state : EMPTY;
  } catch {
    return EMPTY;
  }
}

/** Takes the pen, if nobody has it. */
export async function takePen(store: Store, me: string, ttlMs: number): Promise<boolean> {
  return await store.addMemo({ key: WATCH, value: me, ttlMs }) === null;
}

/** Gives the pen back. Whoever does so must have it. */
export async function givePenBack(store: Store): Promise<void> {
  await store.putMemos([{ key: WATCH, value: null }]);
}

/**
 * Writes the state, and keeps the pen for a further time. Whoever does so must have it.
 *
 * @throws {RangeError} If it is too long.
 */
export async function writeBook(
  store: Store,
  state: BookState,
  pen: { readonly me: string; readonly ttlMs: number },
): Promise<void> {
  // A part may end anywhere, but not within a character.
  const text = JSON.stringify({ version: VERSION, ...state }).replace(
    /[^\x20-\x7e]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  if (text.length > PARTS.length * PART_LENGTH) {
    throw new RangeError(`Cannot keep alerts as their text is too long: ${text.length} characters`);
  }
  const parts = PARTS.map((key, i) => {
    const value = text.slice(i * PART_LENGTH, (i + 1) * PART_LENGTH);
    return value === "" ? { key, value: null } : { key, value, ttlMs: STATE_MS };
  });
  await store.putMemos([{ key: WATCH, value: pen.me, ttlMs: pen.ttlMs }, ...parts]);
}

/** That somebody has seen an alert, as it is kept. */
interface KeptAck extends Acknowledged {
  readonly id: string;
  readonly firedAt: number | null;
}

/** Notes that somebody has seen an alert that fires. */
export async function acknowledge(store: Store, alert: Alert, ack: Acknowledged): Promise<void> {
  const { id, firedAt } = alert;
  const kept: KeptAck = { ...ack, id, firedAt };
  const ttlMs = ack.until === null ? LONGEST_ACK_MS : Math.max(1, ack.until - ack.at);
  await store.putMemos([{ key: await ackKey(id), value: JSON.stringify(kept), ttlMs }]);
}

/** Adds to alerts who has seen them, where that holds. */
export async function withAcks(
  store: Store,
  alerts: readonly Alert[],
  now: number,
): Promise<Alert[]> {
  if (!alerts.some(({ status }) => status === "firing")) return [...alerts];
  const kept = await readAcks(store);
  return alerts.map((alert): Alert => {
    const ack = kept.get(alert.id);
    if (ack === undefined || alert.status !== "firing" || ack.firedAt !== alert.firedAt) {
      return alert;
    }
    const { by, at, until } = ack;
    if (until !== null && until <= now) return alert;
    return { ...alert, acknowledged: { by, at, until } };
  });
}

/** Forgets who has seen alerts; at most 100. */
export async function forgetAcks(store: Store, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  const keys = await Promise.all(ids.slice(0, AT_ONCE).map(ackKey));
  await store.putMemos(keys.map((key) => ({ key, value: null })));
}

/** Adds what fired and was resolved to the history, but for what is there already. */
export async function addToHistory(store: Store, told: readonly Told[]): Promise<void> {
  if (told.length === 0) return;
  const { entries } = await store.trail(ALERT_TRAIL, { limit: AT_ONCE });
  const there = new Set(entries.map(({ text }) => changeKey(JSON.parse(text))));
  const texts = told.filter(({ change }) => !there.has(changeKey(change)))
    .map(({ change, alert }) => JSON.stringify({ ...change, alert }));
  for (let from = 0; from < texts.length; from += AT_ONCE) {
    const some = texts.slice(from, from + AT_ONCE);
    await store.addToTrail(ALERT_TRAIL, some, { most: MOST_ENTRIES });
  }
}

async function readAcks(store: Store): Promise<Map<string, KeptAck>> {
  const found: KeptMemo[] = [];
  let cursor: string | undefined;
  for (let pages = 0; pages < MOST_ACK_PAGES; pages++) {
    const reply = await store.memosUnder(ACKS, { limit: AT_ONCE, cursor });
    found.push(...reply.memos);
    cursor = reply.cursor;
    if (cursor === undefined) break;
  }
  const acks = found.map(({ value }) => JSON.parse(value) as KeptAck);
  return new Map(acks.map((ack) => [ack.id, ack]));
}

/** Hashed, since ids may be longer than a key. */
async function ackKey(id: string): Promise<string> {
  return ACKS + (await sha256Hex(id)).slice(0, 32);
}
