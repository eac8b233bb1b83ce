/**
 * Calls of scripts: each by its digest, loaded where Redis does not know it,
 * with a tag that the reply repeats, and once more after a lost reply.
 *
 * @module
 */

import { systemClock } from "../../clock.ts";
import { uuidv7Generator } from "../../job/id.ts";
import { StoreClosedError, StoreRefusedError, StoreUnavailableError } from "../errors.ts";
import type { LayoutWatch } from "./layout_watch.ts";
import { isReplyError, type Link, LinkLost } from "./link.ts";
import { type ScriptName, scripts } from "./scripts.gen.ts";

/** What a script runner needs. */
export interface ScriptRunnerOptions {
  readonly link: Link;
  /** First part of all keys. */
  readonly root: string;
  /** Where the store is, for errors. */
  readonly description: string;
  /** How long a call waits for a lost connection. */
  readonly patienceMs: number;
  /** The time in milliseconds as text, where Redis's own does not count. */
  readonly now: () => string;
  /** Says whether calls may be sent. */
  readonly layout: LayoutWatch;
}

/** Replies that say that Redis cannot take commands now; it carried nothing out. */
const NOT_NOW = /(^|-)(LOADING|READONLY|MASTERDOWN|BUSY|TRYAGAIN|NOREPLICAS)\b/;
/** Longest pause before another look at a Redis that cannot take commands, in milliseconds. */
const PAUSE_MS = 200;

/**
 * Makes the arguments of a call after tag and time; `again`: it may have been
 * carried out before, at most `elapsedMs` before it is carried out now.
 */
export type MakeArgs = (again: boolean, elapsedMs: number) => readonly (string | number)[];

/** Calls scripts on one connection. */
export class ScriptRunner {
  readonly #options: ScriptRunnerOptions;
  readonly #digests = new Map<ScriptName, Promise<string>>();
  readonly #prefix = uuidv7Generator(systemClock.now)().slice(-12);
  readonly #known = new Set<ScriptName>();
  #calls = 0;

  /** @param options Where to call. */
  constructor(options: ScriptRunnerOptions) {
    this.#options = options;
  }

  /** Where the store is, for errors. */
  get description(): string {
    return this.#options.description;
  }

  /** A name that no other call has, in this process or another. */
  newTag(): string {
    return `${this.#prefix}${(++this.#calls).toString(36)}`;
  }

  /** Whether Redis knew a script when it was called last: calls of those that it knows keep their order. */
  isKnown(name: ScriptName): boolean {
    return this.#known.has(name);
  }

  /** The whole name of a key. */
  key(name: string): string {
    return this.#options.root + name;
  }

  /**
   * Calls a script and gives what comes after the tag in its reply.
   *
   * @param before Sent right before the script, on the same connection, each time.
   * @throws {StoreUnavailableError} If the connection does not come back in time.
   * @throws {StoreClosedError} If the store is closed meanwhile.
   * @throws {StoreVersionError} If a newer version has raised the layout.
   */
  async call(
    name: ScriptName,
    args: MakeArgs | readonly (string | number)[],
    before: readonly (readonly (string | number)[])[] = [],
    tag: string = this.newTag(),
  ): Promise<unknown[]> {
    const { link, root, now, layout } = this.#options;
    const begunAt = systemClock.mono();
    const deadline = begunAt + this.#options.patienceMs;
    let again = false;
    let digest = await this.#digest(name);
    let command = "EVALSHA";
    let refusedBefore: Error | undefined;
    while (true) {
      if (!link.isUp) await this.#untilUp(deadline);
      const look = layout.due();
      if (look !== undefined && !await this.#afterLook(look, deadline)) continue;
      try {
        const own = typeof args === "function"
          ? args(again, systemClock.mono() - begunAt + link.replyTimeoutMs)
          : args;
        for (const [first, ...rest] of before) {
          link.send(String(first), rest).catch((error: unknown) => {
            if (isReplyError(error)) refusedBefore = error;
          });
        }
        const reply = await link.send(command, [digest, 1, root, tag, now(), ...own]);
        if (Array.isArray(reply) && reply[0] === tag) {
          this.#known.add(name);
          return reply.slice(1);
        }
        link.drop(`a reply that belongs to another call, to script '${name}'`);
        again = true;
      } catch (error) {
        if (error instanceof LinkLost) {
          again = true;
        } else if (isReplyError(error) && error.message.startsWith("NOSCRIPT")) {
          // The text goes with the call, which also loads it.
          this.#known.delete(name);
          command = "EVAL";
          digest = scripts[name];
          continue; // it answered: however long it is to be waited for, it is there
        } else if (isReplyError(error) && NOT_NOW.test(error.message)) {
          if (systemClock.mono() >= deadline) throw this.#unavailable(error);
          if (/(^|-)READONLY/.test(error.message)) link.drop("the server is a replica");
          await link.changed(PAUSE_MS);
        } else if (isReplyError(error)) {
          // What was refused before it is why the script misses it.
          throw new StoreRefusedError(this.#options.description, refusedBefore ?? error);
        } else {
          throw error;
        }
      }
      if (link.isClosed) throw new StoreClosedError(this.#options.description);
      if (systemClock.mono() >= deadline) throw this.#unavailable(link.lastError);
    }
  }

  /**
   * Calls a script that Redis knows once, on any connection, and gives what comes after the tag.
   *
   * @param tag Its tag, by which a lost reply can be asked for.
   * @param timeoutMs Longest wait for the reply.
   * @throws {LinkLost} If the connection is lost, or the reply is another's.
   */
  async callOnce(
    link: Link,
    name: ScriptName,
    args: readonly (string | number)[],
    tag: string,
    timeoutMs: number,
  ): Promise<unknown[]> {
    const { root, now } = this.#options;
    const digest = await this.#digest(name);
    try {
      const reply = await link.send("EVALSHA", [digest, 1, root, tag, now(), ...args], timeoutMs);
      if (Array.isArray(reply) && reply[0] === tag) return reply.slice(1);
    } catch (error) {
      if (isReplyError(error) && error.message.startsWith("NOSCRIPT")) this.#known.delete(name);
      throw error;
    }
    const reason = `a reply that belongs to another call, to script '${name}'`;
    link.drop(reason);
    throw new LinkLost(reason);
  }

  /**
   * Sends a plain command that may be carried out twice.
   *
   * @throws As `call` does; Redis's own error if it answers with one.
   */
  async command(name: string, args: readonly (string | number)[]): Promise<unknown> {
    const { link, layout } = this.#options;
    const deadline = systemClock.mono() + this.#options.patienceMs;
    while (true) {
      if (!link.isUp) await this.#untilUp(deadline);
      const look = layout.due();
      if (look !== undefined && !await this.#afterLook(look, deadline)) continue;
      const tag = this.newTag();
      // The echo tells whether the reply before it is the one to this command.
      const [reply, echo] = await Promise.allSettled([
        link.send(name, args),
        link.send("ECHO", [tag]),
      ]);
      // A user who may not use ECHO does without.
      const isSure = echo.status === "fulfilled" ? echo.value === tag : isReplyError(echo.reason);
      if (isSure) {
        if (reply.status === "fulfilled") return reply.value;
        if (!(reply.reason instanceof LinkLost)) throw reply.reason;
      }
      link.drop(`a reply that belongs to another call, to '${name}'`);
      if (link.isClosed) throw new StoreClosedError(this.#options.description);
      if (systemClock.mono() >= deadline) throw this.#unavailable(link.lastError);
    }
  }

  /**
   * Undefined if a call may be sent now, else resolves when it may: for those that `call` does not send.
   *
   * @throws As `call` does.
   */
  ready(): Promise<void> | undefined {
    const look = this.#options.layout.due();
    return look === undefined ? undefined : this.#untilReady(look);
  }

  async #untilReady(look: Promise<boolean>): Promise<void> {
    const deadline = systemClock.mono() + this.#options.patienceMs;
    for (let next: Promise<boolean> | undefined = look; next !== undefined;) {
      if (await this.#afterLook(next, deadline)) return;
      next = this.#options.layout.due();
    }
  }

  /** Waits for a look at the layout; false if nothing was heard, and a next one is to be begun. */
  async #afterLook(look: Promise<boolean>, deadline: number): Promise<boolean> {
    const { link, layout, description } = this.#options;
    if (await look) {
      layout.throwIfRaised();
      return true;
    }
    if (link.isClosed) throw new StoreClosedError(description);
    if (systemClock.mono() >= deadline) throw this.#unavailable(link.lastError);
    if (!link.isUp) await this.#untilUp(deadline);
    return false;
  }

  async #untilUp(deadline: number): Promise<void> {
    const { link, description } = this.#options;
    while (!link.isUp) {
      if (link.isClosed) throw new StoreClosedError(description);
      const left = deadline - systemClock.mono();
      if (left <= 0 || link.isIdle) throw this.#unavailable(link.lastError);
      await link.changed(left);
    }
  }

  #unavailable(cause: unknown): StoreUnavailableError {
    const { description, patienceMs } = this.#options;
    return new StoreUnavailableError(description, patienceMs, cause);
  }

  #digest(name: ScriptName): Promise<string> {
    let digest = this.#digests.get(name);
    if (digest === undefined) this.#digests.set(name, digest = sha1(scripts[name]));
    return digest;
  }
}

async function sha1(text: string): Promise<string> {
  const bytes = await crypto.subtle.digest("SHA-1", new TextEncoder().encode(text));
  return Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
