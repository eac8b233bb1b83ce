/**
 * What programs beside the queue keep on Redis.
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
import type {
  HitReply,
  HitRule,
  KeptMemo,
  Memo,
  MemosReply,
  NoMemo,
  TrailEntry,
  TrailReply,
} from "../store.ts";
import type { ScriptRunner } from "./script_runner.ts";

/** A page of a list. */
type Page = { readonly limit: number; readonly cursor?: string };

/** See `DeskStage.putMemos`. */
export async function putMemos(
  runner: ScriptRunner,
  memos: readonly (Memo | NoMemo)[],
): Promise<void> {
  checkMemos(memos);
  const words = memos.flatMap((memo) =>
    memo.value === null ? [memo.key, "", ""] : [memo.key, memo.ttlMs, memo.value]
  );
  if (memos.length > 0) await runner.call("put_memos", [memos.length, ...words]);
}

/** See `DeskStage.addMemo`. */
export async function addMemo(runner: ScriptRunner, memo: Memo): Promise<string | null> {
  checkMemo(memo);
  const { key, ttlMs, value } = memo;
  const [there] = await runner.call("add_memo", (again) => [again ? "1" : "", key, ttlMs, value]);
  return (there as string | undefined) ?? null;
}

/** See `DeskStage.memos`. */
export async function memos(
  runner: ScriptRunner,
  keys: readonly string[],
): Promise<(string | null)[]> {
  checkMemoKeys(keys);
  if (keys.length === 0) return [];
  const found = await runner.call("read_memos", keys) as string[];
  return found.map((text) => text === "" ? null : text.slice(1));
}

/** See `DeskStage.memosUnder`. */
export async function memosUnder(
  runner: ScriptRunner,
  prefix: string,
  page: Page,
): Promise<MemosReply> {
  const after = checkMemoPage(prefix, page);
  const reply = await runner.call("list_memos", [prefix, after, page.limit]);
  const [cursor = "", ...words] = reply as string[];
  const memos: KeptMemo[] = [];
  for (let i = 0; i < words.length; i += 3) {
    memos.push({ key: words[i]!, value: words[i + 2]!, endsAt: Number(words[i + 1]) });
  }
  return cursor === "" ? { memos } : { memos, cursor };
}

/** See `DeskStage.hit`. */
export async function hit(runner: ScriptRunner, key: string, rule: HitRule): Promise<HitReply> {
  checkHit(key, rule);
  const { limit, windowMs, count = 1 } = rule;
  const words = [key, limit, windowMs, count];
  const reply = await runner.call("hit", (again) => [again ? "1" : "", ...words]);
  const [allowed, used, retryInMs] = reply as string[];
  return { allowed: allowed === "1", used: Number(used), retryInMs: Number(retryInMs) };
}

/** See `DeskStage.unhit`. */
export async function unhit(
  runner: ScriptRunner,
  key: string,
  count: number | undefined,
): Promise<void> {
  checkUnhit(key, count);
  await runner.call("unhit", (again) => [again ? "1" : "", key, count ?? ""]);
}

/** See `DeskStage.addToTrail`. */
export async function addToTrail(
  runner: ScriptRunner,
  name: string,
  texts: readonly string[],
  limits: { readonly most: number },
): Promise<void> {
  checkTrailTexts(name, texts, limits);
  const words = [name, limits.most, ...texts];
  await runner.call("add_to_trail", (again) => [again ? "1" : "", ...words]);
}

/** See `DeskStage.trail`. */
export async function trail(runner: ScriptRunner, name: string, page: Page): Promise<TrailReply> {
  const below = checkTrailPage(name, page);
  const [texts] = await runner.call("trail", [name, below, page.limit + 1]) as [string[]];
  const found = texts.flatMap(decodeEntry);
  const entries = found.slice(0, page.limit);
  return found.length > page.limit
    ? { entries, cursor: String(entries.at(-1)!.number) }
    : { entries };
}

/** An entry by its text; none if it cannot be read. */
function decodeEntry(text: string): TrailEntry[] {
  const [, number, at, rest = ""] = /^(\d+)\|(\d+)\|(.*)$/s.exec(text) ?? [];
  return number === undefined ? [] : [{ number: Number(number), at: Number(at), text: rest }];
}
