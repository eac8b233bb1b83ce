/**
 * Programs that show a key.
 *
 * @module
 */

import type { Logger } from "../../logger.ts";
import { randomHex } from "../../runtime/secret.ts";
import { fromHex, sameDigest, sha256, sha256Hex } from "../digest.ts";
import { KEY_HASH } from "./check.ts";
import type { ApiKeyOptions } from "./options.ts";
import type { Principal } from "./principal.ts";

/** What every key of ours begins with, so that it is known when it is found where it should not be. */
const KEY_PREFIX = "gqm_ak_";
const KEY_BYTES = 24;

/** A new key, and what stands for it in the configuration. */
export interface NewApiKey {
  /** The key: `gqm_ak_` and 48 hexadecimal digits. It is kept nowhere. */
  readonly key: string;
  /** Its hash, for `ApiKeyOptions.key`. */
  readonly hash: string;
}

/**
 * Makes a key for a program.
 *
 * @example
 * ```ts
 * import { createMonitor, memoryStore, newApiKey } from "@gqm/gqm";
 * import { equal } from "node:assert/strict";
 *
 * const { key, hash } = await newApiKey();
 * const auth = { apiKeys: [{ name: "ci", key: hash, role: "operator" as const }] };
 * await using monitor = createMonitor({ store: memoryStore(), auth });
 * const headers = { "x-api-key": key };
 * const response = await monitor.fetch(new Request("https://gqm.example/auth/me", { headers }));
 * equal((await response.json()).username, "apikey:ci");
 * ```
 */
export async function newApiKey(): Promise<NewApiKey> {
  const key = KEY_PREFIX + randomHex(KEY_BYTES);
  return { key, hash: await hashApiKey(key) };
}

/** The hash of a key, as it stands in the configuration: `sha256:` and 64 hexadecimal digits. */
export async function hashApiKey(key: string): Promise<string> {
  return KEY_HASH + await sha256Hex(key);
}

interface KnownKey {
  readonly digest: Uint8Array;
  readonly who: Principal;
}

/** The keys that open. */
export class ApiKeys {
  readonly #options: readonly ApiKeyOptions[];
  #known: Promise<readonly KnownKey[]> | undefined;

  /** @param options Keys, checked. @param logger Is warned of keys that are not hashed. */
  constructor(options: readonly ApiKeyOptions[], logger: Logger) {
    this.#options = options;
    for (const { name, key } of options) {
      if (key.startsWith(KEY_HASH)) continue;
      logger.warn("API key is kept as it is: its hash would do", { name });
    }
  }

  /** Whose key it is; undefined if it is nobody's. It takes as long for each. */
  async find(key: string): Promise<Principal | undefined> {
    const known = await (this.#known ??= Promise.all(this.#options.map(toKnown)));
    const digest = await sha256(key);
    let found: Principal | undefined;
    for (const one of known) {
      if (sameDigest(one.digest, digest)) found ??= one.who;
    }
    return found;
  }
}

/** The key that a request brings, in `X-API-Key` or as a bearer's token. */
export function keyOf({ headers }: Request): string | undefined {
  const bearer = /^Bearer +(\S+)$/i.exec(headers.get("authorization") ?? "")?.[1];
  return headers.get("x-api-key") || bearer;
}

async function toKnown({ name, key, role, queues, types }: ApiKeyOptions): Promise<KnownKey> {
  const who: Principal = {
    name: `apikey:${name}`,
    role: role || "viewer",
    queues: queues === undefined ? null : new Set(queues),
    types: types === undefined ? null : new Set(types),
    by: "key",
  };
  const isHash = key.startsWith(KEY_HASH);
  return { who, digest: isHash ? fromHex(key.slice(KEY_HASH.length)) : await sha256(key) };
}
