/** Who sends requests: some see all queues, some one alone, some nothing. */

import type { AuthOptions } from "../../../src/monitor/auth/options.ts";
import type { Role } from "../../../src/monitor/auth/principal.ts";
import { hashes, passwords } from "../../support/monitor.ts";

/** The one queue that some see. */
export const OWN_QUEUE = "mail";

/** Somebody who may ask. */
export interface Asker {
  /** What shows who they are. */
  readonly headers: Readonly<Record<string, string>>;
  /** Whether there is only one queue for them. */
  readonly isScoped: boolean;
}

const ROLES: readonly Role[] = ["viewer", "operator", "admin", "producer"];

function keyOf(role: Role, isScoped: boolean): string {
  return `gqm_ak_${`${ROLES.indexOf(role)}${isScoped ? 5 : 6}`.repeat(24)}`;
}

const keys = [false, true].flatMap((isScoped) => ROLES.map((role) => ({ role, isScoped })));

/** The users and keys. */
export const auth: AuthOptions = {
  users: [
    { username: "ada", passwordHash: hashes.ada, role: "admin" },
    { username: "vic", passwordHash: hashes.vic, role: "admin", queues: [OWN_QUEUE] },
  ],
  apiKeys: keys.map(({ role, isScoped }) => ({
    name: `${role}-${isScoped}`,
    key: keyOf(role, isScoped),
    role,
    ...(isScoped ? { queues: [OWN_QUEUE] } : {}),
  })),
};

/** Those who show a key. */
export const keyHolders: readonly Asker[] = keys.map(({ role, isScoped }) => {
  return { headers: { "x-api-key": keyOf(role, isScoped) }, isScoped };
});

/** Users who log in: what they send, and whether they are scoped. */
export const logins: readonly (readonly [body: string, isScoped: boolean])[] = [
  [JSON.stringify({ username: "ada", password: passwords.ada }), false],
  [JSON.stringify({ username: "vic", password: passwords.vic }), true],
];
