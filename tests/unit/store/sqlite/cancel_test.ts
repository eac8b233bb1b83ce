import { assert, assertEquals } from "@std/assert";
import { claimRequest, newJob, openStore, tempFolder } from "./support/fixtures.ts";

/** Two handles are to each other what two processes are: nothing but the file connects them. */
Deno.test("watchClaims() tells of another process's cancel, not of its other commits", async () => {
  await using folder = await tempFolder();
  const path = folder.file("jobs.db");
  await using store = await openStore(path, { pollMs: 5 });
  await using other = await openStore(path);
  await store.enqueue([[newJob("a")]]);
  const { jobs: [job] } = await store.claim(claimRequest());
  const hold = { id: "a", fence: job!.holder.fence };
  using watch = store.watchClaims("server-1");
  await other.enqueue([[newJob("b")], [newJob("c")]]);
  await other.act(["b"], { kind: "cancel", reason: "nobody holds it" });
  const idle = AbortSignal.timeout(100);
  await watch.next(idle);
  assert(idle.aborted, "a commit that cancels no claim must not wake");
  const told = watch.next(AbortSignal.timeout(10_000));
  await other.act(["a"], { kind: "cancel", reason: "called off" });
  await told;
  const beat = await store.heartbeat({ server: "server-1", leaseMs: 1000, holds: [hold] });
  assertEquals(beat.canceled, [{ ...hold, reason: "called off" }]);
});

Deno.test("watchClaims() remembers what another process canceled before next() was called", async () => {
  await using folder = await tempFolder();
  const path = folder.file("jobs.db");
  await using store = await openStore(path);
  await using other = await openStore(path);
  await store.enqueue([[newJob("a")]]);
  await store.claim(claimRequest());
  using watch = store.watchClaims("server-1");
  await other.act(["a"], { kind: "cancel", reason: "called off" });
  const timeout = AbortSignal.timeout(10_000);
  await watch.next(timeout);
  assert(!timeout.aborted);
});

Deno.test("watchClaims() is told once of what its own process cancels", async () => {
  await using folder = await tempFolder();
  await using store = await openStore(folder.file("jobs.db"), { pollMs: 5 });
  await store.enqueue([[newJob("a")]]);
  await store.claim(claimRequest());
  using mine = store.watchClaims("server-1");
  using others = store.watchClaims("server-2");
  await store.act(["a"], { kind: "cancel", reason: "called off" });
  const timeout = AbortSignal.timeout(10_000);
  await mine.next(timeout);
  assert(!timeout.aborted);
  const idle = AbortSignal.timeout(50);
  await Promise.all([mine.next(idle), others.next(idle)]);
  assert(idle.aborted);
});
