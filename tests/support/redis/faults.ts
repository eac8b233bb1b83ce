/** What a proxy does to commands and replies. */

/** A command on its way to Redis. */
export interface ProxiedCommand {
  /** In capitals, such as "EVALSHA". */
  readonly name: string;
  /** What follows the name; bytes that are no text are lost, see `bytes`. */
  readonly args: readonly string[];
  /** All of it as it was sent. */
  readonly bytes: Uint8Array;
  /** Number of the client's connection, from 1. */
  readonly connection: number;
  /** Name of the script that it runs, if the proxy was told the script's hash. */
  readonly script: string | undefined;
  /** When it came, by `performance.now()`. */
  readonly at: number;
}

/**
 * A fault. Commands that the connection sent before are answered first, so a fault never takes
 * more than it says; a blocking command before it on the same connection makes it wait.
 */
export type FaultAction =
  /** The reply comes late: after some time, or once a promise has settled. */
  | { readonly action: "delayReply"; readonly ms?: number; readonly until?: Promise<unknown> }
  /** The command reaches Redis late, and so do those behind it. */
  | { readonly action: "delayCommand"; readonly ms?: number; readonly until?: Promise<unknown> }
  /** The command is executed, its reply swallowed; the connection stays. */
  | { readonly action: "dropReply" }
  /** The reply is delivered twice. */
  | { readonly action: "repeatReply" }
  /** The connection is cut before the command reaches Redis. */
  | { readonly action: "cutBeforeCommand" }
  /** The command is executed, and the connection cut instead of a reply. */
  | { readonly action: "cutAfterCommand" }
  /** Only the first `bytes` of the reply are delivered; then the connection is cut. */
  | { readonly action: "cutReplyAt"; readonly bytes: number }
  /** Only the first `bytes` of the command reach Redis; then the connection is cut. */
  | { readonly action: "cutCommandAt"; readonly bytes: number }
  /** From this command on nothing is delivered either way; the connection stays open. */
  | { readonly action: "stall" }
  /** The command is executed; from its reply on nothing is delivered. */
  | { readonly action: "stallAfterCommand" };

/** What to do to which commands. */
export type FaultSpec = FaultAction & {
  /** Whether it is this command; asked once for each. */
  readonly match: (command: ProxiedCommand) => boolean;
  /** To how many commands it happens. @default {1} */
  readonly times?: number;
};

/** A fault that was added. */
export class Fault {
  readonly spec: FaultSpec;
  readonly #happened: { readonly count: number; resolve(): void }[] = [];
  #left: number;
  #hits = 0;

  constructor(spec: FaultSpec) {
    this.spec = spec;
    this.#left = spec.times ?? 1;
  }

  /** How often it has happened. */
  get hits(): number {
    return this.#hits;
  }

  /** Waits until it has happened so often. */
  happened(count = 1): Promise<void> {
    if (this.#hits >= count) return Promise.resolve();
    return new Promise((resolve) => this.#happened.push({ count, resolve }));
  }

  /** Lets it happen no more. */
  remove(): void {
    this.#left = 0;
  }

  /** Whether it is to happen to this command, which then counts. */
  takes(command: ProxiedCommand): boolean {
    if (this.#left <= 0 || !this.spec.match(command)) return false;
    this.#left--;
    return true;
  }

  /** Notes that it has happened. */
  hit(): void {
    this.#hits++;
    for (const waiter of this.#happened) if (this.#hits >= waiter.count) waiter.resolve();
  }
}

/** The faults of a proxy. The first that takes a command is the one that happens to it. */
export class Faults {
  readonly #all: Fault[] = [];

  /** Adds a fault. */
  add(spec: FaultSpec): Fault {
    const fault = new Fault(spec);
    this.#all.push(fault);
    return fault;
  }

  /** Removes all, as far as they have not happened. */
  clear(): void {
    for (const fault of this.#all.splice(0)) fault.remove();
  }

  /** The fault for a command, if any. */
  take(command: ProxiedCommand): Fault | undefined {
    return this.#all.find((fault) => fault.takes(command));
  }
}
