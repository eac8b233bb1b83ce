/**
 * What a consumer does at an open store: it claims, waits for jobs, settles,
 * keeps leases and the store in order.
 *
 * @module
 */

import { Beacon } from "../claim/beacon.ts";
import { LeaseKeeper } from "../claim/lease.ts";
import { Coalescer } from "../coalesce.ts";
import type { JobMap } from "../job/registry.ts";
import { Scheduler } from "../schedule/scheduler.ts";
import type { Hold, Outcome, SettleResult, Store, WakeSource } from "../store/store.ts";
import { Upkeep } from "../upkeep/loop.ts";
import type { ClaimPlan, ConsumerPlan } from "./consumer_options.ts";
import { type Extended, HeldWork, type WorkPorts } from "./held_work.ts";
import { LastWords } from "./last_words.ts";
import { serverAbout } from "./server_about.ts";
import { readStored } from "./stored_payload.ts";

/** Stands where a server has the name of a pool. */
const POOL = "consumer";
/** Most outcomes, and most extensions, of one call to the store. */
const MAX_CALL = 500;
/** Characters of result that weigh as much as an outcome. */
const WEIGHED_AS_OUTCOME = 4096;

/** What a claimer needs. */
export interface ClaimerOptions {
  readonly store: Store;
  readonly server: string;
  readonly plan: ConsumerPlan;
  readonly jobs: JobMap | undefined;
}

/** What a claim brought. */
interface Claimed {
  readonly works: readonly HeldWork[];
  /** Whether there was anything, even if it cannot be given out. */
  readonly found: boolean;
  readonly nextDueInMs: number | null;
}

/** A lease to be extended. */
interface Extension {
  readonly hold: Hold;
  readonly leaseMs: number;
}

/** A consumer at work. */
export class Claimer {
  readonly #options: ClaimerOptions;
  readonly #ports: WorkPorts;
  readonly #settles: Coalescer<Outcome, SettleResult>;
  readonly #leases: LeaseKeeper | undefined;
  /** Where there is nobody to keep leases. */
  readonly #beacon: Beacon | undefined;
  readonly #upkeep: Upkeep | undefined;
  readonly #held = new Set<HeldWork>();
  readonly #claims = new Set<Promise<unknown>>();
  #shortestLeaseMs: number | undefined;

  /** @param options At which store, and how. */
  constructor(options: ClaimerOptions) {
    this.#options = options;
    const { store, server, plan } = options;
    const { clock, logger, leaseMs, maxDeliveries } = plan;
    this.#settles = new Coalescer({
      send: async (outcomes) => (await store.settle({ outcomes })).results,
      weigh: weightOf,
      maxWeight: MAX_CALL,
    });
    const extensions = new Coalescer<Extension, Extended>({
      send: (batch) => this.#extend(batch),
      maxWeight: MAX_CALL,
    });
    this.#ports = {
      ...plan,
      settle: (outcome) => this.#settles.add(outcome),
      extend: (hold, ms) => extensions.add({ hold, leaseMs: ms }),
      letGo: (work) => this.#letGo(work),
    };
    const presence = {
      ...{ store, server, leaseMs, clock, logger },
      about: serverAbout("consumer"),
      busy: () => [this.#held.size],
    };
    if (plan.autoExtend) {
      const claimsAnswered = () => Promise.allSettled(this.#claims);
      this.#leases = new LeaseKeeper({ ...presence, claimsAnswered });
    } else {
      this.#beacon = new Beacon(presence);
    }
    this.#upkeep = plan.upkeep
      ? new Upkeep({
        ...{ store, clock, logger, leaseMs, maxDeliveries },
        scheduler: new Scheduler({ store, logger, custom: new Map() }),
        refreshLeases: (always) => this.#leases?.refresh(always) ?? this.#learnLeases(always),
        shortestLeaseMs: () => this.#leases?.shortestLeaseMs ?? this.#shortestLeaseMs,
      })
      : undefined;
  }

  /** Begins to keep leases and the store in order. */
  start(): void {
    this.#leases?.start();
    this.#beacon?.start();
    this.#upkeep?.start();
  }

  /** Gives back what is not settled, and ends all loops. */
  async stop(): Promise<void> {
    const { server, store, plan: { clock, logger } } = this.#options;
    const lastWords = new LastWords(clock);
    if (!await lastWords.hear(this.#giveBackAll())) {
      logger.error("Store does not answer, leases are left to lapse", { server });
    }
    const loops = Promise.all([this.#leases?.stop(), this.#beacon?.stop(), this.#upkeep?.stop()]);
    await lastWords.endLoops(loops);
    await lastWords.sayGoodbye(store, server, logger);
  }

  /** Claims; if it may wait, until there is a job or `over` aborts. */
  async claim(plan: ClaimPlan, over: AbortSignal): Promise<readonly HeldWork[]> {
    const { works } = await this.#track(this.#claimSome(plan));
    if (works.length > 0 || plan.waitMs === 0) return works;
    using wake = this.#options.store.subscribe(plan.sources);
    while (!over.aborted) {
      // The latch is older than this look, so it misses nothing that comes after it.
      const { works, nextDueInMs } = await this.#track(this.#claimSome(plan));
      if (works.length > 0) return works;
      await this.#change(wake, nextDueInMs, over);
    }
    // What has woken us since the last look is for another.
    wake.full?.();
    return [];
  }

  /** Claims until there is a job that can be given out, or none at all. */
  async #claimSome(plan: ClaimPlan): Promise<Claimed> {
    while (true) {
      const claimed = await this.#claimOnce(plan);
      const read = await Promise.all(claimed.works.map((work) => this.#read(work)));
      const works = claimed.works.filter((_, i) => read[i]);
      if (works.length > 0 || !claimed.found) return { ...claimed, works };
    }
  }

  async #claimOnce({ sources, limit }: ClaimPlan): Promise<Claimed> {
    const { store, server, plan: { clock, leaseMs } } = this.#options;
    const sentAt = clock.mono();
    const request = { server, pool: POOL, sources, limit, leaseMs };
    const { jobs, nextDueInMs } = await store.claim(request);
    const answeredAt = clock.mono();
    const late = jobs.length > 0 && answeredAt - sentAt >= leaseMs;
    // A reply that took longer than the lease, as after a pause of the process: another may have the jobs.
    const holds = jobs.map(({ id, holder: { fence } }) => ({ hold: { id, fence }, leaseMs }));
    const ours = late ? await this.#extend(holds) : undefined;
    const works = jobs
      .filter((_, i) => ours === undefined || ours[i] === "ok")
      .map((job) => new HeldWork(job, this.#ports, late ? answeredAt : sentAt));
    for (const work of works) {
      this.#held.add(work);
      this.#leases?.add(work);
    }
    return { works, found: jobs.length > 0, nextDueInMs };
  }

  /** Reads the payload; false if the job cannot be given out. */
  async #read(work: HeldWork): Promise<boolean> {
    const { jobs, plan: { logger } } = this.#options;
    const { id, type } = work;
    const read = await readStored(work.claimed, jobs?.[type], (error) => work.verdictOn(error));
    if (read.ok) {
      work.job = read.job;
      return true;
    }
    logger.error("Job was not given out", { id, type, error: read.error });
    try {
      await work.refuse(read.verdict);
    } catch (error) {
      // Nobody extends it any more, so it comes back.
      this.#letGo(work);
      logger.warn("Job that was not given out could not be settled", { id, type, error });
    }
    return false;
  }

  /** Waits until there may be a job, for the next due time, or until it is over. */
  async #change(wake: WakeSource, nextDueInMs: number | null, over: AbortSignal): Promise<void> {
    const { clock } = this.#options.plan;
    const changed = new AbortController();
    const end = (): void => changed.abort();
    over.addEventListener("abort", end, { once: true });
    if (over.aborted) end();
    const timer = nextDueInMs === null ? undefined : clock.after(nextDueInMs, end);
    await wake.next(changed.signal);
    timer?.cancel();
    over.removeEventListener("abort", end);
  }

  async #track<T>(claim: Promise<T>): Promise<T> {
    this.#claims.add(claim);
    try {
      return await claim;
    } finally {
      this.#claims.delete(claim);
    }
  }

  #letGo(work: HeldWork): void {
    this.#held.delete(work);
    this.#leases?.remove(work);
  }

  /** Extends leases, those for the same time in one call. */
  async #extend(batch: readonly Extension[]): Promise<Extended[]> {
    const { store, server } = this.#options;
    const ends = new Map<string, Extended>();
    for (const leaseMs of new Set(batch.map((one) => one.leaseMs))) {
      const holds = batch.filter((one) => one.leaseMs === leaseMs).map(({ hold }) => hold);
      const { lost, canceled } = await store.heartbeat({ server, leaseMs, holds });
      for (const hold of lost) ends.set(keyOf(hold), "lost");
      for (const hold of canceled) ends.set(keyOf(hold), { canceled: hold.reason });
    }
    return batch.map(({ hold }) => ends.get(keyOf(hold)) ?? "ok");
  }

  /** Tells others of our lease and learns of theirs, without extending anything. */
  async #learnLeases(always: boolean): Promise<boolean> {
    if (!always) return true;
    const { store, server, plan: { leaseMs } } = this.#options;
    const { shortestLeaseMs } = await store.heartbeat({ server, leaseMs, holds: [] });
    this.#shortestLeaseMs = shortestLeaseMs;
    return true;
  }

  async #giveBackAll(): Promise<void> {
    await Promise.allSettled(this.#claims);
    await Promise.all([...this.#held].map((work) => work.giveBack()));
    await this.#settles.idle();
  }
}

function weightOf({ verdict }: Outcome): number {
  if (verdict.kind !== "complete") return 1;
  return 1 + Math.floor((verdict.result?.length ?? 0) / WEIGHED_AS_OUTCOME);
}

function keyOf({ id, fence }: Hold): string {
  return `${id} ${fence}`;
}
