import assert from "node:assert/strict";
import { setImmediate } from "node:timers/promises";
import { test } from "node:test";
import { hashPassword } from "../../../../mod.ts";
import { Comparer } from "../../../../src/monitor/auth/compare.ts";
import { PasswordChecks } from "../../../../src/monitor/auth/passwords.ts";
import { Turns } from "../../../../src/monitor/auth/turns.ts";
import { hashes, passwords } from "../../../support/monitor.ts";

test("hashPassword makes a hash of its own each time, that the password has and no other", async () => {
  const checks = new PasswordChecks();
  const who = { who: "a", isKnown: false };
  const password = "pässwörd 🔑";
  const [one, two] = [await hashPassword(password), await hashPassword(password)];
  assert.match(one, /^\$2b\$10\$[./A-Za-z0-9]{53}$/);
  assert.notEqual(one, two);
  assert.equal(await checks.check({ ...who, password, passwordHash: one }), true);
  assert.equal(await checks.check({ ...who, password: "password", passwordHash: one }), false);
});

test("hashPassword refuses what bcrypt would cut off, and does not tell it", async () => {
  await hashPassword("x".repeat(72));
  for (const password of ["", "x".repeat(73), "ä".repeat(37)]) {
    await assert.rejects(hashPassword(password), (error: Error) => {
      assert.match(error.message, /length of the password in bytes/);
      assert.ok(password === "" || !error.message.includes(password));
      return true;
    });
  }
});

test("while a password is compared, all else goes on", async () => {
  // Of cost 13: bcryptjs would give way only a few times.
  const passwordHash = "$2b$13$abcdefghijklmnopqrstuu" + ".".repeat(31);
  let isOver = false;
  const comparer = new Comparer();
  const compared = comparer.compare({ password: "password", passwordHash }).then((isRight) => {
    isOver = true;
    return isRight;
  });
  let turns = 0;
  for (; !isOver; turns++) await setImmediate();
  assert.equal(await compared, false);
  assert.ok(turns >= 100, String(turns));
  await comparer.rest();
});

test("passwords that come at once are compared in one thread, which ends with the last", async () => {
  const passwordHash = await hashPassword(passwords.ada);
  const checks = new PasswordChecks();
  for (let round = 0; round < 2; round++) {
    const tried = [passwords.vic, passwords.ada, passwords.vic, passwords.ada];
    const compared = tried.map((password, i) =>
      checks.check({ who: String(i), isKnown: false, password, passwordHash })
    );
    assert.deepEqual(await Promise.all(compared), [false, true, false, true]);
  }
});

test("where no thread starts, passwords are compared all the same", async () => {
  const nowhere = new URL("./there_is_no_such_file.ts", import.meta.url);
  const passwordHash = await hashPassword(passwords.ada);
  const comparer = new Comparer(nowhere);
  const compare = (password: string) => comparer.compare({ password, passwordHash });
  assert.equal(await compare(passwords.ada), true);
  assert.equal(await compare(passwords.vic), false);
});

test("passwords are compared one at a time, and too many are refused, but not from known browsers", async () => {
  const checks = new PasswordChecks();
  const [password, passwordHash] = [passwords.ada, hashes.ada];
  const check = (who: string, isKnown: boolean) =>
    checks.check({ who, isKnown, password, passwordHash });
  const strangers = Promise.allSettled(Array.from({ length: 120 }, () => check("a", false)));
  const known = Promise.allSettled(Array.from({ length: 110 }, () => check("b", true)));
  const refusedOf = (all: PromiseSettledResult<boolean>[]) =>
    all.filter(({ status }) => status === "rejected") as PromiseRejectedResult[];
  const refused = refusedOf(await strangers);
  assert.equal(refused.length, 20);
  const { code, headers } = refused[0]!.reason;
  assert.deepEqual([code, headers], ["RATE_LIMITED", { "retry-after": "5" }]);
  assert.equal(refusedOf(await known).length, 10);
  assert.equal(await check("a", false), true);
});

test("who brings many pieces of work holds up others by one", async () => {
  const turns = new Turns();
  const done: string[] = [];
  let running = 0;
  const work = async (name: string): Promise<void> => {
    assert.equal(++running, 1);
    await setImmediate();
    running--;
    done.push(name);
    if (name === "a2") throw new Error("a2 fails");
  };
  const brought = ["a1", "a2", "a3", "a4", "b1", "b2", "c1"];
  const results = await Promise.allSettled(
    brought.map((name) => turns.run(name[0]!, 100, () => work(name))),
  );
  assert.deepEqual(done, ["a1", "a2", "b1", "c1", "a3", "b2", "a4"]);
  assert.deepEqual(results.map(({ status }) => status === "rejected"), [
    ...[false, true, false, false, false, false, false],
  ]);
});
