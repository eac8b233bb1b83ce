/**
 * Brings changes of alerts to webhooks: each is a job of the queue `gqm`, run by a server of the
 * monitor's own. The job names the webhook; its URL, headers and secret are in no record.
 *
 * @module
 */

import { type Clock, endsWithin, sleep } from "../../clock.ts";
import type { JobWriter } from "../../enqueue/writer.ts";
import type { Logger } from "../../logger.ts";
import { Server } from "../../run/server.ts";
import { SkipRetry } from "../../settle/outcome.ts";
import type { Store } from "../../store/store.ts";
import { fromHex, hmac, sameDigest, sha256Hex, toHex } from "../digest.ts";
import { alertOnWire } from "../wire/alert.ts";
import type { Change, Told } from "./alert.ts";
import { ALERT_QUEUE } from "./rules.ts";
import { type Delivery, sendWebhook } from "./webhook.ts";
import type { Target } from "./webhook_options.ts";

/** What deliveries need. */
export interface DeliveriesOptions {
  readonly targets: readonly Target[];
  readonly store: () => Promise<Store>;
  readonly writer: JobWriter;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly maxDeliveries: number;
}

/** The payload of a job. */
interface Payload {
  readonly target: string;
  readonly event: string;
  readonly body: unknown;
  /** What only those who know the webhook's secret can make: others may enqueue jobs too. */
  readonly proof?: string;
}

/** Type of the jobs. */
const WEBHOOK_TYPE = "gqm.webhook";
/** Delays between tries when the store is away, in milliseconds. */
const DIRECT_DELAYS_MS = [0, 2000, 10_000, 30_000];
/** Longest wait for what is under way at the end, in milliseconds. */
const LAST_MS = 2000;
/** Time for a job beside that of the request itself. */
const SPARE_MS = 5000;
const SLOTS = 4;
/** A job is known for so long, so that a change is not sent again. */
const RETENTION = { completedMs: 7 * 86_400_000, failedMs: 30 * 86_400_000 };

/** Brings changes of alerts to webhooks. */
export class Deliveries {
  readonly #options: DeliveriesOptions;
  readonly #closing = new AbortController();
  readonly #sending = new Set<Promise<void>>();
  #server: Server | undefined;
  #starting: Promise<void> | undefined;

  /** @param options Where to, and with what. */
  constructor(options: DeliveriesOptions) {
    this.#options = options;
  }

  /** Begins to run the jobs, if that has not begun. One that fails is tried again by the next call. */
  start(): Promise<void> {
    const { targets } = this.#options;
    if (targets.length === 0 || this.#server !== undefined || this.#closing.signal.aborted) {
      return Promise.resolve();
    }
    return this.#starting ??= this.#start().finally(() => this.#starting = undefined);
  }

  /**
   * Enqueues a job for each webhook that wants to know of a change. Repeat: finds them there.
   *
   * @throws What the store throws. Some may be there then.
   */
  async enqueue({ change, alert }: Told): Promise<void> {
    for (const target of this.#wanting(change)) {
      const { name, maxRetry, backoff, timeoutMs, secret } = target;
      const { id, event, body } = await deliveryOf(target, { change, alert });
      const proof = secret === undefined ? {} : { proof: toHex(await proofOf(secret, id, body)) };
      const payload: Payload = { target: name, event, body: JSON.parse(body), ...proof };
      await this.#options.writer.one(WEBHOOK_TYPE, payload, {
        onConflict: "existing",
        ...{ id, queue: ALERT_QUEUE, inheritContext: false },
        ...{ maxRetry, backoff, retention: RETENTION, timeoutMs: timeoutMs + SPARE_MS },
      });
    }
  }

  /**
   * Has a change sent that is in no book, and goes on by itself: by jobs, or without the store a few
   * times from here.
   */
  send(told: Told, { isStoreThere }: { readonly isStoreThere: boolean }): void {
    const enqueued = isStoreThere
      ? this.enqueue(told).then(() => true, () => false)
      : Promise.resolve(false);
    const sent = enqueued.then(async (isEnqueued) => {
      if (!isEnqueued) await this.#sendDirectly(told);
    }).finally(() => this.#sending.delete(sent));
    this.#sending.add(sent);
  }

  /** Ends what is under way; jobs that run are given back. */
  async close(): Promise<void> {
    this.#closing.abort();
    const ended = Promise.all([this.#starting?.catch(() => {}), ...this.#sending]);
    await endsWithin(this.#options.clock, ended, LAST_MS);
    await this.#server?.stop({ shutdownTimeoutMs: 0 });
  }

  /** The webhooks that want to know of a change. */
  #wanting({ change }: Change): readonly Target[] {
    return this.#options.targets.filter(({ events }) => events.includes(change));
  }

  async #start(): Promise<void> {
    const { store, clock, logger, maxDeliveries } = this.#options;
    const server = new Server({
      ...{ store: await store(), clock, logger, maxDeliveries },
      // Whoever wants schedules to be fired has servers that do it.
      scheduler: false,
      graceMs: 1000,
    });
    const [types, queues] = [[WEBHOOK_TYPE], [ALERT_QUEUE]];
    server.pool({ name: WEBHOOK_TYPE, types, queues, concurrency: SLOTS, prefetch: 0 });
    server.handle(WEBHOOK_TYPE, ({ job, signal }) => this.#run(job.id, job.payload, signal));
    await server.start();
    if (this.#closing.signal.aborted) await server.stop({ shutdownTimeoutMs: 0 });
    else this.#server = server;
  }

  async #run(id: string, payload: unknown, signal: AbortSignal): Promise<{ status: number }> {
    const { target: name, event, body, proof = "" } = readPayload(payload);
    const target = this.#options.targets.find((one) => one.name === name);
    if (target === undefined) {
      throw new Error(`Cannot deliver webhook as there must be one of that name: '${name}'`);
    }
    const text = JSON.stringify(body);
    const { secret } = target;
    if (secret !== undefined && !sameDigest(fromHex(proof), await proofOf(secret, id, text))) {
      throw new SkipRetry(`Cannot deliver webhook '${name}' as the job must come from the monitor`);
    }
    const { clock } = this.#options;
    return { status: await sendWebhook(target, { id, event, body: text }, { clock, signal }) };
  }

  async #sendDirectly(told: Told): Promise<void> {
    await Promise.all(this.#wanting(told.change).map((target) => this.#sendTo(target, told)));
  }

  async #sendTo(target: Target, told: Told): Promise<void> {
    const { clock, logger } = this.#options;
    const { signal } = this.#closing;
    const delivery = await deliveryOf(target, told);
    for (const delayMs of DIRECT_DELAYS_MS) {
      await sleep(clock, delayMs, signal);
      if (signal.aborted) return;
      try {
        await sendWebhook(target, delivery, { clock, signal });
        return;
      } catch (error) {
        if (!signal.aborted) {
          logger.warn("Webhook was not delivered", { target: target.name, error });
        }
      }
    }
  }
}

async function deliveryOf({ name }: Target, { change, alert }: Told): Promise<Delivery> {
  const { id, change: event, at } = change;
  const digest = await sha256Hex(JSON.stringify([id, event, at, name]));
  const body = JSON.stringify({ event, at_ms: at, alert: alertOnWire(alert) });
  return { id: `alert-${digest.slice(0, 32)}`, event, body };
}

/** For a job and its body. What is sent is signed otherwise: a number stands in front of it. */
async function proofOf(secret: string, id: string, body: string): Promise<Uint8Array> {
  return await hmac(secret, `${id}.${body}`);
}

function readPayload(payload: unknown): Payload {
  const read = payload as Partial<Payload> | null;
  const texts = [read?.target, read?.event];
  const isPayload = texts.every((text) => typeof text === "string") &&
    /^\w{1,40}$/.test(read!.event!) && typeof read!.body === "object" &&
    (read!.proof === undefined || typeof read!.proof === "string");
  if (isPayload) return read as Payload;
  throw new SkipRetry("Cannot deliver webhook as its job must be one that the monitor makes");
}
