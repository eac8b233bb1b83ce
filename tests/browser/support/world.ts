/** A server of the library with the dashboard on it, and something of everything that it can show. */

import { hashSync } from "bcryptjs";
import {
  type AlertRule,
  Client,
  type DashboardOptions,
  type LiveOptions,
  type Logger,
  memoryStore,
  Server,
  type Store,
} from "../../../mod.ts";
import { gate, untilAborted } from "../../support/world.ts";
import { until } from "./until.ts";

const PASSWORD = "correct horse battery staple";
const passwordHash = hashSync(PASSWORD, 4);
const DAY_MS = 86_400_000;

/** What a test may want otherwise. */
export interface WorldOptions {
  /** Nothing is in the store. */
  readonly isEmpty?: boolean;
  readonly alertRules?: readonly AlertRule[];
  readonly store?: () => Store;
  /** Where the pages are, and which. */
  readonly dashboard?: DashboardOptions;
  readonly logger?: Logger;
  readonly live?: LiveOptions;
  /** Nobody has to log in. */
  readonly isOpen?: boolean;
  /** Gives the server more handlers before it starts. */
  readonly prepare?: (server: Server) => void;
}

/** The server, and what a test does to it. */
export interface BrowserWorld extends AsyncDisposable {
  /** Such as `http://127.0.0.1:40123`. */
  readonly url: string;
  /** The path of the pages, below `url`. */
  readonly pagesPath: string;
  readonly client: Client;
  readonly store: Store;
  readonly server: Server;
  /** Of `ada`, an admin, `otto`, an operator, `vera`, a viewer, and `mel`, an operator of the queue `mail` alone. */
  readonly password: string;
  /** Lets the running jobs end. */
  release(): void;
}

/**
 * Starts it. Jobs have ids of their own: `sent-1` to `sent-5` and `secret-1` are completed, `bounce-1` to `bounce-3`
 * and `crash-1` dead letters, `retry-1` waits for its second attempt, `encode-1` and `charge-1` run, `later-1` is
 * delayed, `canceled-1` canceled, `waiting-1` to `waiting-3` are in the paused queue `reports`; `ship-1` and
 * `invoice-1` wait for `charge-1`, that for the completed `order-1`.
 */
export async function startWorld(options: WorldOptions = {}): Promise<BrowserWorld> {
  const store = options.store?.() ?? memoryStore();
  const client = new Client({ store });
  const held = gate();
  const { dashboard = {}, alertRules, logger } = options;
  const server = new Server({
    store,
    ...logger ? { logger } : { logLevel: "silent" },
    backoff: { type: "fixed", baseMs: 10 },
    dashboard,
    api: {
      addr: "127.0.0.1:0",
      rateLimit: -1,
      live: options.live,
      redact: [{ path: "**.password" }],
      alerts: alertRules && { rules: alertRules, everyMs: 50 },
      auth: options.isOpen ? "none" : {
        users: [
          { username: "ada", passwordHash, role: "admin" },
          { username: "otto", passwordHash, role: "operator" },
          { username: "vera", passwordHash, role: "viewer" },
          { username: "mel", passwordHash, role: "operator", queues: ["mail"] },
        ],
      },
    },
  });
  addHandlers(server, held.opened);
  options.prepare?.(server);
  await server.start();
  if (!options.isEmpty) await fill(client);
  return {
    url: server.api!.url,
    pagesPath: `${dashboard.pathPrefix ?? "/dashboard"}/`,
    client,
    store,
    server,
    password: PASSWORD,
    release: held.open,
    [Symbol.asyncDispose]: async () => {
      held.open();
      await server.stop();
      await client.close();
      await store.close();
    },
  };
}

function addHandlers(server: Server, held: Promise<void>): void {
  server.pool({ name: "mail", types: ["email.send", "email.bounce"], concurrency: 4 });
  server.pool({ name: "rest", types: ["*"], concurrency: 8 });
  server.handle("email.send", ({ job }) => ({ sent: true, to: job.payload, parts: [1, 2, null] }));
  server.handle("email.bounce", ({ job }) => {
    throw new TypeError(`mailbox ${JSON.stringify(job.payload)} does not exist`);
  }, { maxRetry: 1 });
  server.handle("report.crash", () => {
    throw new Error("<b>disk</b> is full");
  }, { maxRetry: 0 });
  server.handle("video.encode", async ({ job, progress, log, ...context }) => {
    await log(`opened ${job.id}`);
    await progress(0.4, "4 of 10 scenes");
    await Promise.race([held, untilAborted(context)]);
    return "encoded";
  });
  server.handle("order.place", () => ({ total: 12.5 }));
  server.handle("order.charge", (context) => Promise.race([held, untilAborted(context)]));
  server.handle("order.ship", () => "shipped");
  server.handle("order.invoice", () => "sent");
}

async function fill(client: Client): Promise<void> {
  const mail = { queue: "mail" } as const;
  for (let n = 1; n <= 5; n++) {
    await client.enqueue("email.send", { to: `person-${n}@example.com` }, {
      ...mail,
      id: `sent-${n}`,
    });
  }
  await client.enqueue("email.send", { user: "ada", password: "hunter2-secret" }, {
    ...mail,
    id: "secret-1",
    meta: { tenant: "acme", password: "hunter3-secret" },
  });
  for (let n = 1; n <= 3; n++) {
    await client.enqueue("email.bounce", { to: n }, { ...mail, id: `bounce-${n}` });
  }
  await client.enqueue("report.crash", {}, { id: "crash-1" });
  await client.enqueue("email.bounce", { to: 9 }, {
    ...mail,
    id: "retry-1",
    maxRetry: 3,
    retryIntervals: [DAY_MS],
  });
  await client.enqueue("video.encode", { file: "holiday.mp4" }, { id: "encode-1", queue: "video" });
  await client.enqueue("report.write", { month: 5 }, { id: "later-1", delayMs: DAY_MS });
  await client.enqueue("report.write", {}, { id: "canceled-1", delayMs: DAY_MS });
  await client.control.cancel("canceled-1");
  await client.control.pause({ queue: "reports" });
  for (let n = 1; n <= 3; n++) {
    await client.enqueue("report.write", { n }, { id: `waiting-${n}`, queue: "reports" });
  }
  await enqueueOrder(client);
  await defineRules(client);
  await reached(client);
}

async function enqueueOrder(client: Client): Promise<void> {
  const queue = "orders";
  await client.enqueueGraph({
    order: { type: "order.place", payload: { item: "lamp" }, options: { id: "order-1", queue } },
    charge: { type: "order.charge", dependsOn: ["order"], options: { id: "charge-1", queue } },
    ship: { type: "order.ship", dependsOn: ["charge"], options: { id: "ship-1", queue } },
    invoice: { type: "order.invoice", dependsOn: ["charge"], options: { id: "invoice-1", queue } },
  });
}

async function defineRules(client: Client): Promise<void> {
  const { schedules, limits } = client;
  await schedules.upsert("nightly", {
    type: "report.write",
    cron: "30 3 * * 1-5",
    options: { queue: "reports" },
  });
  await schedules.upsert("each-hour", {
    type: "email.send",
    everyMs: 3_600_000,
    options: { queue: "mail" },
  });
  await schedules.pause("each-hour");
  await limits.set({ type: "video.encode" }, { concurrency: 3 });
}

/** Waits until all jobs are as `startWorld` says. */
async function reached(client: Client): Promise<void> {
  const wanted: Record<string, string> = {
    "sent-5": "completed",
    "secret-1": "completed",
    "bounce-3": "dead_letter",
    "crash-1": "dead_letter",
    "retry-1": "retry",
    "encode-1": "processing",
    "charge-1": "processing",
  };
  for (const [id, status] of Object.entries(wanted)) {
    await until(async () => (await client.getJob(id))?.status === status, `${id} is ${status}`);
  }
  await until(
    async () => (await client.getJob("encode-1"))?.progress !== undefined,
    "encode-1 tells how far it is",
  );
}
