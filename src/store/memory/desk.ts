/**
 * What programs beside the queue keep in the memory store.
 *
 * @module
 */

import type { Clock } from "../../clock.ts";
import { Heap } from "../../heap.ts";
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
import { hit, type HitGroup, unhit } from "../hits.ts";
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

/** A page of a list. */
type Page = { readonly limit: number; readonly cursor?: string };

/** Things past their end that each write lets go of, besides two for each thing that it writes. */
const SPARE_SWEPT = 16;

/** Memos, hits and trails. */
export class Desk {
  readonly #clock: Clock;
  readonly #memos = new Lapsing<KeptMemo>();
  readonly #hits = new Lapsing<{ readonly groups: readonly HitGroup[]; readonly endsAt: number }>();
  readonly #trails = new Map<string, TrailEntry[]>();

  /** @param clock The store's. */
  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** See `DeskStage.putMemos`. */
  putMemos(memos: readonly (Memo | NoMemo)[]): void {
    checkMemos(memos);
    const now = this.#now;
    for (const memo of memos) {
      if (memo.value === null) this.#memos.delete(memo.key);
      else this.#memos.set(memo.key, toKept(memo, now));
    }
    this.#memos.sweep(now, SPARE_SWEPT + 2 * memos.length);
  }

  /** See `DeskStage.addMemo`. */
  addMemo(memo: Memo): string | null {
    checkMemo(memo);
    const now = this.#now;
    const before = this.#memos.get(memo.key, now);
    if (before !== undefined) return before.value;
    this.#memos.set(memo.key, toKept(memo, now));
    this.#memos.sweep(now, SPARE_SWEPT);
    return null;
  }

  /** See `DeskStage.memos`. */
  memos(keys: readonly string[]): (string | null)[] {
    checkMemoKeys(keys);
    return keys.map((key) => this.#memos.get(key, this.#now)?.value ?? null);
  }

  /** See `DeskStage.memosUnder`. */
  memosUnder(prefix: string, page: Page): MemosReply {
    const after = checkMemoPage(prefix, page);
    const keys = this.#memos.keys().filter((key) => key.startsWith(prefix) && key > after).sort();
    const memos = keys.slice(0, page.limit).flatMap((key) => this.#memos.get(key, this.#now) ?? []);
    return keys.length > page.limit ? { memos, cursor: keys[page.limit - 1]! } : { memos };
  }

  /** See `DeskStage.hit`. */
  hit(key: string, rule: HitRule): HitReply {
    checkHit(key, rule);
    const now = this.#now;
    const { reply, groups } = hit(this.#hits.get(key, now)?.groups ?? [], rule, now);
    this.#setHits(key, groups);
    this.#hits.sweep(now, SPARE_SWEPT);
    return reply;
  }

  /** See `DeskStage.unhit`. */
  unhit(key: string, count: number | undefined): void {
    checkUnhit(key, count);
    const now = this.#now;
    const groups = this.#hits.get(key, now)?.groups ?? [];
    this.#setHits(key, unhit(groups, count ?? Infinity, now));
  }

  /** See `DeskStage.addToTrail`. */
  addToTrail(
    name: string,
    texts: readonly string[],
    limits: { readonly most: number },
  ): void {
    checkTrailTexts(name, texts, limits);
    const before = this.#trails.get(name) ?? [];
    if (before.length + texts.length === 0) return;
    const last = before.at(-1)?.number ?? 0;
    const entries = texts.map((text, i) => ({ number: last + 1 + i, at: this.#now, text }));
    this.#trails.set(name, [...before, ...entries].slice(-limits.most));
  }

  /** See `DeskStage.trail`. */
  trail(name: string, page: Page): TrailReply {
    const below = checkTrailPage(name, page);
    const found = (this.#trails.get(name) ?? []).filter(({ number }) => number < below);
    const entries = found.slice(-page.limit).reverse();
    return found.length > page.limit
      ? { entries, cursor: String(entries.at(-1)!.number) }
      : { entries };
  }

  /** Lets go of a bounded number of things past their end. */
  prune(most: number): void {
    const now = this.#now;
    this.#memos.sweep(now, most);
    this.#hits.sweep(now, most);
  }

  get #now(): number {
    return Math.floor(this.#clock.now());
  }

  #setHits(key: string, groups: readonly HitGroup[]): void {
    const last = groups.at(-1);
    if (last === undefined) this.#hits.delete(key);
    else this.#hits.set(key, { groups, endsAt: last.endsAt });
  }
}

function toKept({ key, value, ttlMs }: Memo, now: number): KeptMemo {
  return { key, value, endsAt: now + ttlMs };
}

/** When a thing ends, as it was when that was noted. */
interface Ending {
  readonly key: string;
  readonly endsAt: number;
}

/** Things by their keys, each until its end. */
class Lapsing<T extends { readonly endsAt: number }> {
  readonly #things = new Map<string, T>();
  readonly #endings = new Heap<Ending>((a, b) => a.endsAt < b.endsAt);

  /** What is there under a key, unless its time is over. */
  get(key: string, now: number): T | undefined {
    const thing = this.#things.get(key);
    return thing === undefined || thing.endsAt <= now ? undefined : thing;
  }

  /** All keys, also of things past their end. */
  keys(): string[] {
    return [...this.#things.keys()];
  }

  /** Puts a thing in the place of what was there. */
  set(key: string, thing: T): void {
    const before = this.#things.get(key);
    this.#things.set(key, thing);
    if (before?.endsAt === thing.endsAt) return;
    this.#endings.push({ key, endsAt: thing.endsAt });
    if (this.#endings.size > 2 * this.#things.size + SPARE_SWEPT) {
      this.#endings.keep((ending) => this.#holds(ending));
    }
  }

  /** Takes a thing away. */
  delete(key: string): void {
    this.#things.delete(key);
  }

  /** Lets go of things past their end. */
  sweep(now: number, most: number): void {
    for (let i = 0; i < most; i++) {
      const ending = this.#endings.peek();
      if (ending === undefined || ending.endsAt > now) return;
      this.#endings.pop();
      if (this.#holds(ending)) this.#things.delete(ending.key);
    }
  }

  #holds({ key, endsAt }: Ending): boolean {
    return this.#things.get(key)?.endsAt === endsAt;
  }
}
