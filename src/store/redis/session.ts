/**
 * The connections of one Redis store, and what works on them: one for scripts;
 * one that blocks on wake lists, when a pool waits; one that hears channels, when
 * a pool, a server with claims or someone who awaits the end of a job does.
 *
 * @module
 */

import { systemClock } from "../../clock.ts";
import { GqmError } from "../../errors.ts";
import type { Logger } from "../../logger.ts";
import { Feed, numberOf } from "../feed.ts";
import { StoreClosedError, StoreOpenError } from "../errors.ts";
import { HolderWatch } from "../holder_watch.ts";
import type { StoreInfo, WakeSource } from "../store.ts";
import { type ClaimContext, retentionArgs } from "./claim.ts";
import { escapeName } from "./claim_text.ts";
import { clientMaker, type OwnClient, type RedisClient } from "./client.ts";
import { readEvents } from "./events.ts";
import { FinalWatch } from "./final_watch.ts";
import { prepareLayout } from "./layout.ts";
import { LayoutWatch } from "./layout_watch.ts";
import { Link, LinkLost } from "./link.ts";
import type { RedisAddress, ResolvedRedisOptions } from "./options.ts";
import { Patience } from "./patience.ts";
import { ScriptRunner } from "./script_runner.ts";
import { checkServer, readInfo } from "./server_check.ts";
import { WaitingClaim } from "./waiting_claim.ts";
import { Waker } from "./waker.ts";

/** Replies to the first words of a connection that no waiting will change. */
const HOPELESS =
  /^(WRONGPASS|NOAUTH|NOPERM|ERR (invalid|AUTH|DB index|unknown command)|Requires \w+ access)|certificate/i;

/** All that a store works with. */
export class Session {
  readonly runner: ScriptRunner;
  readonly claims: ClaimContext;
  readonly waker: Waker;
  readonly finals: FinalWatch;
  readonly #holders = new HolderWatch();
  readonly #feeds = new Set<Feed>();
  /** The connection that hears channels, while it is up. */
  #listener: OwnClient | undefined;
  readonly #target: RedisAddress | RedisClient;
  readonly #options: ResolvedRedisOptions;
  readonly #description: string;
  readonly #main: Link;
  readonly #blocking: Link;
  readonly #hearing: Link;
  readonly #layout: LayoutWatch;
  #make: (() => OwnClient) | undefined;
  #opening: Promise<void> | undefined;
  #isOpen = false;
  #heard: Promise<unknown> = Promise.resolve();

  /** @param target Where to connect. @param options How. @param description What it is, for people. */
  constructor(
    target: RedisAddress | RedisClient,
    options: ResolvedRedisOptions,
    description: string,
  ) {
    this.#target = target;
    this.#options = options;
    this.#description = description;
    const { replyTimeoutMs, patienceMs, prefix, clock, trustMs } = options;
    const make = (): OwnClient => this.#make!();
    this.#main = new Link(make, replyTimeoutMs, {
      onDown: (error) => this.#tell("lost", error),
      onUp: () => this.#isOpen && this.#tell("restored"),
    });
    this.#blocking = new Link(make, replyTimeoutMs);
    this.#hearing = new Link(make, replyTimeoutMs, {
      onUp: (client) => this.#hear(client),
      onMessage: (channel, message) => this.#message(channel, message),
    });
    const root = `{${prefix}}:`;
    this.#layout = new LayoutWatch({ link: this.#main, root, store: description, trustMs });
    this.runner = new ScriptRunner({
      link: this.#main,
      layout: this.#layout,
      root,
      description,
      patienceMs,
      now: clock === undefined ? () => "" : () => String(clock.now()),
    });
    this.waker = new Waker({
      runner: this.runner,
      blocking: this.#blocking,
      listen: () => this.#hearing.open(),
      // With a time of its own, a call must be carried out when it is sent.
      waitingClaim: clock === undefined
        ? (request, block) => new WaitingClaim(this.claims, request, block)
        : undefined,
    });
    this.finals = new FinalWatch(this.runner, () => this.#untilHeard());
    this.claims = {
      runner: this.runner,
      retention: retentionArgs(options.limits),
      turns: new Map(),
      takeWoken: (sources) => this.waker.takeWoken(sources),
    };
  }

  /** Connects. A failure is not remembered: the next call tries again. */
  open(): Promise<void> {
    this.#opening ??= this.#open().catch((error: unknown) => {
      this.#opening = undefined;
      throw error;
    });
    return this.#opening;
  }

  /** Makes a latch that is set when a job of this server is canceled. */
  watchClaims(server: string): WakeSource {
    this.#hearing.open();
    return this.#holders.watch(escapeName(server));
  }

  /** See `InspectStage.info`. */
  async info(): Promise<StoreInfo> {
    const askedAt = systemClock.mono();
    await this.runner.command("PING", []);
    const latencyMs = systemClock.mono() - askedAt;
    return { ...await readInfo(this.#main, this.runner.key("")), latencyMs };
  }

  /** See `EventStage.watchEvents`. */
  async watchEvents(after: string | undefined): Promise<Feed> {
    const feed = new Feed(numberOf(after), {
      read: (number) => readEvents(this.runner, number),
      clock: systemClock,
      onDispose: () => {
        this.#feeds.delete(feed);
        if (this.#feeds.size > 0 || !this.#hearing.isUp) return;
        this.#listener?.unsubscribe(this.runner.key("event")).catch(() => {});
      },
    });
    this.#feeds.add(feed);
    if (this.#feeds.size === 1 && this.#hearing.isUp) this.#hear(this.#listener!);
    await this.#untilHeard();
    return await feed.open();
  }

  /** Ends all connections. */
  async close(): Promise<void> {
    this.waker.stop();
    this.#holders.all();
    for (const feed of [...this.#feeds]) feed[Symbol.dispose]();
    this.finals.close();
    await Promise.all([this.#main, this.#blocking, this.#hearing].map((link) => link.close()));
  }

  async #open(): Promise<void> {
    const { connectTimeoutMs, logger } = this.#options;
    using patience = new Patience(connectTimeoutMs);
    this.#make ??= await clientMaker(this.#target, connectTimeoutMs);
    this.#main.open();
    try {
      while (!(await this.#check(logger, patience) && await this.#prepareLayout(patience)));
    } catch (error) {
      this.#main.halt();
      if (this.#main.isClosed) throw new StoreClosedError(this.#description);
      throw error instanceof GqmError ? error : this.#notOpen(error as Error);
    }
    this.#isOpen = true;
  }

  /** Connects and looks at the server; false if the connection was lost meanwhile. */
  async #check(logger: Logger | undefined, patience: Patience): Promise<boolean> {
    await this.#untilUp(patience);
    const check = checkServer(this.#main, logger, this.#description, patience);
    if (!await patience.outlasts(check.catch(() => {}))) {
      throw this.#notOpen(new Error("it does not answer"));
    }
    try {
      await check;
      return true;
    } catch (error) {
      if (error instanceof LinkLost) return false;
      throw error;
    }
  }

  /** Sees to it that the layout is that of this version; false if the connection was lost meanwhile. */
  async #prepareLayout(patience: Patience): Promise<boolean> {
    const { logger, replyTimeoutMs } = this.#options;
    // When patience is over it has waited for older versions, which is no silence.
    const timeoutMs = (): number => {
      const left = patience.leftMs;
      return left === 0 ? replyTimeoutMs : Math.min(left, replyTimeoutMs);
    };
    const lookedAt = systemClock.mono();
    try {
      const root = this.runner.key("");
      await prepareLayout({ link: this.#main, root, store: this.#description, logger, timeoutMs });
    } catch (error) {
      if (error instanceof LinkLost) return false;
      throw error;
    }
    this.#layout.looked(lookedAt);
    return true;
  }

  async #untilUp(patience: Patience): Promise<void> {
    while (!this.#main.isUp) {
      if (this.#main.isClosed) throw new StoreClosedError(this.#description);
      const error = this.#main.lastError;
      const left = patience.leftMs;
      if (left === 0 || (error !== undefined && HOPELESS.test(error.message))) {
        throw this.#notOpen(error);
      }
      await this.#main.changed(left);
    }
  }

  #notOpen(error: Error | undefined): StoreOpenError {
    const reason = error === undefined || error.message === "" ? "" : ` (${error.message})`;
    return new StoreOpenError(
      `Cannot open store as Redis must be reachable: current value is '${this.#description}'` +
        `${reason}; ${hint(error)}`,
      { cause: error },
    );
  }

  #message(channel: string, message: string): void {
    if (channel === this.runner.key("final")) this.finals.ended(message).catch(() => {});
    else if (channel === this.runner.key("event")) this.#notifyFeeds();
    else if (message.startsWith("pair ")) this.waker.newPair(message.slice(5));
    else if (message.startsWith("cancel ")) this.#holders.changed(message.slice(7));
    else this.waker.upkeep();
  }

  #hear(client: OwnClient): void {
    const { replyTimeoutMs } = this.#options;
    this.#listener = client;
    const channels = this.#feeds.size > 0 ? ["ctl", "final", "event"] : ["ctl", "final"];
    const subscribed = client.subscribe(...channels.map((name) => this.runner.key(name)));
    this.#heard = subscribed;
    this.#isAnswered(subscribed).then((answered) => {
      if (!answered) this.#hearing.drop(`no reply for ${replyTimeoutMs} ms`);
    });
    this.#heard.then(() => {
      // What was published meanwhile was not heard.
      this.waker.refresh();
      this.waker.upkeep();
      this.#holders.all();
      this.finals.again();
      this.#notifyFeeds();
    }).catch(() => {});
  }

  #notifyFeeds(): void {
    for (const feed of this.#feeds) feed.notify();
  }

  async #untilHeard(): Promise<void> {
    this.#hearing.open();
    while (!this.#hearing.isUp) {
      if (this.#hearing.isClosed) throw new StoreClosedError(this.#description);
      await this.#hearing.changed(1000);
    }
    await this.#isAnswered(this.#heard);
  }

  /** Waits for the answer to a command; false if none came in time. */
  async #isAnswered(call: Promise<unknown>): Promise<boolean> {
    using patience = new Patience(this.#options.replyTimeoutMs);
    return await patience.outlasts(call.catch(() => {}));
  }

  #tell(type: "lost" | "restored", error?: Error): void {
    const { logger, onConnection } = this.#options;
    const address = this.#description;
    const fields = error === undefined ? { store: address } : { store: address, error };
    if (type === "lost") logger?.warn("Connection to the store lost, trying again", fields);
    else logger?.info("Connection to the store restored", fields);
    try {
      onConnection?.(error === undefined ? { type, address } : { type, address, error });
    } catch (thrown) {
      logger?.error("onConnection threw", { error: thrown });
    }
  }
}

/** What to look at when a first connection fails. */
function hint(error: Error | undefined): string {
  const message = error?.message ?? "";
  if (error?.name === "NotCapable") return "give this process the permission";
  if (/WRONGPASS|NOAUTH|AUTH/.test(message)) return "check user and password in the URL";
  if (/NOPERM/.test(message)) return "check what the user may do (ACL)";
  if (/certificate|self.signed|ssl|tls/i.test(message)) {
    return "check the certificates: 'tls.ca', 'tls.servername'";
  }
  if (/ENOTFOUND|EAI_AGAIN|getaddrinfo/.test(message)) return "check the host's name";
  if (/loading/i.test(message)) return "it reads its data: wait, or raise 'connectTimeoutMs'";
  if (/ENOENT/.test(message)) return "check the path of the socket";
  if (/DB index/.test(message)) return "check the number of the database";
  return "is it running, and is the port right? Without a server: 'sqlite:./gqm.db'";
}
