/**
 * All that a configuration file may say.
 *
 * @module
 */

import { section, type ValueOf } from "../node.ts";
import { app } from "./app.ts";
import { monitoring } from "./monitoring.ts";
import { scheduler } from "./scheduler.ts";
import { redis, retention, store } from "./store.ts";
import { limits, pools, queues } from "./work.ts";

/** The file. */
export const table = section("A server of GQM", {
  store,
  redis,
  app,
  retention,
  queues,
  pools,
  limits,
  scheduler,
  monitoring,
});

/** What a file says, checked. */
export type FileValue = ValueOf<typeof table>;
