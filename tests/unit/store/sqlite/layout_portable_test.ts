/** Files of other layouts, with the SQLite of each runtime. More is in layout_test.ts. */

import { deepEqual, equal, rejects } from "node:assert/strict";
import { it } from "node:test";
import { StoreVersionError } from "../../../../mod.ts";
import { FakeClock } from "../../../../src/testing/fake_clock.ts";
import { claimRequest, completed, newJob, openStore, tempFolder } from "./support/fixtures.ts";
import { ADDED, carry, makeLayout6, RAISED } from "./support/layouts.ts";

it("sqliteStore().open() carries a file of layout 6 forward, and works on it", async () => {
  await using folder = await tempFolder();
  const path = folder.file("jobs.db");
  makeLayout6(path);
  await using store = await openStore(path, { clock: new FakeClock() });
  equal((await store.info()).layoutVersion, 7);
  const sources = [{ queue: null, types: ["parent"], share: 1 }];
  const { jobs } = await store.claim(claimRequest({ sources }));
  deepEqual(jobs.map(({ id }) => id), ["parent"]);
  deepEqual((await store.settle({ outcomes: jobs.map(completed) })).results, ["ok"]);
  const children = await store.getJobs(["child", "other", "grandchild"]);
  deepEqual(children.map((job) => job?.status), ["ready", "ready", "deferred"]);
});

it("sqliteStore() goes on where it may overlook a raised layout, and else refuses every call", async () => {
  await using folder = await tempFolder();
  for (const [layout, isRefused] of [[ADDED, false], [RAISED, true]] as const) {
    const path = folder.file(`${isRefused}.db`);
    await using store = await openStore(path);
    await carry(path, layout);
    const enqueued = store.enqueue([[newJob("a")]]);
    if (isRefused) await rejects(enqueued, StoreVersionError);
    else equal((await enqueued)[0]?.outcome, "created");
    const opened = openStore(path).then((other) => other.close());
    if (isRefused) await rejects(opened, StoreVersionError);
    else await opened;
  }
});
