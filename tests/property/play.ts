/** Plays a history on a store and on the model at once, and compares what they say. */

import type { Clock } from "../../src/clock.ts";
import { memoryStore } from "../../src/store/memory/store.ts";
import type {
  ClaimRequest,
  Hold,
  RetentionLimits,
  SettleReply,
  Store,
} from "../../src/store/store.ts";
import { FakeClock } from "../../src/testing/fake_clock.ts";
import { Claims, type Named, type Side } from "./claims.ts";
import { difference } from "./compare.ts";
import type { History } from "./history.ts";
import { hold, Watch } from "./invariants.ts";
import { JobMaker } from "./job_maker.ts";
import { type ClaimName, type ClaimSpec, POOL, type Step } from "./steps.ts";

/** A kind of store to be tested. */
export interface Subject {
  readonly name: string;
  /** Whether it removes what is above the count limit at once; if not, the limit is never met. */
  readonly trimsAtOnce: boolean;
  /** Makes and opens an empty store. */
  open(options: { readonly clock: Clock; readonly retention: RetentionLimits }): Promise<Opened>;
}

/** A store to be tested, and how to be rid of it. */
export interface Opened {
  readonly store: Store;
  cleanUp(): void | Promise<void>;
}

/** A history that did not go as in the model. */
export class HistoryError extends Error {
  override readonly name = "HistoryError";
  /** The steps until then, with the ids of the claims that they meant. */
  readonly played: readonly Step[];

  constructor(played: readonly Step[], cause: unknown) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    super(`Step ${played.length} (${played.at(-1)?.do}) must go as in the model: ${reason}`, {
      cause,
    });
    this.played = played;
  }
}

type StepOf<K extends Step["do"]> = Extract<Step, { readonly do: K }>;

const empty: SettleReply = { results: [] };

/** Upkeep in small steps ends at the latest after so many calls. */
const MOST_CALLS = 100_000;

/**
 * Plays a history, and looks at everything after each `lookEvery` steps and at the end.
 *
 * @throws {HistoryError} If the store broke a promise, or said what the model did not.
 */
export async function play(subject: Subject, history: History, lookEvery: number): Promise<void> {
  const { retention, maxDeliveries, steps } = history;
  const clocks = [new FakeClock(), new FakeClock()] as const;
  await using model = memoryStore({ clock: clocks[0], retention });
  const { store, cleanUp } = await subject.open({ clock: clocks[1], retention });
  const player = new Player(model, store, clocks, maxDeliveries);
  try {
    for (const [i, step] of steps.entries()) {
      await player.step(step);
      if ((i + 1) % lookEvery === 0 || i === steps.length - 1) await player.look();
    }
  } catch (error) {
    throw new HistoryError(player.played, error);
  } finally {
    await store.close();
    await cleanUp();
  }
}

class Player {
  /** The steps so far, with the ids of the claims that they meant. */
  readonly played: Step[] = [];
  readonly #stores: Readonly<Record<Side, Store>>;
  readonly #clocks: readonly FakeClock[];
  readonly #maxDeliveries: number;
  readonly #watch: Watch;
  readonly #claims = new Claims();
  /** Ids of jobs that may be there. */
  readonly #ids = new Set<string>();
  readonly #maker: JobMaker;

  constructor(model: Store, store: Store, clocks: readonly FakeClock[], maxDeliveries: number) {
    this.#stores = { model, store };
    this.#clocks = clocks;
    this.#maxDeliveries = maxDeliveries;
    this.#maker = new JobMaker(clocks[0]!);
    this.#watch = new Watch(store, maxDeliveries);
  }

  async step(step: Step): Promise<void> {
    this.played.push(step);
    switch (step.do) {
      case "enqueue": {
        const groups = step.groups.map((group) => group.map((spec) => this.#maker.job(spec)));
        for (const { id } of groups.flat()) this.#ids.add(id);
        await this.#both(step.do, (store) => store.enqueue(groups));
        break;
      }
      case "claim": {
        const claim = request(step.claim);
        const replies = await this.#both(step.do, (store) => store.claim(claim));
        this.#watch.claimed(replies.store);
        this.#claims.take(step.claim.server, replies);
        break;
      }
      case "settle":
        return await this.#settle(step);
      case "report": {
        const told = this.#claims.named(step.told, false);
        this.played.splice(-1, 1, { ...step, told: told.map(withId) });
        const reports = (side: Side) =>
          told.map(({ claim, spec: { progress, logs } }) => ({
            ...claim[side],
            ...(progress === undefined ? {} : { progress }),
            ...(logs === undefined ? {} : { logs }),
          }));
        await this.#both(step.do, (store, side) => store.report(reports(side)));
        break;
      }
      case "heartbeat":
        return await this.#heartbeat(step);
      case "reap":
      case "expire":
      case "prune":
        return await this.#upkeep(step.do, step.limit);
      case "promote":
        await this.#both(step.do, (store) => store.promote(step.limit));
        break;
      case "jump":
        for (const clock of this.#clocks) clock.jump(step.ms);
        // What has grown too old goes now: whether the next settle takes it along is not promised.
        await this.#upkeep("prune", step.pruneLimit);
        break;
      case "crash":
        this.#claims.forget(step.server);
        break;
      default:
        step satisfies never;
    }
  }

  /** Compares everything that can be looked at, and checks the store by itself. */
  async look(): Promise<void> {
    const ids = [...this.#ids];
    const view = await this.#watch.look(ids);
    const records = await this.#stores.model.getJobs(ids);
    for (const [i, id] of ids.entries()) {
      const found = difference(records[i], view.records.get(id) ?? null, `record '${id}'`);
      if (found !== undefined) throw new Error(found);
      if (records[i] === null) this.#ids.delete(id);
    }
    // The records agree, and the counts with them: if also with the model's, none is left out.
    const sum = (rows: readonly { count: number }[]) => rows.reduce((n, { count }) => n + count, 0);
    const [model, store] = [sum(await this.#stores.model.counts()), sum(view.counts)];
    hold(model === store, `Sum of counts must be ${model}`, store);
  }

  async #settle(step: StepOf<"settle">): Promise<void> {
    const named = this.#claims.named(step.ends, true);
    this.played.splice(-1, 1, { ...step, ends: named.map(withId) });
    const ends = named.flatMap(({ claim, spec }) => {
      const end = { claim, verdict: this.#maker.verdict(spec), ranMs: spec.ranMs };
      return spec.twice === true ? [end, end] : [end];
    });
    const claim = step.claim === undefined ? {} : { claim: request(step.claim) };
    const replies = { model: empty, store: empty };
    await this.#both(step.do, async (store, side) => {
      const outcomes = ends.map(({ claim, ...end }) => ({ ...claim[side], ...end }));
      const reply = replies[side] = await store.settle({ outcomes, ...claim });
      const there = await this.#stores.model.getJobs(outcomes.map(({ id }) => id));
      // `already` and `lost` are both true where the same call removed the record, or settled
      // another claim of the job before.
      const either = outcomes.map(({ id }, i) =>
        there[i] === null || outcomes.findIndex((one) => one.id === id) < i
      );
      const results = reply.results.map((one, i) => one === "already" && either[i] ? "lost" : one);
      return { ...reply, results };
    });
    const { model, store } = replies;
    if (model.claimed === undefined || store.claimed === undefined) return;
    this.#watch.claimed(store.claimed);
    this.#claims.take(step.claim!.server, { model: model.claimed, store: store.claimed });
  }

  async #heartbeat({ server, leaseMs, names, old }: StepOf<"heartbeat">): Promise<void> {
    const held = this.#claims.of(server).filter((_, i) => names[i % names.length]);
    const gone = old === undefined ? undefined : this.#claims.old(old);
    const claims = gone === undefined ? held : [...held, gone];
    await this.#both("heartbeat", async (store, side) => {
      const holds = claims.map((claim) => claim[side]);
      const { lost, unknown } = await store.heartbeat({ server, leaseMs, holds });
      const ids = (holds: readonly Hold[]): string[] => holds.map(({ id }) => id).sort();
      return { lost: ids(lost), unknown: ids(unknown) };
    });
  }

  /** Which of those with the same time one call moves is open: so all are moved before a look. */
  async #upkeep(verb: "reap" | "expire" | "prune", limit: number): Promise<void> {
    for (let call = 0;; call++) {
      hold(call < MOST_CALLS, `${verb}() must move at most what there is`, call);
      const { model } = await this.#both(
        verb,
        (store) =>
          verb === "reap"
            ? store.reap({ limit, maxDeliveries: this.#maxDeliveries })
            : store[verb](limit),
      );
      if (model.moved < limit) return;
    }
  }

  /** Calls both stores, the model first, and compares their replies. */
  async #both<T>(
    what: string,
    call: (store: Store, side: Side) => Promise<T>,
  ): Promise<Readonly<Record<Side, T>>> {
    const model = await call(this.#stores.model, "model");
    const store = await call(this.#stores.store, "store");
    const found = difference(model, store, `${what}()`);
    if (found !== undefined) throw new Error(found);
    return { model, store };
  }
}

function withId<T extends ClaimName>({ claim, spec }: Named<T>): T {
  return { ...spec, id: claim.model.id };
}

function request({ server, sources, limit, leaseMs }: ClaimSpec): ClaimRequest {
  return { server, pool: POOL, sources, limit, leaseMs };
}
