/** A memory store under a clock that the test moves, and servers on it. */

import { Client } from "../../../../src/enqueue/client.ts";
import type { ServerOptions } from "../../../../src/run/server_options.ts";
import { Server } from "../../../../src/run/server.ts";
import { memoryStore } from "../../../../src/store/memory/store.ts";
import type { ScheduleEntry } from "../../../../src/store/store.ts";
import { FakeClock } from "../../../../src/testing/fake_clock.ts";
import { FaultyStore } from "../../../../src/testing/faulty_store.ts";
import { CollectingLogger } from "../../../support/collecting_logger.ts";

/** What the tests of schedules work with. */
export class Bench implements AsyncDisposable {
  readonly clock: FakeClock;
  readonly faulty: FaultyStore;
  readonly client: Client;
  readonly logger = new CollectingLogger();
  readonly #servers = new Set<Server>();

  /** @param startAt Where the clock starts, as an ISO date. */
  constructor(startAt: string = "2026-01-01T00:00:00Z") {
    this.clock = new FakeClock(Date.parse(startAt));
    this.faulty = new FaultyStore(memoryStore({ clock: this.clock }));
    this.client = new Client({ store: this.faulty.store });
  }

  /** Makes a server and starts it. */
  async start(options: ServerOptions = {}, set: (server: Server) => void = () => {}) {
    const { clock, logger, faulty: { store } } = this;
    const server = new Server({ logger, ...options, store, clock });
    set(server);
    await server.start();
    this.#servers.add(server);
    await clock.advance(0);
    return server;
  }

  /** Stops a server, while time stands still or nearly so. */
  async stop(server: Server): Promise<void> {
    this.#servers.delete(server);
    let stopped = false;
    const stopping = server.stop({ shutdownTimeoutMs: 0, graceMs: 0 }).finally(() => {
      stopped = true;
    });
    while (!stopped) await this.clock.advance(0);
    await stopping;
  }

  /** Lets time pass at once, and then a second in which servers find out. */
  async pass(ms: number): Promise<void> {
    this.clock.jump(ms - 1000);
    await this.clock.advance(1000);
  }

  /** A time as an ISO date, without the end that is zero everywhere. */
  static iso(at: number | null | undefined): string | undefined {
    return at === null || at === undefined ? undefined : new Date(at).toISOString();
  }

  /** The history, oldest first, as `outcome slot`, with a count where there is one. */
  async history(id: string): Promise<string[]> {
    const { entries } = await this.client.schedules.history(id);
    return entries.toReversed().map(lineOf);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const server of this.#servers) await this.stop(server);
    await this.client.close();
  }
}

function lineOf({ outcome, kind, slotAt, count }: ScheduleEntry): string {
  const time = new Date(slotAt).toISOString().replace(/^2026-|\.000Z$/g, "");
  return [outcome, ...kind === "slot" ? [] : [`(${kind})`], time, ...count ? [`x${count}`] : []]
    .join(" ");
}
