/**
 * One connection that is kept alive.
 *
 *     new --open--> up <--> down --close--> closed
 *
 * A command is sent once. If the connection is lost, or silent for too long,
 * before the reply is there, the command fails with `LinkLost`: whether it was
 * carried out is not known, and the caller decides what to do.
 *
 * @module
 */

import { sleep, systemClock, type Timer } from "../../clock.ts";
import { DISCONNECT_TIMEOUT_MS, type MakeClient, type OwnClient } from "./client.ts";
import { listenedMs, Patience } from "./patience.ts";

/** The connection was lost before the reply came. */
export class LinkLost extends Error {
  /** Name of the class. */
  override readonly name = "LinkLost";
}

/** What a link tells. */
export interface LinkEvents {
  /** The connection is gone; another is being made. */
  readonly onDown?: (error: Error | undefined) => void;
  /** It is there, for the first time or again. */
  readonly onUp?: (client: OwnClient) => void;
  /** A message came on a channel that is listened to. */
  readonly onMessage?: (channel: string, message: string) => void;
}

interface InFlight {
  readonly sentAt: number;
  /** How long the reply is still waited for, in milliseconds, as of the last look at the clock. */
  leftMs: number;
  readonly reject: (error: unknown) => void;
}

/** How often silent connections are looked for, while a reply is awaited. */
const WATCH_MS = 500;

/** A connection. */
export class Link {
  readonly #make: MakeClient;
  /** Longest wait for a reply, in milliseconds. */
  readonly replyTimeoutMs: number;
  readonly #events: LinkEvents;
  /** In the order of the replies. No set: see `Bag`. */
  #inFlight: InFlight[] = [];
  #client: OwnClient | undefined;
  #watch: Timer | undefined;
  #handshake: Patience | undefined;
  #state: "new" | "up" | "down" | "closed" = "new";
  #change = Promise.withResolvers<void>();
  #lastError: Error | undefined;

  /** @param make Makes the client. @param replyTimeoutMs Longest silence. @param events Who is told. */
  constructor(make: MakeClient, replyTimeoutMs: number, events: LinkEvents = {}) {
    this.#make = make;
    this.replyTimeoutMs = replyTimeoutMs;
    this.#events = events;
  }

  /** Whether commands can be sent now. */
  get isUp(): boolean {
    return this.#state === "up";
  }

  /** Whether nobody has it connect: not opened yet, or given up. */
  get isIdle(): boolean {
    return this.#state === "new";
  }

  /** Whether it was closed for good. */
  get isClosed(): boolean {
    return this.#state === "closed";
  }

  /** The last thing that went wrong with the connection. */
  get lastError(): Error | undefined {
    return this.#lastError;
  }

  /** Begins to connect; goes on trying until `close`. */
  open(): void {
    if (this.#state !== "new") return;
    const client = this.#make();
    this.#client = client;
    this.#state = "down";
    this.#lastError = undefined;
    client.on("connect", () => this.#client === client && this.#expectReady(client));
    client.on("ready", () => this.#client === client && this.#up(client));
    client.on("close", () => this.#client === client && this.#down());
    client.on(
      "message",
      (channel: string, text: string) => this.#events.onMessage?.(channel, text),
    );
    client.on("error", (error: Error) => {
      if (this.#client !== client) return;
      this.#lastError = error;
      this.#notify();
    });
    client.connect().catch(() => {});
  }

  /**
   * Waits until commands can be sent, the link is closed, or something went
   * wrong; at most for some time. Look at the state afterwards.
   */
  async changed(ms: number): Promise<void> {
    const waiting = new AbortController();
    await Promise.race([this.#change.promise, sleep(systemClock, ms, waiting.signal)]);
    waiting.abort();
  }

  /**
   * Sends a command and gives its reply.
   *
   * @param timeoutMs Longest wait for the reply.
   * @throws {LinkLost} If the connection is not there, or is lost meanwhile.
   */
  send(
    command: string,
    args: readonly (string | number)[],
    timeoutMs: number = this.replyTimeoutMs,
  ): Promise<unknown> {
    const client = this.#client;
    if (client === undefined || this.#state !== "up") {
      return Promise.reject(new LinkLost("not connected"));
    }
    return new Promise((resolve, reject) => {
      const call: InFlight = {
        sentAt: systemClock.mono(),
        leftMs: timeoutMs,
        reject,
      };
      this.#inFlight.push(call);
      this.#watchReplies();
      client.call(command, ...args).then((reply) => {
        if (this.#landed(call)) resolve(reply);
      }, (error: unknown) => {
        if (!this.#landed(call)) return;
        reject(isReplyError(error) ? error : new LinkLost("connection lost", { cause: error }));
        // A client may think itself ready though its connection is going: whoever tries again must wait.
        if (!isReplyError(error) && this.#client === client) this.drop("connection lost");
      });
    });
  }

  /** A call is under way no more; false if it was given up before. */
  #landed(call: InFlight): boolean {
    const at = this.#inFlight.indexOf(call);
    if (at === 0) this.#inFlight.shift();
    else if (at > 0) this.#inFlight.splice(at, 1);
    return at >= 0;
  }

  /** Gives up the present connection, whose replies cannot be trusted, and makes another. */
  drop(reason: string): void {
    if (this.#state !== "up") return;
    this.#lastError = new Error(reason);
    this.#down();
    this.#client?.stream?.destroy();
  }

  /** Gives up connecting; `open` begins anew. */
  halt(): void {
    if (this.#state === "closed") return;
    this.#handshake?.[Symbol.dispose]();
    end(this.#client);
    this.#client = undefined;
    this.#state = "new";
    this.#rejectAll("connection given up");
  }

  /** Ends it for good. Commands under way fail. */
  async close(): Promise<void> {
    if (this.#state === "closed") return;
    const wasUp = this.#state === "up";
    this.#state = "closed";
    this.#handshake?.[Symbol.dispose]();
    const client = this.#client;
    const ended = Promise.withResolvers<void>();
    client?.on("end", () => ended.resolve());
    end(client);
    this.#rejectAll("closed");
    this.#notify();
    if (client === undefined) return;
    // ioredis sets a timer to end a connection that has ended already.
    if (!wasUp) await sleep(systemClock, 3 * DISCONNECT_TIMEOUT_MS);
    if (client.status === "end") return;
    const done = new AbortController();
    await Promise.race([ended.promise, sleep(systemClock, 1000, done.signal)]);
    done.abort();
  }

  #up(client: OwnClient): void {
    if (this.#state === "closed") return;
    this.#handshake?.[Symbol.dispose]();
    this.#state = "up";
    this.#lastError = undefined;
    this.#events.onUp?.(client);
    this.#notify();
  }

  /** A server that accepts a connection and then says nothing is given up. */
  #expectReady(client: OwnClient): void {
    this.#handshake?.[Symbol.dispose]();
    this.#handshake = new Patience(this.replyTimeoutMs);
    this.#handshake.over.then(() => {
      this.#lastError = new Error(`no reply for ${this.replyTimeoutMs} ms`);
      client.stream?.destroy();
    });
  }

  #down(): void {
    const was = this.#state;
    if (was === "closed") return;
    this.#handshake?.[Symbol.dispose]();
    this.#state = "down";
    this.#rejectAll("connection lost");
    if (was === "up") this.#events.onDown?.(this.#lastError);
    this.#notify();
  }

  #notify(): void {
    this.#change.resolve();
    this.#change = Promise.withResolvers();
  }

  #rejectAll(reason: string): void {
    this.#watch?.cancel();
    this.#watch = undefined;
    const calls = this.#inFlight;
    this.#inFlight = [];
    for (const { reject } of calls) reject(new LinkLost(reason));
  }

  /** A connection that says nothing for too long is dead, whatever the system believes. */
  #watchReplies(): void {
    if (this.#watch !== undefined) return;
    const begunAt = systemClock.mono();
    this.#watch = systemClock.after(WATCH_MS, () => {
      this.#watch = undefined;
      if (this.#inFlight.length === 0) return;
      const now = systemClock.mono();
      let least = Infinity;
      for (const call of this.#inFlight) {
        const elapsed = now - Math.max(begunAt, call.sentAt);
        call.leftMs -= listenedMs(elapsed, WATCH_MS, this.replyTimeoutMs);
        least = Math.min(least, call.leftMs);
      }
      if (least < 0) this.drop(`no reply for ${this.replyTimeoutMs} ms`);
      else this.#watchReplies();
    });
  }
}

/** Ends a client at once and for good. */
function end(client: OwnClient | undefined): void {
  if (client === undefined) return;
  client.options.retryStrategy = null;
  client.disconnect();
  client.stream?.destroy();
}

/** Whether Redis itself answered with an error. */
export function isReplyError(error: unknown): error is Error {
  return (error as Partial<Error> | null)?.name === "ReplyError";
}
