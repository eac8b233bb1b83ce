/**
 * The rules for users and keys. An error tells where something is wrong and what it must be, but
 * no value that may be a secret.
 *
 * @module
 */

import { checkBoolean, checkInteger, checkOneOf } from "../../checks.ts";
import { InvalidOptionError } from "../../errors.ts";
import { isJobType, isQueueName, QUEUE_RULE, TYPE_RULE } from "../../job/names.ts";
import { MAX_MEMO_MS } from "../../store/desk_stage.ts";
import type { ApiKeyOptions, AuthOptions, UserOptions } from "./options.ts";
import type { Role } from "./principal.ts";

/** What the hash of a key begins with. */
export const KEY_HASH = "sha256:";
/** Fewest characters of a key. */
const MIN_KEY_LENGTH = 32;

const ACTION = "create monitor";
/** Most users and keys together: each key is compared at each request that brings one. */
const MOST_ACCOUNTS = 1000;
/** Most queues or types that an account is held to. */
const MOST_NAMES = 1000;
const MAX_NAME_LENGTH = 256;
const NAME_RULE =
  `be a string of 1 to ${MAX_NAME_LENGTH} characters of well-formed text, none of them a control character`;
// deno-lint-ignore no-control-regex -- control characters are what the rule is about
const NOT_IN_NAME = /[\u0000-\u001f\u007f]/;
const PASSWORD_HASH = /^\$2[aby]\$(0[4-9]|[12]\d|3[01])\$[./A-Za-z0-9]{53}$/;
/** What a header can carry. */
const KEY = /^[\x21-\x7e][\x20-\x7e]*[\x21-\x7e]$/;
/** Stands in errors for what may be a secret. */
const HIDDEN = "[not shown]";

const AUTH_KEYS = ["users", "apiKeys", "sessionTtlMs", "cookieSecure"];
const USER_KEYS = ["username", "passwordHash", "role", "queues"];
const API_KEY_KEYS = ["name", "key", "role", "queues", "types"];
const USER_ROLES: readonly Role[] = ["viewer", "operator", "admin"];
const KEY_ROLES: readonly Role[] = [...USER_ROLES, "producer"];

/**
 * Checks who may do what.
 *
 * @throws {InvalidOptionError} If something is unknown or breaks its rule.
 */
export function checkAuth(options: AuthOptions): void {
  checkNames("auth", options, AUTH_KEYS);
  const { users = [], apiKeys = [], sessionTtlMs = 0, cookieSecure = false } = options;
  checkList("auth.users", users);
  checkList("auth.apiKeys", apiKeys);
  checkInteger(
    ACTION,
    "number of users and API keys",
    users.length + apiKeys.length,
    1,
    MOST_ACCOUNTS,
  );
  users.forEach((user, i) => checkUser(`auth.users[${i}]`, user));
  apiKeys.forEach((key, i) => checkApiKey(`auth.apiKeys[${i}]`, key));
  checkUnique("username", users.map(({ username }) => username));
  checkUnique("name of an API key", apiKeys.map(({ name }) => name));
  if (sessionTtlMs !== 0) {
    checkInteger(ACTION, "auth.sessionTtlMs", sessionTtlMs, 1000, MAX_MEMO_MS);
  }
  checkBoolean(ACTION, "auth.cookieSecure", cookieSecure);
}

function checkUser(holder: string, user: UserOptions): void {
  checkNames(holder, user, USER_KEYS);
  checkName(`${holder}.username`, user.username);
  if (typeof user.passwordHash !== "string" || !PASSWORD_HASH.test(user.passwordHash)) {
    const rule = "be a bcrypt hash: 60 characters that begin with '$2'";
    throw new InvalidOptionError(ACTION, `${holder}.passwordHash`, rule, HIDDEN);
  }
  checkRole(holder, user.role, USER_ROLES);
  checkScope(`${holder}.queues`, user.queues, isQueueName, QUEUE_RULE);
}

function checkApiKey(holder: string, key: ApiKeyOptions): void {
  checkNames(holder, key, API_KEY_KEYS);
  checkName(`${holder}.name`, key.name);
  if (typeof key.key !== "string" || !isKeyOrHash(key.key)) {
    const rule = `be '${KEY_HASH}' and 64 hexadecimal digits, ` +
      `or a key of at least ${MIN_KEY_LENGTH} characters of ASCII`;
    throw new InvalidOptionError(ACTION, `${holder}.key`, rule, HIDDEN);
  }
  checkRole(holder, key.role, KEY_ROLES);
  checkScope(`${holder}.queues`, key.queues, isQueueName, QUEUE_RULE);
  checkScope(`${holder}.types`, key.types, isJobType, TYPE_RULE);
}

function isKeyOrHash(text: string): boolean {
  return text.startsWith(KEY_HASH)
    ? /^[0-9a-fA-F]{64}$/.test(text.slice(KEY_HASH.length))
    : text.length >= MIN_KEY_LENGTH && KEY.test(text);
}

/** Checks that an object has no options but some. Its values may be secrets. */
function checkNames(holder: string, value: unknown, known: readonly string[]): void {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new InvalidOptionError(ACTION, holder, "be an object", HIDDEN);
  }
  const foreign = Object.keys(value).find((key) => !known.includes(key));
  if (foreign === undefined) return;
  const rule = `have no options but ${known.join(", ")}`;
  throw new InvalidOptionError(ACTION, holder, rule, foreign);
}

function checkList(option: string, value: unknown): void {
  if (!Array.isArray(value)) throw new InvalidOptionError(ACTION, option, "be a list", HIDDEN);
}

function checkName(option: string, name: unknown): void {
  const isName = typeof name === "string" && name.length > 0 && name.length <= MAX_NAME_LENGTH &&
    !NOT_IN_NAME.test(name) && name.isWellFormed();
  if (!isName) throw new InvalidOptionError(ACTION, option, NAME_RULE, name);
}

/** Checks a role. An empty one, as GQM (Go) has it, is that of a viewer. */
function checkRole(holder: string, role: string | undefined, allowed: readonly Role[]): void {
  if (role !== undefined && role !== "") checkOneOf(ACTION, `${holder}.role`, role, allowed);
}

function checkScope(
  option: string,
  names: readonly string[] | undefined,
  isName: (name: unknown) => boolean,
  rule: string,
): void {
  if (names === undefined) return;
  if (!Array.isArray(names) || names.length === 0 || names.length > MOST_NAMES) {
    const range = `be a list of 1 to ${MOST_NAMES} names, or be left out for all`;
    throw new InvalidOptionError(ACTION, option, range, names);
  }
  const wrong = names.findIndex((name) => !isName(name));
  if (wrong >= 0) throw new InvalidOptionError(ACTION, `${option}[${wrong}]`, rule, names[wrong]);
}

function checkUnique(what: string, names: readonly string[]): void {
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice === undefined) return;
  throw new InvalidOptionError(ACTION, what, "be there once", twice);
}
