/**
 * The side of the store port that knows who works: servers and consumers that
 * beat, with their pools.
 *
 * @module
 */

/** A pool of a server. */
export interface PoolAbout {
  /** Its name. */
  readonly name: string;
  /** Types that it runs, the first 100 of them; `["*"]` for those that no other pool of the server takes. */
  readonly types: readonly string[];
  /** Queues that it takes from, the first 100 of them; null for all. */
  readonly queues: readonly string[] | null;
  /** Jobs that it runs at the same time. */
  readonly concurrency: number;
  /** How its handlers are kept apart from the rest of the process; absent where they are not. */
  readonly isolate?: string;
}

/** What a server is. */
export interface ServerAbout {
  /** A server, or code that claims by itself. */
  readonly kind: "server" | "consumer";
  /** Name of the machine. */
  readonly hostname: string;
  /** Process id on that machine. */
  readonly pid: number;
  /** Name and version of the runtime, such as "deno 2.9.6". */
  readonly runtime: string;
  /** Version of this package. */
  readonly version: string;
  /** Its pools; a consumer has none. */
  readonly pools: readonly PoolAbout[];
}

/** What a server says of itself with a heartbeat. */
export interface Presence {
  /** Milliseconds since it started. */
  readonly upMs: number;
  /** Jobs that run in each pool of `about`, in that order; of a consumer one number. */
  readonly busy: readonly number[];
  /** Given with the first beat, and when the store asked for it. */
  readonly about?: ServerAbout;
}

/** A server that beats. */
export interface ServerRecord {
  /** Unique per process: the `server` of its claims. */
  readonly id: string;
  /** What it said of itself. */
  readonly about: ServerAbout;
  /** Epoch milliseconds, store clock. */
  readonly startedAt: number;
  /** Epoch milliseconds of its last heartbeat, store clock. */
  readonly lastHeartbeatAt: number;
  /** How long its leases hold. */
  readonly leaseMs: number;
  /** Jobs that ran in each of its pools at the last heartbeat, in the order of `about.pools`; of a consumer one number. */
  readonly busy: readonly number[];
}

/** One page of servers. */
export interface ServersReply {
  /** The servers. */
  readonly servers: readonly ServerRecord[];
  /** Give it to the next call; absent on the last page. */
  readonly cursor?: string;
}

/** Who works. */
export interface ServerStage {
  /**
   * Lists those who told of themselves with a heartbeat, the one that started
   * last first. One that has not beaten for three of its leases, at least for a
   * minute, is not among them; upkeep forgets it.
   *
   * @param page `limit`: most servers to return, 1 to 500; `cursor`: where the last page ended.
   * @throws {InvalidOptionError} If the limit is out of range or the cursor is
   * not one that a page gave.
   */
  servers(
    page: { readonly limit: number; readonly cursor?: string },
  ): Promise<ServersReply>;

  /**
   * Forgets a server that stops. Its claims, if it has any left, end with their leases, and its
   * pools' marks with them.
   *
   * Repeat: does nothing.
   */
  leave(server: string): Promise<void>;
}
