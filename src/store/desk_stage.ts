/**
 * The side of the store port for programs beside the queue, such as a monitor:
 * what several processes of theirs must remember together. Memos are texts that
 * are kept for a time; hits are counted in a window of time; a trail is a list
 * of which the newest entries are kept. None of it concerns a job.
 *
 * What is kept may be a secret, or the hash of one: no error, log or finding of
 * the doctor tells a value. Keys and names may be told.
 *
 * @module
 */

/** A text that is kept for a time. */
export interface Memo {
  /** Its name: 1 to 200 of the characters a-z A-Z 0-9 . _ : @ / + = ~ - */
  readonly key: string;
  /** The text: well-formed, at most 65 536 characters. A store never reads it. */
  readonly value: string;
  /** For how long it is kept: milliseconds, at least 1, at most 400 days. */
  readonly ttlMs: number;
}

/** That there is to be no memo with a key. */
export interface NoMemo {
  /** Its name. */
  readonly key: string;
  /** Removes it. */
  readonly value: null;
}

/** A memo as it is kept. */
export interface KeptMemo {
  /** Its name. */
  readonly key: string;
  /** The text. */
  readonly value: string;
  /** Epoch milliseconds, store clock: from then on it is gone. */
  readonly endsAt: number;
}

/** A page of memos. It may hold fewer than asked for though there are more. */
export interface MemosReply {
  /** The memos, by their keys. */
  readonly memos: readonly KeptMemo[];
  /** Give it to the next call; absent on the last page. */
  readonly cursor?: string;
}

/** How many hits a key may have. */
export interface HitRule {
  /** Most hits in any stretch of time of this length, 1 to 100 000. */
  readonly limit: number;
  /** Length of the window: milliseconds, at least 1, at most 31 days. */
  readonly windowMs: number;
  /** How many hits this call is, at most `limit`: all of them count, or none. @default {1} */
  readonly count?: number;
}

/** What became of a hit. */
export interface HitReply {
  /** Whether it was counted. */
  readonly allowed: boolean;
  /** Hits of the key that count now, this one included if it was counted. */
  readonly used: number;
  /** Milliseconds until it would be allowed if there were no other; 0 if it was. */
  readonly retryInMs: number;
}

/** An entry of a trail. */
export interface TrailEntry {
  /** Rises by one from entry to entry, from 1. */
  readonly number: number;
  /** Epoch milliseconds, store clock: when it was added. */
  readonly at: number;
  /** The text. */
  readonly text: string;
}

/** A page of a trail. */
export interface TrailReply {
  /** The entries, the newest first. */
  readonly entries: readonly TrailEntry[];
  /** Give it to the next call; absent on the last page. */
  readonly cursor?: string;
}

/** Most memos of one call, written or read. */
export const MAX_MEMOS = 100;
/** Longest text of a memo, in characters. */
export const MAX_MEMO_LENGTH = 65_536;
/** Most characters of the texts of one call. */
export const MAX_MEMO_TOTAL = 1_048_576;
/** Longest time for which a memo is kept, in milliseconds: 400 days. */
export const MAX_MEMO_MS: number = 400 * 86_400_000;
/** Most hits of a key in its window. */
export const MAX_HITS = 100_000;
/** Longest window of hits, in milliseconds: 31 days. */
export const MAX_HIT_WINDOW_MS: number = 31 * 86_400_000;
/** Most entries that are added to a trail, or read of it, at once. */
export const MAX_TRAIL_PAGE = 100;
/** Most entries of a trail. */
export const MAX_TRAIL_ENTRIES = 10_000;
/** Longest text of an entry of a trail, in characters. */
export const MAX_TRAIL_TEXT = 8_192;

/**
 * What programs beside the queue keep. A memo, and the hits of a key, are gone
 * when their time is over by the store's clock, whether or not anything has
 * looked; what they took is given free by later writes of the same kind and by
 * `prune`. All verbs throw `InvalidOptionError` if a key, a text or a number is
 * not as it must be; nothing has changed then.
 */
export interface DeskStage {
  /**
   * Writes memos, or removes them, in their order; at most 100, whose texts have
   * at most 1 048 576 characters together.
   *
   * After: each key has the text of the last memo that names it, from now on for
   * its `ttlMs`, or none.
   * Failure: throws; nothing was written.
   * Repeat: writes the same again; the time begins anew.
   */
  putMemos(memos: readonly (Memo | NoMemo)[]): Promise<void>;

  /**
   * Writes a memo if there is none with its key. Of several calls at once one
   * is the first, so that the key belongs to whoever was told null.
   *
   * After: there is a memo with the key.
   * Failure: throws; nothing was written.
   * Repeat: answers the text that the first call wrote. A store that sends a call
   * again by itself, as its reply was lost, knows its own memo and answers null.
   *
   * @returns Null if it was written, else the text of the one that is there.
   */
  addMemo(memo: Memo): Promise<string | null>;

  /** Reads the texts of at most 100 keys, in their order; null for those without a memo. */
  memos(keys: readonly string[]): Promise<(string | null)[]>;

  /**
   * Lists memos whose keys begin with a text, in the order of their keys. One
   * call looks at no more than `limit` keys. Memos that come or go while pages
   * are read may be among them or not; all others are, once.
   *
   * @param prefix What keys begin with, itself a key.
   * @param page `limit`: most memos, 1 to 100.
   */
  memosUnder(
    prefix: string,
    page: { readonly limit: number; readonly cursor?: string },
  ): Promise<MemosReply>;

  /**
   * Counts a hit of a key, if the window has room for it: there are never more
   * than `limit` in any `windowMs`, however many calls come at once. A hit counts
   * for `windowMs`, and up to a fiftieth of that longer. One that is not allowed
   * is not counted. A key has the limits of the call; hits of earlier ones that
   * would count for longer than this one do so for as long as it.
   *
   * After: the hit is counted, or there was no room.
   * Failure: throws; nothing was counted.
   * Repeat: counts once more. A store that sends a call again by itself counts it
   * once, or, if others came between, twice, but never not at all.
   */
  hit(key: string, rule: HitRule): Promise<HitReply>;

  /**
   * Gives hits back: the newest `count` of those that count, or all of them.
   * For a try that must be counted before it is known whether it counts, such as
   * one that is reserved before a password is checked.
   *
   * After: so many fewer count.
   * Failure: throws; none was given back.
   * Repeat: gives back as many again; a store that sends a call again by itself
   * gives them back once.
   *
   * @param count How many, 1 to 100 000; all if it is absent.
   */
  unhit(key: string, count?: number): Promise<void>;

  /**
   * Adds texts to a trail, in their order, which makes it if there is none. It
   * stays for ever, so programs use few names.
   *
   * After: they are the newest entries; of all, the newest `most` are there.
   * Failure: throws; none was added.
   * Repeat: adds them once more; a store that sends a call again by itself adds
   * them once.
   *
   * @param name Of the trail; as the key of a memo.
   * @param texts At most 100, each well-formed and of at most 8192 characters.
   * @param limits `most`: how many entries are kept, 1 to 10 000.
   */
  addToTrail(
    name: string,
    texts: readonly string[],
    limits: { readonly most: number },
  ): Promise<void>;

  /**
   * Reads a trail, the newest entries first.
   *
   * @param page `limit`: most entries, 1 to 100.
   */
  trail(
    name: string,
    page: { readonly limit: number; readonly cursor?: string },
  ): Promise<TrailReply>;
}
