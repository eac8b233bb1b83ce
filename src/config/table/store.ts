/**
 * Where the jobs are, and for how long: `store`, `redis`, `retention`.
 *
 * @module
 */

import { defaultRetention } from "../../store/retention.ts";
import { flag, number, section, text } from "../node.ts";

const ADDRESS = /^(?:\[[0-9a-f:.]{2,45}\]|[^\s:/@[\]]{0,253}):\d{1,5}$/i;
const PREFIX = /^[A-Za-z0-9._:-]{1,101}$/;
const STORE = /^(?:memory|sqlite|redis|rediss|unix):/;

/** A store by its URL. */
export const store = text("URL of the store, in the place of `redis`", {
  unset: "`redis` if it is there, else `GQM_STORE`, else `sqlite:./gqm.db`",
  rule: "be a URL such as 'redis://localhost:6379', 'sqlite:./gqm.db' or 'memory:name'",
  accepts: (url) => STORE.test(url),
});

/** A store on Redis, by parts. */
export const redis = section(
  "The Redis, or Valkey, that keeps the jobs; an empty section will do",
  {
    addr: text("Its host and port", {
      unset: "localhost:6379",
      rule: "be host and port with a colon between, such as 'localhost:6379'",
      accepts: (addr) =>
        ADDRESS.test(addr) && Number(addr.slice(addr.lastIndexOf(":") + 1)) < 65_536,
    }),
    password: text("Its password", { unset: "none", secret: true }),
    db: number("Number of its database", { unset: "0", min: 0, max: 9999 }),
    prefix: text("First part of every key; `gqm` and `gqm:` mean the same", {
      unset: "gqm",
      rule: "be 1 to 100 of the characters a-z A-Z 0-9 . _ : -",
      accepts: (prefix) => PREFIX.test(prefix) && prefix !== ":",
    }),
    tls: flag("Whether the connection is over TLS", { unset: "false" }),
    pool_size: number("Most connections", {
      unset: "0",
      min: 0,
      ignored: "a process makes the few connections that it needs",
    }),
  },
);

/** For how long what has ended is kept. */
export const retention = section("For how long jobs that have ended are kept", {
  completed_ms: number("Completed jobs, in milliseconds; -1 for ever, 0 not at all", {
    unset: "`app.result_ttl`",
    min: -1,
  }),
  failed_ms: number("All others that have ended, in milliseconds; -1 for ever, 0 not at all", {
    unset: "`app.failure_ttl`",
    min: -1,
  }),
  max_count: number("Most that are kept of a queue and status", {
    unset: `${defaultRetention.maxCount}`,
    min: 0,
  }),
});
