/**
 * The one table of routes.
 *
 * @module
 */

import { auditRoutes } from "./api/audit.ts";
import { authRoutes } from "./api/auth.ts";
import { healthRoutes } from "./api/health.ts";
import { queueRoutes } from "./api/queues.ts";
import type { Route } from "./route.ts";

/** All routes, in the order in which the API documentation shows them. */
export const routes: readonly Route[] = [
  ...healthRoutes,
  ...authRoutes,
  ...queueRoutes,
  ...auditRoutes,
];
