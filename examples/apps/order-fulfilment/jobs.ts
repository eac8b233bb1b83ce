/** The jobs of an order: what the shop enqueues and its workers run. */

import { defineJobs, job } from "../../../mod.ts";

/** An order, as the shop knows it. */
export interface Order {
  readonly id: string;
  readonly item: string;
  readonly count: number;
  readonly cents: number;
  readonly card: string;
  readonly address: string;
}

/** What became of an order. */
export interface Closed {
  readonly outcome: "shipped" | "canceled";
  /** Why it was canceled. */
  readonly reason?: string;
  /** What was taken back. */
  readonly undone: readonly string[];
}

export const jobs = defineJobs({
  "stock.reserve": job<Order, { left: number }>(),
  "payment.charge": job<Order, { receipt: string }>(),
  "shipment.book": job<Order, { parcel: string }>(),
  "order.close": job<Order, Closed>(),
});
