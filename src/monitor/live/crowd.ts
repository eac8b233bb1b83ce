/**
 * Those who look on, and those of them who are shown the same.
 *
 * @module
 */

import { ApiError } from "../errors.ts";
import { encode, eventTexts, type Message } from "./sse.ts";
import { isSameView, type View } from "./view.ts";
import type { Viewer } from "./viewer.ts";

/** How many may look on. */
export interface LiveOptions {
  /** Most streams of events at once in this process, 1 to 100 000. @default {2000} */
  readonly maxViewers?: number;
  /** Most of them for one client: an address, or a network of IPv6. @default {200} */
  readonly maxViewersPerClient?: number;
}

/** Those who are shown the same. */
interface Group {
  readonly view: View;
  readonly viewers: Set<Viewer>;
}

const DEFAULT_VIEWERS = 2000;
const DEFAULT_PER_CLIENT = 200;
/** After how long those may try again for whom there was no room, in seconds. */
const RETRY_AFTER = { "retry-after": "30" };

/** Those who look on. */
export class Crowd {
  readonly #most: number;
  readonly #mostPerClient: number;
  readonly #viewers = new Set<Viewer>();
  readonly #byNetwork = new Map<string, number>();
  /** The session that was looked at last stands at the end. */
  readonly #bySession = new Map<string, Set<Viewer>>();
  readonly #byJob = new Map<string, number>();
  /** Those who have been told how things stand, by what they are shown. */
  readonly #groups = new Set<Group>();

  /** @param options How many there may be. */
  constructor({ maxViewers, maxViewersPerClient }: LiveOptions) {
    this.#most = maxViewers ?? DEFAULT_VIEWERS;
    this.#mostPerClient = maxViewersPerClient ?? DEFAULT_PER_CLIENT;
  }

  /** How many they are. */
  get size(): number {
    return this.#viewers.size;
  }

  /** All of them. */
  [Symbol.iterator](): Iterator<Viewer> {
    return this.#viewers.values();
  }

  /**
   * Refuses one more of a client, if there is no room.
   *
   * @throws {ApiError} `UNAVAILABLE` if they are too many, `RATE_LIMITED` if too many are the client's.
   */
  checkRoom(network: string): void {
    if ((this.#byNetwork.get(network) ?? 0) >= this.#mostPerClient) {
      throw new ApiError("RATE_LIMITED", "too many streams of events of this client", RETRY_AFTER);
    }
    if (this.#viewers.size < this.#most) return;
    throw new ApiError("UNAVAILABLE", "too many streams of events", RETRY_AFTER);
  }

  /** Adds one, who is told nothing yet. */
  add(viewer: Viewer): void {
    const { network, session, view } = viewer.parts;
    this.#viewers.add(viewer);
    count(this.#byNetwork, network, 1);
    if (view.job !== undefined) count(this.#byJob, view.job, 1);
    if (session === undefined) return;
    const own = this.#bySession.get(session) ?? new Set();
    this.#bySession.set(session, own.add(viewer));
  }

  /** Has one told from now on what they are shown. */
  admit(viewer: Viewer): void {
    const { view } = viewer.parts;
    const same = this.#groups.values().find((group) => isSameView(group.view, view));
    if (same === undefined) this.#groups.add({ view, viewers: new Set([viewer]) });
    else same.viewers.add(viewer);
  }

  /** Removes one. */
  remove(viewer: Viewer): void {
    if (!this.#viewers.delete(viewer)) return;
    const { network, session = "", view } = viewer.parts;
    count(this.#byNetwork, network, -1);
    if (view.job !== undefined) count(this.#byJob, view.job, -1);
    const own = this.#bySession.get(session);
    own?.delete(viewer);
    if (own?.size === 0) this.#bySession.delete(session);
    const group = this.#groups.values().find(({ viewers }) => viewers.delete(viewer));
    if (group?.viewers.size === 0) this.#groups.delete(group);
  }

  /** Whether somebody looks at the job with an id alone. */
  isFollowed(id: string): boolean {
    return this.#byJob.has(id);
  }

  /** The sessions of some of them: those that were not asked for the longest. */
  nextSessions(most: number): string[] {
    const ids = this.#bySession.keys().take(most).toArray();
    for (const id of ids) {
      const viewers = this.#bySession.get(id)!;
      this.#bySession.delete(id);
      this.#bySession.set(id, viewers);
    }
    return ids;
  }

  /** Ends the streams of a session. */
  endSession(id: string): void {
    for (const viewer of [...this.#bySession.get(id) ?? []]) viewer.end();
  }

  /**
   * Tells each what they are shown. It is made once for all who are shown the same.
   *
   * @param shown What a view shows.
   * @param cursor Where to go on after it.
   */
  tell(shown: (view: View) => readonly Message[], cursor?: string): void {
    for (const { view, viewers } of [...this.#groups]) {
      const messages = shown(view);
      if (messages.length === 0) continue;
      const piece = encode(eventTexts(messages, cursor));
      for (const viewer of [...viewers]) viewer.push(piece);
    }
  }

  /** Sends a piece to all who have been told how things stand. */
  send(piece: Uint8Array<ArrayBuffer>): void {
    for (const { viewers } of [...this.#groups]) {
      for (const viewer of [...viewers]) viewer.push(piece);
    }
  }
}

function count(counts: Map<string, number>, key: string, change: number): void {
  const sum = (counts.get(key) ?? 0) + change;
  if (sum === 0) counts.delete(key);
  else counts.set(key, sum);
}
