/**
 * The rules for memos, hits and trails, which all stores share. An error says
 * how long a text is, or which character it may not have, but not the text: it
 * may be a secret.
 *
 * @module
 */

import { checkInteger, checkKeys } from "../checks.ts";
import { InvalidOptionError } from "../errors.ts";
import {
  type HitRule,
  MAX_HIT_WINDOW_MS,
  MAX_HITS,
  MAX_MEMO_LENGTH,
  MAX_MEMO_MS,
  MAX_MEMO_TOTAL,
  MAX_MEMOS,
  MAX_TRAIL_ENTRIES,
  MAX_TRAIL_PAGE,
  MAX_TRAIL_TEXT,
  type Memo,
  type NoMemo,
} from "./desk_stage.ts";

/** Longest key, in characters. */
const MAX_KEY_LENGTH = 200;
const NOT_IN_KEY = /[^\w.:@/+=~-]/u;
const NUMBER = /^\d{1,15}$/;

/** A page of a list. */
type Page = { readonly limit: number; readonly cursor?: string };

/** Checks memos that are to be written or removed. */
export function checkMemos(memos: readonly (Memo | NoMemo)[]): void {
  const action = "write memos";
  checkInteger(action, "memos.length", memos.length, 0, MAX_MEMOS);
  for (const memo of memos) {
    if (memo.value === null) checkKey(action, "key", memo.key);
    else checkOne(action, memo);
  }
  const total = memos.reduce((sum, { value }) => sum + (value?.length ?? 0), 0);
  checkInteger(action, "length of all values", total, 0, MAX_MEMO_TOTAL);
}

/** Checks a memo that is to be added. */
export function checkMemo(memo: Memo): void {
  checkOne("add memo", memo);
}

/** Checks keys whose memos are to be read. */
export function checkMemoKeys(keys: readonly string[]): void {
  const action = "read memos";
  checkInteger(action, "keys.length", keys.length, 0, MAX_MEMOS);
  for (const key of keys) checkKey(action, "key", key);
}

/** Checks a page of memos; gives the key after which it begins, '' at the beginning. */
export function checkMemoPage(prefix: string, page: Page): string {
  const action = "list memos";
  const { limit, cursor } = page;
  checkKey(action, "prefix", prefix);
  checkKeys(action, page, ["limit", "cursor"]);
  checkInteger(action, "limit", limit, 1, MAX_MEMOS);
  if (cursor === undefined) return "";
  if (isKey(cursor) && cursor.startsWith(prefix)) return cursor;
  throw new InvalidOptionError(action, "cursor", "come from the page before", cursor);
}

/** Checks a hit. */
export function checkHit(key: string, rule: HitRule): void {
  const action = "count hit";
  checkKey(action, "key", key);
  checkKeys(action, rule, ["limit", "windowMs", "count"]);
  checkInteger(action, "limit", rule.limit, 1, MAX_HITS);
  checkInteger(action, "windowMs", rule.windowMs, 1, MAX_HIT_WINDOW_MS);
  if (rule.count !== undefined) checkInteger(action, "count", rule.count, 1, rule.limit);
}

/** Checks hits that are to be given back. */
export function checkUnhit(key: string, count: number | undefined): void {
  const action = "give back hits";
  checkKey(action, "key", key);
  if (count !== undefined) checkInteger(action, "count", count, 1, MAX_HITS);
}

/** Checks what is to be added to a trail. */
export function checkTrailTexts(
  name: string,
  texts: readonly string[],
  limits: { readonly most: number },
): void {
  const action = "add to trail";
  checkKey(action, "name", name);
  checkInteger(action, "texts.length", texts.length, 0, MAX_TRAIL_PAGE);
  for (const text of texts) checkText(action, "text", text, MAX_TRAIL_TEXT);
  checkKeys(action, limits, ["most"]);
  checkInteger(action, "most", limits.most, 1, MAX_TRAIL_ENTRIES);
}

/** Checks a page of a trail; gives the number that its entries are below. */
export function checkTrailPage(name: string, page: Page): number {
  const action = "read trail";
  const { limit, cursor } = page;
  checkKey(action, "name", name);
  checkKeys(action, page, ["limit", "cursor"]);
  checkInteger(action, "limit", limit, 1, MAX_TRAIL_PAGE);
  if (cursor === undefined) return Number.MAX_SAFE_INTEGER;
  if (NUMBER.test(cursor)) return Number(cursor);
  throw new InvalidOptionError(action, "cursor", "come from the page before", cursor);
}

function checkOne(action: string, { key, value, ttlMs }: Memo): void {
  checkKey(action, "key", key);
  checkText(action, "value", value, MAX_MEMO_LENGTH);
  checkInteger(action, "ttlMs", ttlMs, 1, MAX_MEMO_MS);
}

function checkText(action: string, option: string, text: unknown, most: number): void {
  if (typeof text !== "string") {
    throw new InvalidOptionError(action, `type of ${option}`, "be 'string'", typeof text);
  }
  checkInteger(action, `length of ${option}`, text.length, 0, most);
  if (text.isWellFormed()) return;
  const at = Array.from(text).findIndex((char) => !char.isWellFormed());
  throw new InvalidOptionError(action, `first lone surrogate of ${option}`, "not be there", at);
}

function isKey(key: string): boolean {
  return key.length > 0 && key.length <= MAX_KEY_LENGTH && !NOT_IN_KEY.test(key);
}

function checkKey(action: string, option: string, key: unknown): void {
  if (typeof key !== "string") {
    throw new InvalidOptionError(action, `type of ${option}`, "be 'string'", typeof key);
  }
  checkInteger(action, `length of ${option}`, key.length, 1, MAX_KEY_LENGTH);
  const [foreign] = NOT_IN_KEY.exec(key) ?? [];
  if (foreign === undefined) return;
  const rule = "be one of a-z A-Z 0-9 . _ : @ / + = ~ -";
  throw new InvalidOptionError(action, `each character of ${option}`, rule, foreign);
}
