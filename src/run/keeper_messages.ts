/**
 * What a lease keeper's thread and the main thread say to each other.
 *
 * @module
 */

import type { Hold, StoreRecipe } from "../store/store.ts";

/** What the thread is started with. */
export interface KeeperData {
  readonly recipe: StoreRecipe;
  readonly server: string;
  readonly leaseMs: number;
  /** One number: when the last beat that was answered was sent, in µs of the thread's own clock; 0 before. */
  readonly beaten: SharedArrayBuffer;
}

/** To the thread. */
export type ToKeeper =
  | { readonly kind: "add" | "remove"; readonly holds: readonly Hold[] }
  | { readonly kind: "clock" }
  | { readonly kind: "close" };

/** From the thread. */
export type FromKeeper =
  | { readonly kind: "open" }
  | { readonly kind: "clock"; readonly mono: number }
  | { readonly kind: "failed"; readonly message: string }
  | { readonly kind: "closed" };
