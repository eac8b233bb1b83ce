/** The jobs, and the tenants that they are for. */

import { defineJobs, job } from "../../../mod.ts";

export const jobs = defineJobs({
  "export.page": job<{ tenant: string; page: number; rows: number }, { bytes: number }>(),
});

/** Which queue a tenant's jobs wait in, and so which pool runs them. */
export type Plan = "enterprise" | "standard";

/** A customer. */
export interface Tenant {
  readonly name: string;
  readonly plan: Plan;
  /** Pages that it wants exported. */
  readonly pages: number;
}

/** In the order in which they ask: the greedy one comes first. */
export const tenants: readonly Tenant[] = [
  { name: "greedy", plan: "standard", pages: 60 },
  { name: "corner-shop", plan: "standard", pages: 4 },
  { name: "book-club", plan: "standard", pages: 4 },
  { name: "acme", plan: "enterprise", pages: 8 },
];
