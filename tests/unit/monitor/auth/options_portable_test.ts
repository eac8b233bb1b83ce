import assert from "node:assert/strict";
import { test } from "node:test";
import { createMonitor, memoryStore } from "../../../../mod.ts";
import { CollectingLogger } from "../../../support/collecting_logger.ts";
import { apiKeys, hashes, keys, testMonitor, users } from "../../../support/monitor.ts";

const SECRET = "swordfish-swordfish-swordfish-swordfish";
const [user, key] = [users[0]!, apiKeys[0]!];
const hash = `sha256:${"0a".repeat(32)}`;

function make(auth: unknown): void {
  createMonitor({ store: memoryStore(), auth: auth as never, logLevel: "silent" });
}

test("a monitor takes users and keys that keep the rules", () => {
  for (
    const auth of [
      { users },
      { apiKeys },
      { users: [{ ...user, role: "" }] },
      { users: [{ ...user, passwordHash: hashes.ada.replace("$2b", "$2a") }] },
      { users: [{ ...user, passwordHash: hashes.ada.replace("$2b", "$2y") }] },
      { apiKeys: [{ name: "ci", key: hash }] },
      { apiKeys: [{ name: "ci", key: hash.toUpperCase().replace("SHA", "sha") }] },
      { apiKeys: [{ ...key, role: "producer", queues: ["mail"], types: ["mail.send"] }] },
      { users, sessionTtlMs: 0, cookieSecure: true },
    ]
  ) make(auth);
});

const wrong: Record<string, unknown> = {
  "auth that is left out": undefined,
  "auth that is a text": SECRET,
  "auth that is null": null,
  "nobody at all": {},
  "lists that are empty": { users: [], apiKeys: [] },
  "users that are no list": { users: { ada: SECRET } },
  "an unknown option": { users, tokens: [SECRET] },
  "an unknown option of a user": { users: [{ ...user, password: SECRET }] },
  "an empty username": { users: [{ ...user, username: "" }] },
  "a username with a line break": { users: [{ ...user, username: "ada\nroot" }] },
  "a username that is too long": { users: [{ ...user, username: "a".repeat(257) }] },
  "a password in the place of its hash": { users: [{ ...user, passwordHash: SECRET }] },
  "a hash that is cut off": { users: [{ ...user, passwordHash: hashes.ada.slice(0, 59) }] },
  "a hash of cost 3": { users: [{ ...user, passwordHash: hashes.ada.replace("$04", "$03") }] },
  "no hash": { users: [{ username: "ada" }] },
  "an unknown role": { users: [{ ...user, role: "root" }] },
  "a user who is a producer": { users: [{ ...user, role: "producer" }] },
  "a user twice": { users: [user, { ...user, passwordHash: hashes.vic }] },
  "an empty list of queues": { users: [{ ...user, queues: [] }] },
  "a queue that can be none": { users: [{ ...user, queues: ["a/b"] }] },
  "a key without a name": { apiKeys: [{ key: keys.admin }] },
  "a key of 31 characters": { apiKeys: [{ name: "ci", key: SECRET.slice(0, 31) }] },
  "a key that no header can carry": { apiKeys: [{ name: "ci", key: `${SECRET}é` }] },
  "a hash of a key that is cut off": { apiKeys: [{ name: "ci", key: hash.slice(0, -1) }] },
  "a hash of a key that is none": { apiKeys: [{ name: "ci", key: `sha256:${SECRET}` }] },
  "a key's name twice": { apiKeys: [key, { ...key, key: hash }] },
  "a type that can be none": { apiKeys: [{ ...key, types: [""] }] },
  "a session of a millisecond": { users, sessionTtlMs: 1 },
  "a session of two years": { users, sessionTtlMs: 730 * 86_400_000 },
  "a flag that is none": { users, cookieSecure: "yes" },
};

for (const [what, auth] of Object.entries(wrong)) {
  test(`a monitor refuses ${what} and tells no secret`, () => {
    assert.throws(() => make(auth), (error: Error & { value: unknown }) => {
      assert.equal(error.name, "InvalidOptionError");
      assert.match(error.message, /^Cannot create monitor as /);
      const told = `${error.message} ${JSON.stringify(error.value)}`;
      assert.ok(!told.includes(SECRET.slice(0, 20)) && !told.includes(hashes.ada.slice(8)), told);
      return true;
    });
  });
}

test("a key that is kept as it is is warned of, by its name alone", async () => {
  const logger = new CollectingLogger();
  const hashed = { name: "hashed", key: hash };
  await using _monitor = testMonitor({ logger, logLevel: "warn" }, { apiKeys: [key, hashed] });
  assert.deepEqual(logger.lines.map(({ level, fields }) => [level, fields]), [
    ["warn", { name: key.name }],
  ]);
});
