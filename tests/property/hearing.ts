/** What a listener hears of a history: it must add up to what the jobs are, on both sides alike. */

import { isFinal } from "../../src/job/state.ts";
import type { EventFeed, JobMoved, Store } from "../../src/store/store.ts";
import { hold } from "./broken.ts";
import type { Pair } from "./pair.ts";

/** What was told of each job, in order. */
type Told = Map<string, JobMoved[]>;

/** A queue that no history uses: its pause comes after all that happened before. */
const MARK = "hearing.mark";

/** A listener on one side, who is always waiting, so that the store goes on to keep events. */
class Ear {
  readonly store: Store;
  readonly told: Told = new Map();
  /** Whether it came too late for some events. */
  missed = false;
  readonly #feed: EventFeed;
  readonly #loop: Promise<void>;
  #marked = Promise.withResolvers<void>();

  constructor(store: Store, feed: EventFeed) {
    this.store = store;
    this.#feed = feed;
    this.#loop = this.#run();
    this.#loop.catch((error: unknown) => this.#marked.reject(error));
  }

  /** Resolves when all that has happened was heard. */
  async listen(): Promise<void> {
    this.#marked = Promise.withResolvers();
    await this.store.pause({ queue: MARK, type: null }, true);
    await this.store.pause({ queue: MARK, type: null }, false);
    await this.#marked.promise;
  }

  async close(): Promise<void> {
    this.#feed[Symbol.dispose]();
    await this.#loop.catch(() => {});
  }

  async #run(): Promise<void> {
    while (true) {
      const events = await this.#feed.next();
      if (events.length === 0) return;
      for (const event of events) {
        if (event.kind === "gap") this.missed = true;
        else if (event.kind === "resumed" && event.queue === MARK) this.#marked.resolve();
        else if ("id" in event) this.#note(event);
      }
    }
  }

  #note(event: JobMoved): void {
    const told = this.told.get(event.id) ?? [];
    this.told.set(event.id, told);
    told.push(event);
  }
}

/** Listeners on both sides of a pair. */
export class Hearing {
  readonly #ears: readonly Ear[];

  private constructor(ears: readonly Ear[]) {
    this.#ears = ears;
  }

  /** Begins to listen. */
  static async begin({ model, store }: Pair): Promise<Hearing> {
    const ears = [model, store].map(async (one) => new Ear(one, await one.watchEvents()));
    return new Hearing(await Promise.all(ears));
  }

  /** Hears what has happened until now. */
  async listen(): Promise<void> {
    for (const ear of this.#ears) await ear.listen();
  }

  /** Holds what was heard against what the jobs are. */
  async check(): Promise<void> {
    await this.listen();
    if (this.#ears.some(({ missed }) => missed)) return;
    for (const { store, told } of this.#ears) {
      const ids = [...told.keys()];
      const records = await store.getJobs(ids);
      for (const [i, id] of ids.entries()) {
        const status = records[i]?.status ?? null;
        const last = told.get(id)!.at(-1)!.status;
        const isGone = status === null && (last === null || isFinal(last));
        hold(last === status || isGone, `Events of '${id}' must end in its status`, [last, status]);
      }
    }
    const [model, store] = this.#ears as [Ear, Ear];
    for (const id of new Set([...model.told.keys(), ...store.told.keys()])) {
      const [expected, heard] = [movesOf(model, id), movesOf(store, id)];
      hold(expected === heard, `Events of '${id}' must be as in the model`, { expected, heard });
    }
  }

  /** Ends both. */
  async close(): Promise<void> {
    for (const ear of this.#ears) await ear.close();
  }
}

/** What was told of a job. One of a group that is written in parts is deferred before it is what it is to be. */
function movesOf({ told }: Ear, id: string): string {
  const moves = (told.get(id) ?? []).map(({ kind, status, error = "" }) =>
    `${kind} ${status} ${error}`
  ).join("\n");
  return moves.replace(/^created deferred \n(ready|scheduled) \1 /, "created $1 ");
}
