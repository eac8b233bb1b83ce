/** A monitor with users and API keys, and requests to it, without a port. */

import { createMonitor, memoryStore, type Monitor, type MonitorOptions } from "../../mod.ts";
import type { ApiKeyOptions, AuthOptions, Role, UserOptions } from "../../mod.ts";

/** Passwords of the users below; their hashes are of the lowest cost, so that tests are quick. */
export const passwords = {
  ada: "admin correct horse",
  vic: "viewer battery staple",
  other: "other password 12",
} as const;

const SALT = "$2b$04$abcdefghijklmnopqrstuu";

/** Hashes of `passwords`. */
export const hashes = {
  ada: `${SALT}.ylAUcKx.E5PkZoiCdC3t4WBW8Sly.2`,
  vic: `${SALT}2CQ33m.2tt2L3K2AMzQwHEBOlTf5JdW`,
  other: `${SALT}x9rzUjs0Z5M9cQWlahdpV.intraWo6e`,
} as const;

/** An admin and a viewer. */
export const users: readonly UserOptions[] = [
  { username: "ada", passwordHash: hashes.ada, role: "admin" },
  { username: "vic", passwordHash: hashes.vic },
];

/** A key of each role, kept as it is. */
export const keys: Readonly<Record<Role, string>> = {
  viewer: `gqm_ak_${"1".repeat(48)}`,
  operator: `gqm_ak_${"2".repeat(48)}`,
  admin: `gqm_ak_${"3".repeat(48)}`,
  producer: `gqm_ak_${"4".repeat(48)}`,
};

/** The keys, as options. */
export const apiKeys: readonly ApiKeyOptions[] = Object.entries(keys).map(([role, key]) => ({
  name: `${role}-key`,
  key,
  role: role as Role,
}));

/** A quiet monitor with the users and keys above, without a limit of rates, on a store of its own. */
export function testMonitor(
  options: Partial<MonitorOptions> = {},
  auth: AuthOptions = { users, apiKeys },
): Monitor {
  return createMonitor({
    store: memoryStore(),
    auth,
    logLevel: "silent",
    rateLimit: -1,
    ...options,
  });
}

/** What is asked, and from where. */
export interface Ask {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** Address of the client. */
  readonly from?: string;
  /** @default {"http://gqm.example"} */
  readonly origin?: string;
}

/** Asks a monitor. A body is sent as JSON, and changes carry the header against forgery. */
export function ask(monitor: Monitor, path: string, asked: Ask = {}): Promise<Response> {
  const { body, method = body === undefined ? "GET" : "POST", headers, from = "10.0.0.1" } = asked;
  const { origin = "http://gqm.example" } = asked;
  const request = new Request(origin + path, {
    method,
    headers: {
      ...(method === "GET" ? {} : { "x-gqm-csrf": "1" }),
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return monitor.fetch(request, { remoteAddr: from });
}

/** Logs in. */
export function login(
  monitor: Monitor,
  username: string,
  password: string,
  asked: Ask = {},
): Promise<Response> {
  return ask(monitor, "/auth/login", { ...asked, body: { username, password } });
}

/** The cookies that an answer sets, by their names. */
export function cookiesOf(response: Response): Map<string, string> {
  return new Map(
    response.headers.getSetCookie().map((cookie) => {
      const [name = "", value = ""] = cookie.split(";", 1)[0]!.split("=");
      return [name, value];
    }),
  );
}

/** Logs in as one of the users; gives the `Cookie` header of the session. */
export async function sessionOf(
  monitor: Monitor,
  username: keyof typeof passwords,
  asked: Ask = {},
): Promise<string> {
  const response = await login(monitor, username, passwords[username], asked);
  if (response.status !== 200) throw new Error(`Cannot log in as ${await response.text()}`);
  return `gqm_session=${cookiesOf(response).get("gqm_session")}`;
}

/** The status of an answer, and its code if it is an error. */
export async function outcome(response: Response): Promise<string> {
  if (response.headers.get("content-type")?.startsWith("text/event-stream")) {
    // It would not come to an end.
    await response.body?.cancel();
    return String(response.status);
  }
  const text = await response.text();
  const code = response.ok || !text.startsWith("{") ? undefined : JSON.parse(text).code;
  return code === undefined ? String(response.status) : `${response.status} ${code}`;
}
