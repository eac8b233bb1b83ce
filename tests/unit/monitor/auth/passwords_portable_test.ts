import assert from "node:assert/strict";
import { setImmediate } from "node:timers/promises";
import { test } from "node:test";
import { hashPassword } from "../../../../mod.ts";
import { PasswordChecks } from "../../../../src/monitor/auth/passwords.ts";
import { Turns } from "../../../../src/monitor/auth/turns.ts";
import { hashes, passwords } from "../../../support/monitor.ts";

test("hashPassword makes a hash of its own each time, that the password has and no other", async () => {
  const checks = new PasswordChecks();
  const password = "pässwörd 🔑";
  const [one, two] = [await hashPassword(password), await hashPassword(password)];
  assert.match(one, /^\$2b\$10\$[./A-Za-z0-9]{53}$/);
  assert.notEqual(one, two);
  assert.equal(await checks.check("a", password, one), true);
  assert.equal(await checks.check("a", "password", one), false);
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

test("while a password is compared, all else has its turns", async () => {
  // Of cost 13: far more rounds than bcryptjs makes without giving way.
  const slow = "$2b$13$abcdefghijklmnopqrstuu" + ".".repeat(31);
  let isOver = false;
  const compared = new PasswordChecks().check("a", "password", slow).then((isRight) => {
    isOver = true;
    return isRight;
  });
  let turns = 0;
  for (; !isOver; turns++) await setImmediate();
  assert.equal(await compared, false);
  assert.ok(turns >= 3, String(turns));
});

test("passwords are compared one at a time, and too many are refused", async () => {
  const checks = new PasswordChecks();
  const all = await Promise.allSettled(
    Array.from({ length: 120 }, () => checks.check("a", passwords.ada, hashes.ada)),
  );
  const refused = all.filter(({ status }) => status === "rejected");
  assert.equal(refused.length, 20);
  assert.equal((refused[0] as PromiseRejectedResult).reason.code, "RATE_LIMITED");
  assert.equal(await checks.check("a", passwords.ada, hashes.ada), true);
});

test("who brings many pieces of work holds up others by one", async () => {
  const turns = new Turns(100);
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
    brought.map((name) => turns.run(name[0]!, () => work(name))),
  );
  assert.deepEqual(done, ["a1", "a2", "b1", "c1", "a3", "b2", "a4"]);
  assert.deepEqual(results.map(({ status }) => status === "rejected"), [
    ...[false, true, false, false, false, false, false],
  ]);
});
