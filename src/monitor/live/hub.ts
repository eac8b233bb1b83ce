/**
 * What those are told who look on. However many they are, the store is watched once, from the first
 * of them until a while after the last.
 *
 * @module
 */

import { type Clock, sleep } from "../../clock.ts";
import type { Store } from "../../store/store.ts";
import { ApiError } from "../errors.ts";
import type { Redactor } from "../redact.ts";
import { Batch, type Happening } from "./batch.ts";
import { Crowd, type LiveOptions } from "./crowd.ts";
import type { LiveEventName } from "./events.ts";
import { GAP, happened, queuesTold, serversTold } from "./shown.ts";
import { encode, eventTexts, helloText, idText, type Message, PING_TEXT } from "./sse.ts";
import { changesOf } from "./standing.ts";
import { showsQueue } from "./view.ts";
import { Viewer, type ViewerParts } from "./viewer.ts";
import { Watch } from "./watch.ts";

/** What a hub works with. */
export interface HubParts extends LiveOptions {
  /** Gives the store, open. */
  readonly store: () => Promise<Store>;
  readonly clock: Clock;
  readonly redactor: Redactor;
  /** Tells which of some sessions, at most 100, still let somebody in; undefined where nobody logs in. */
  readonly livingSessions: ((ids: readonly string[]) => Promise<ReadonlySet<string>>) | undefined;
}

/** One who wants to look on. */
export interface Arrival extends Omit<ViewerParts, "until" | "onEnd"> {
  /** Cursor of the last event seen, as the client says; undefined to see what happens from now on. */
  readonly after: string | undefined;
}

/** Something that a part of the monitor tells those who look on. */
export interface Publication {
  readonly event: Extract<LiveEventName, "alert">;
  /** The queue that it is about; what is about none is for those who see all queues. */
  readonly queue?: string | undefined;
  readonly data: unknown;
}

/** How long the store is watched after the last one has gone, in milliseconds. */
const LINGER_MS = 15_000;
/** How long somebody may look on. Browsers come back by themselves. */
const LONGEST_MS = 3_600_000;
/** After how long they do. */
const CLIENT_RETRY_MS = 3000;
/** How often it is looked after what is due. */
const TEND_MS = 1000;
const PING_MS = 15_000;
/** How often sessions are looked at, so many of them: it costs as much for one as for all. */
const SESSIONS_MS = 5000;
const SESSIONS_AT_ONCE = 100;

/** Those who look on, and what they look at. */
export class LiveHub {
  readonly #parts: HubParts;
  readonly #crowd: Crowd;
  readonly #closings = new WeakSet<AbortSignal>();
  #watch: Watch | undefined;
  #tending: AbortController | undefined;
  /** When the last one went; `mono`. */
  #leftAt = 0;
  #isClosed = false;

  /** @param parts What it works with. */
  constructor(parts: HubParts) {
    this.#parts = parts;
    this.#crowd = new Crowd(parts);
  }

  /** How many look on. */
  get viewers(): number {
    return this.#crowd.size;
  }

  /**
   * Lets somebody look on; gives what is sent to them.
   *
   * @throws {ApiError} `UNAVAILABLE` if too many look on, or the server closes; `RATE_LIMITED` if too
   *   many of this client do.
   */
  join({ after, ...parts }: Arrival): ReadableStream<Uint8Array<ArrayBuffer>> {
    const { network, closing } = parts;
    if (this.#isClosed || closing?.aborted) throw new ApiError("UNAVAILABLE", "it closes");
    this.#crowd.checkRoom(network);
    const viewer = new Viewer({
      ...parts,
      until: this.#parts.clock.mono() + LONGEST_MS,
      onEnd: (ended) => {
        this.#crowd.remove(ended);
        this.#leftAt = this.#parts.clock.mono();
      },
    });
    this.#crowd.add(viewer);
    this.#endWith(closing);
    viewer.push(encode(helloText(CLIENT_RETRY_MS)));
    this.#welcome(viewer, this.#start(), after);
    return viewer.stream;
  }

  /** Tells all who may see it. */
  publish({ event, queue, data }: Publication): void {
    this.#crowd.tell((view) => {
      const isShown = queue === undefined ? view.who.queues === null : showsQueue(view, queue);
      return isShown && view.events.has(event) ? [{ event, data }] : [];
    });
  }

  /** Ends the streams of a session that is over. */
  endSession(id: string): void {
    this.#crowd.endSession(id);
  }

  /** Ends all streams, for good. */
  close(): void {
    this.#isClosed = true;
    this.#endAll(() => true);
    this.#stop();
  }

  /** Ends streams when the server closes that they go through. */
  #endWith(closing: AbortSignal | undefined): void {
    if (closing === undefined || this.#closings.has(closing)) return;
    // One listener for all of them.
    this.#closings.add(closing);
    const end = (): void => this.#endAll(({ parts }) => parts.closing === closing);
    closing.addEventListener("abort", end, { once: true });
  }

  #endAll(isMeant: (viewer: Viewer) => boolean): void {
    for (const viewer of [...this.#crowd]) if (isMeant(viewer)) viewer.end();
  }

  /** Tells one who has come how things stand, and what they missed; then they belong to the others. */
  async #welcome(viewer: Viewer, watch: Watch, after: string | undefined): Promise<void> {
    await watch.settled;
    const since = after !== undefined && CURSOR.test(after) ? Number(after) : undefined;
    if (since !== undefined && watch.isUp) await watch.reach(since);
    if (viewer.hasEnded) return;
    const { redactor } = this.#parts;
    const { view } = viewer.parts;
    const missed = since === undefined ? undefined : watch.after(since);
    // When the store is back, all are told so.
    const isGap = watch.isUp && after !== undefined && missed === undefined;
    const messages: Message[] = watch.isUp ? [] : [{ event: "store", data: { up: false } }];
    if (isGap) messages.push(GAP);
    messages.push(...happened(view, this.#batchOf(missed ?? []), redactor));
    if (watch.queues !== undefined) messages.push(...queuesTold(view, changesOf(watch.queues)));
    if (watch.servers !== undefined) messages.push(...serversTold(view, watch.servers));
    const id = watch.cursor === undefined ? "" : idText(watch.cursor);
    viewer.push(encode(eventTexts(messages) + id));
    this.#crowd.admit(viewer);
  }

  #batchOf(events: readonly Happening[]): Batch {
    return new Batch(events, (id) => this.#crowd.isFollowed(id));
  }

  /** Watches the store, if nobody does yet. */
  #start(): Watch {
    if (this.#watch !== undefined) return this.#watch;
    const { store, clock, redactor } = this.#parts;
    const crowd = this.#crowd;
    const watch: Watch = new Watch({
      store,
      clock,
      onEvents: (events, isGap) => {
        const batch = this.#batchOf(events);
        const first = isGap ? [GAP] : [];
        crowd.tell((view) => [...first, ...happened(view, batch, redactor)], watch.cursor);
      },
      onQueues: (now, before) => {
        const changes = changesOf(now, before);
        crowd.tell((view) => queuesTold(view, changes), watch.cursor);
      },
      onServers: (now, before) => crowd.tell((view) => serversTold(view, now, before)),
      onStore: (up) => {
        const told = { event: "store", data: { up } };
        crowd.tell(() => up ? [told, GAP] : [told]);
      },
    });
    this.#watch = watch;
    this.#tending = new AbortController();
    this.#tend(watch, this.#tending.signal);
    return watch;
  }

  #stop(): void {
    this.#tending?.abort();
    this.#watch?.[Symbol.dispose]();
    this.#watch = undefined;
  }

  /** Looks after what is due, until nobody looks on any more. */
  async #tend(watch: Watch, over: AbortSignal): Promise<void> {
    const { clock } = this.#parts;
    const start = clock.mono();
    let [pingAt, checkAt] = [start + PING_MS, start + SESSIONS_MS];
    while (true) {
      await sleep(clock, TEND_MS, over);
      if (over.aborted) return;
      const now = clock.mono();
      if (this.viewers === 0) {
        if (now - this.#leftAt < LINGER_MS) continue;
        return this.#stop();
      }
      watch.look();
      this.#endAll(({ parts }) => parts.until <= now);
      if (now >= pingAt) {
        pingAt = now + PING_MS;
        this.#ping(watch.cursor);
      }
      if (now >= checkAt) {
        checkAt = now + SESSIONS_MS;
        this.#checkSessions();
      }
    }
  }

  #ping(cursor: string | undefined): void {
    const piece = encode(PING_TEXT);
    for (const viewer of [...this.#crowd]) viewer.push(piece);
    if (cursor !== undefined) this.#crowd.send(encode(idText(cursor)));
  }

  /** Ends the streams of sessions that are over. */
  async #checkSessions(): Promise<void> {
    const { livingSessions } = this.#parts;
    const ids = this.#crowd.nextSessions(SESSIONS_AT_ONCE);
    if (livingSessions === undefined || ids.length === 0) return;
    try {
      const living = await livingSessions(ids);
      for (const id of ids) if (!living.has(id)) this.#crowd.endSession(id);
    } catch {
      // The store is away, so that nothing is told either.
    }
  }
}

const CURSOR = /^\d{1,16}$/;
