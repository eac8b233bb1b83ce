/**
 * What programs beside the queue keep in SQLite.
 *
 * @module
 */

import {
  checkHit,
  checkMemo,
  checkMemoKeys,
  checkMemoPage,
  checkMemos,
  checkTrailPage,
  checkTrailTexts,
  checkUnhit,
} from "../check_desk.ts";
import { decodeHits, encodeHits, hit, type HitGroup, unhit } from "../hits.ts";
import type {
  HitReply,
  HitRule,
  Memo,
  MemosReply,
  NoMemo,
  TrailEntry,
  TrailReply,
} from "../store.ts";
import { decodeText, encodeText } from "./codec.ts";
import { type Database, LIMIT } from "./database.ts";
import type { Transaction } from "./transaction.ts";

const MEMO = "SELECT value FROM memos WHERE key = ? AND ends_at > ?";
const WRITE_MEMO = `
INSERT INTO memos (key, value, ends_at) VALUES (?, ?, ?)
ON CONFLICT (key) DO UPDATE SET value = excluded.value, ends_at = excluded.ends_at`;
const DELETE_MEMO = "DELETE FROM memos WHERE key = ?";
/** Memos between two keys, whether or not their time is over. */
const MEMOS_BETWEEN = `
SELECT key, value, ends_at FROM memos WHERE key >= ? AND key < ? ORDER BY key ${LIMIT}`;
/** Lets go of some memos past their end. */
const DROP_MEMOS = `
DELETE FROM memos WHERE rowid IN (
  SELECT rowid FROM memos WHERE ends_at <= ? ORDER BY ends_at ${LIMIT})`;
const HITS = "SELECT hits FROM hits WHERE key = ?";
const WRITE_HITS = `
INSERT INTO hits (key, hits, ends_at) VALUES (?, ?, ?)
ON CONFLICT (key) DO UPDATE SET hits = excluded.hits, ends_at = excluded.ends_at`;
const DELETE_HITS = "DELETE FROM hits WHERE key = ?";
/** Lets go of some hits that no longer count. */
const DROP_HITS = `
DELETE FROM hits WHERE key IN (SELECT key FROM hits WHERE ends_at <= ? ORDER BY ends_at ${LIMIT})`;
/** Number of the newest entry of a trail. */
const LAST_OF_TRAIL = "SELECT max(number) AS last FROM trails WHERE name = ?";
const ADD_ENTRY = "INSERT INTO trails (name, number, at, text) VALUES (?, ?, ?, ?)";
const CUT_TRAIL = "DELETE FROM trails WHERE name = ? AND number <= ?";
/** Entries of a trail, the newest first. */
const TRAIL = `
SELECT number, at, text FROM trails WHERE name = ? AND number < ? ORDER BY number DESC ${LIMIT}`;

/** Things past their end that each write lets go of, besides two for each thing that it writes. */
const SPARE_SWEPT = 16;
/** Before and behind all characters of a key. */
const FIRST_CHAR = "!";
const LAST_CHAR = "\x7f";

/** A page of a list. */
type Page = { readonly limit: number; readonly cursor?: string };

interface MemoRow {
  readonly key: string;
  readonly value: string;
  readonly ends_at: number;
}

/** See `DeskStage.putMemos`. */
export function putMemos({ db, now }: Transaction, memos: readonly (Memo | NoMemo)[]): void {
  checkMemos(memos);
  for (const memo of memos) {
    if (memo.value === null) db.run(DELETE_MEMO, memo.key);
    else db.run(WRITE_MEMO, memo.key, encodeText(memo.value), now + memo.ttlMs);
  }
  db.run(DROP_MEMOS, now, SPARE_SWEPT + 2 * memos.length);
}

/** See `DeskStage.addMemo`. */
export function addMemo({ db, now }: Transaction, memo: Memo): string | null {
  checkMemo(memo);
  const { key, value, ttlMs } = memo;
  const before = readMemo(db, key, now);
  if (before !== null) return before;
  db.run(WRITE_MEMO, key, encodeText(value), now + ttlMs);
  db.run(DROP_MEMOS, now, SPARE_SWEPT);
  return null;
}

/** See `DeskStage.memos`. */
export function memos(db: Database, keys: readonly string[], now: number): (string | null)[] {
  checkMemoKeys(keys);
  return keys.map((key) => readMemo(db, key, now));
}

function readMemo(db: Database, key: string, now: number): string | null {
  const row = db.get<Pick<MemoRow, "value">>(MEMO, key, now);
  return row === undefined ? null : decodeText(row.value);
}

/** See `DeskStage.memosUnder`. */
export function memosUnder(db: Database, prefix: string, page: Page, now: number): MemosReply {
  const after = checkMemoPage(prefix, page);
  const from = after === "" ? prefix : after + FIRST_CHAR;
  const rows = db.all<MemoRow>(MEMOS_BETWEEN, from, prefix + LAST_CHAR, page.limit + 1);
  const some = rows.slice(0, page.limit);
  const memos = some.filter(({ ends_at }) => ends_at > now)
    .map(({ key, value, ends_at }) => ({ key, value: decodeText(value) ?? "", endsAt: ends_at }));
  return rows.length > page.limit ? { memos, cursor: some.at(-1)!.key } : { memos };
}

/** See `DeskStage.hit`. */
export function countHit(tx: Transaction, key: string, rule: HitRule): HitReply {
  checkHit(key, rule);
  const before = readHits(tx, key);
  const { reply, groups } = hit(before, rule, tx.now);
  // Somebody who does not stop trying writes nothing.
  if (encodeHits(groups) !== encodeHits(before)) writeHits(tx, key, groups);
  tx.db.run(DROP_HITS, tx.now, SPARE_SWEPT);
  return reply;
}

/** See `DeskStage.unhit`. */
export function giveBackHits(tx: Transaction, key: string, count: number | undefined): void {
  checkUnhit(key, count);
  writeHits(tx, key, unhit(readHits(tx, key), count ?? Infinity, tx.now));
}

function readHits({ db }: Transaction, key: string): HitGroup[] {
  return decodeHits(db.get<{ hits: string }>(HITS, key)?.hits ?? "");
}

function writeHits({ db }: Transaction, key: string, groups: readonly HitGroup[]): void {
  const last = groups.at(-1);
  if (last === undefined) db.run(DELETE_HITS, key);
  else db.run(WRITE_HITS, key, encodeHits(groups), last.endsAt);
}

/** See `DeskStage.addToTrail`. */
export function addToTrail(
  { db, now }: Transaction,
  name: string,
  texts: readonly string[],
  limits: { readonly most: number },
): void {
  checkTrailTexts(name, texts, limits);
  let last = db.get<{ last: number | null }>(LAST_OF_TRAIL, name)?.last ?? 0;
  for (const text of texts) db.run(ADD_ENTRY, name, ++last, now, encodeText(text));
  db.run(CUT_TRAIL, name, last - limits.most);
}

/** See `DeskStage.trail`. */
export function trail(db: Database, name: string, page: Page): TrailReply {
  const below = checkTrailPage(name, page);
  const rows = db.all<TrailEntry>(TRAIL, name, below, page.limit + 1);
  const entries = rows.slice(0, page.limit)
    .map(({ number, at, text }) => ({ number, at, text: decodeText(text) ?? "" }));
  return rows.length > page.limit
    ? { entries, cursor: String(entries.at(-1)!.number) }
    : { entries };
}

/** Lets go of some of what is past its end. */
export function pruneDesk({ db, now }: Transaction, most: number): void {
  db.run(DROP_MEMOS, now, most);
  db.run(DROP_HITS, now, most);
}
