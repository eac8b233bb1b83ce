/**
 * What people and programs are shown: `monitoring`.
 *
 * @module
 */

import { DEFAULT_PATH_PREFIX } from "../../monitor/dashboard/options.ts";
import { DEFAULT_ADDR, parseAddr } from "../../monitor/addr.ts";
import { DEFAULT_RATE } from "../../monitor/options.ts";
import { accepts, jobType, queueNames } from "../names.ts";
import { either, flag, list, number, seconds, section, text } from "../node.ts";
import { alerts } from "./alerts.ts";

const USER_ROLES = ["viewer", "operator", "admin"];
const KEY_ROLES = [...USER_ROLES, "producer"];

const users = list(
  "People who log in",
  section("Someone", {
    username: text("Their name; needed where people have to log in"),
    password_hash: text(
      "bcrypt hash of the password, as `gqm set-password` writes it; needed too",
      {
        secret: true,
      },
    ),
    role: text("What they may do", { unset: "viewer", oneOf: USER_ROLES }),
    queues: queueNames("The only queues that they see", "all"),
  }),
);

const apiKeys = list(
  "Keys of programs",
  section("A key", {
    name: text("Its name; needed where the API is served"),
    key: text(
      "`sha256:` and the hash of the key, or the key itself, of at least 32 characters, as " +
        "`gqm add-api-key` writes it; needed too",
      { secret: true },
    ),
    role: text("What it may do", { unset: "viewer", oneOf: KEY_ROLES }),
    queues: queueNames("The only queues that it sees", "all"),
    types: list("The only types that it may enqueue", jobType("A type", { required: true }), {
      unset: "all",
    }),
  }),
);

const auth = section("Who may log in", {
  enabled: flag("Whether people have to log in", { unset: "false" }),
  session_ttl: seconds("How long a login lasts; 0 for the default", { unset: "86400" }),
  users,
});

const live = section("How many streams of events there may be", {
  max_viewers: number("At once", { unset: "2000", min: 1 }),
  max_viewers_per_client: number("At once, of one client", { unset: "200", min: 1 }),
});

const api = section("The REST API, and what is served with it", {
  enabled: flag("Whether it is served; `dashboard.enabled` serves it too", { unset: "false" }),
  addr: text("Host and port; `:8080` for all addresses of the machine", {
    unset: DEFAULT_ADDR,
    rule: "be host and port with a colon between, such as ':8080' or '127.0.0.1:8080'",
    accepts: (addr) => accepts(() => void parseAddr(addr)),
  }),
  rate_limit: number("Requests per second and client; 0 for the default, -1 for no limit", {
    unset: `${DEFAULT_RATE}`,
    min: -1,
    max: 1_000_000,
  }),
  trust_proxy: either(
    "How many proxies in front are believed; true for one",
    flag("One, or none"),
    number("How many", { min: 0, max: 10 }),
    { unset: "false" },
  ),
  cookie_secure: flag("Whether cookies are for TLS alone", { unset: "false" }),
  api_keys: apiKeys,
  cors_origins: list(
    "Origins whose pages may call it with a key",
    text("An origin", { required: true }),
    { unset: "none" },
  ),
  strict_health: flag("Whether `/health` answers 503 when the store is away", { unset: "false" }),
  metrics: either(
    "Metrics at `/metrics`; false for none",
    flag("Whether there are any"),
    section("Who may read them", { open: flag("Whether everyone may", { unset: "false" }) }),
    { unset: "for viewers" },
  ),
  live,
});

const redact = list(
  "What of payloads, results and meta is not shown to everyone",
  section("Values that are not shown", {
    path: text("Where they stand, such as `payload.user.email` or `**.password`", {
      required: true,
    }),
    except: list("Who sees them all the same", text("A role", { oneOf: KEY_ROLES }), {
      unset: "[admin]",
    }),
    types: list("Only in jobs of these types", jobType("A type", { required: true }), {
      unset: "all",
    }),
  }),
);

/** The monitor. */
export const monitoring = section("What people and programs are shown", {
  auth,
  api,
  dashboard: section("The dashboard", {
    enabled: flag("Whether it is served", { unset: "false" }),
    path_prefix: text("The path under which its pages are", { unset: DEFAULT_PATH_PREFIX }),
    custom_dir: text("A folder whose files are served in the place of ours", { unset: "none" }),
  }),
  alerts,
  redact,
});
