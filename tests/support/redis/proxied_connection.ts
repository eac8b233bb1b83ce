/** One client's connection through the proxy. */

import type { Socket } from "node:net";
import type { Fault, ProxiedCommand } from "./faults.ts";
import { ReplyMatcher } from "./replies.ts";
import { RespSplitter, wordsOf } from "./resp.ts";

/** What a connection needs of its proxy. */
export interface ConnectionOptions {
  readonly id: number;
  readonly client: Socket;
  readonly redis: Socket;
  /** The script that a command runs, if its name is known. */
  readonly scriptOf: (name: string, args: readonly string[]) => string | undefined;
  /** Notes a command, and tells the fault that is to happen to it. */
  readonly seen: (command: ProxiedCommand) => Fault | undefined;
}

/** A command that was sent to Redis. */
interface Sent {
  readonly fault: Fault | undefined;
  readonly answered: PromiseWithResolvers<void>;
}

type Delay = { readonly ms?: number; readonly until?: Promise<unknown> };

/** Passes commands and replies on, one after the other in each direction. */
export class ProxiedConnection {
  /** Settles when both sockets are closed. */
  readonly closed: Promise<void>;
  readonly #options: ConnectionOptions;
  readonly #matcher = new ReplyMatcher<Sent>();
  readonly #cut = Promise.withResolvers<void>();
  #commands: Promise<void> = Promise.resolve();
  #replies: Promise<void> = Promise.resolve();
  #last: Sent | undefined;
  /** Whether commands no longer pass, and replies. */
  #commandsEnd = false;
  #repliesEnd = false;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    const { client, redis } = options;
    const [fromClient, fromRedis] = [new RespSplitter(), new RespSplitter()];
    client.on("data", (piece: Uint8Array) => {
      for (const bytes of fromClient.push(piece)) {
        this.#commands = this.#commands.then(() => this.#passCommand(bytes));
      }
    });
    redis.on("data", (piece: Uint8Array) => {
      for (const bytes of fromRedis.push(piece)) {
        this.#replies = this.#replies.then(() => this.#passReply(bytes));
      }
    });
    const closings = [client, redis].map((socket) =>
      new Promise<void>((resolve) => {
        socket.on("error", () => {}); // "close" follows
        socket.on("close", () => resolve());
      })
    );
    client.on("end", () => this.cut());
    client.on("close", () => this.cut());
    redis.on("close", () => {
      this.#replies = this.#replies.then(() => {
        if (!this.#repliesEnd) this.cut(); // whoever stalls does not notice
      });
    });
    this.closed = Promise.all(closings).then(() => {});
  }

  /** Cuts both sides at once. */
  cut(): void {
    this.#commandsEnd = true;
    this.#repliesEnd = true;
    this.#cut.resolve();
    this.#options.client.destroy();
    this.#options.redis.destroy();
  }

  async #passCommand(bytes: Uint8Array): Promise<void> {
    if (this.#commandsEnd) return;
    const [word = "", ...args] = wordsOf(bytes);
    if (word === "") return; // an empty line, which Redis skips too
    const name = word.toUpperCase();
    const { id, scriptOf, seen } = this.#options;
    const script = scriptOf(name, args);
    const fault = seen({ name, args, bytes, connection: id, script, at: performance.now() });
    const spec = fault?.spec;
    switch (spec?.action) {
      case "cutBeforeCommand":
        await this.#earlier();
        return this.#hitAndCut(fault);
      case "cutCommandAt":
        await this.#earlier();
        await this.#endWith(this.#options.redis, bytes.subarray(0, spec.bytes));
        return this.#hitAndCut(fault);
      case "stall":
        await this.#earlier();
        this.#commandsEnd = true;
        this.#repliesEnd = true;
        fault?.hit();
        return;
      case "delayCommand":
        await this.#delay(spec);
        fault?.hit();
        break;
      case "cutAfterCommand":
      case "cutReplyAt":
      case "stallAfterCommand":
        this.#commandsEnd = true; // so that this one is the last that is executed
        break;
    }
    const sent: Sent = { fault, answered: Promise.withResolvers() };
    this.#last = sent;
    this.#matcher.sent(sent, name, args.length);
    if (!this.#options.redis.destroyed) this.#options.redis.write(bytes);
  }

  async #passReply(bytes: Uint8Array): Promise<void> {
    if (this.#repliesEnd) return;
    const matched = this.#matcher.match(bytes);
    const fault = matched?.value.fault;
    await this.#deliver(bytes, fault);
    if (!matched?.isLast) return;
    matched.value.answered.resolve();
    if (fault?.spec.action !== "delayCommand") fault?.hit();
  }

  /** Delivers a reply as the fault of its command wants it. */
  async #deliver(bytes: Uint8Array, fault: Fault | undefined): Promise<void> {
    const { client } = this.#options;
    const spec = fault?.spec;
    switch (spec?.action) {
      case "dropReply":
        return;
      case "cutAfterCommand":
        return this.cut();
      case "cutReplyAt":
        await this.#endWith(client, bytes.subarray(0, spec.bytes));
        return this.cut();
      case "stallAfterCommand":
        this.#repliesEnd = true;
        return;
      case "delayReply":
        await this.#delay(spec);
        break;
      case "repeatReply":
        if (!client.destroyed) client.write(bytes);
        break;
    }
    if (!client.destroyed) client.write(bytes);
  }

  #hitAndCut(fault: Fault | undefined): void {
    this.cut();
    fault?.hit();
  }

  /** Waits until what was sent before is answered, or the connection cut. */
  async #earlier(): Promise<void> {
    await Promise.race([this.#last?.answered.promise, this.#cut.promise]);
  }

  /** Waits as a fault says, but no longer than the connection is there. */
  async #delay({ ms, until }: Delay): Promise<void> {
    const waits = [this.#cut.promise, ...(until ? [until.catch(() => {})] : [])];
    const time = Promise.withResolvers<void>();
    const timer = ms === undefined ? undefined : setTimeout(time.resolve, ms);
    await Promise.race(ms === undefined ? waits : [...waits, time.promise]);
    clearTimeout(timer);
  }

  /** Writes some bytes and closes that side, so that the bytes arrive before the end does. */
  async #endWith(socket: Socket, bytes: Uint8Array): Promise<void> {
    const ended = new Promise<void>((resolve) => {
      if (socket.destroyed) resolve();
      else socket.end(bytes, () => resolve());
    });
    await Promise.race([ended, this.#cut.promise]);
  }
}
