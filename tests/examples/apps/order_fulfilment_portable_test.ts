/** Order fulfilment: what the ledger says was done, when a worker is killed in between. */

import { deepEqual, equal, match, rejects } from "node:assert/strict";
import { join } from "node:path";
import { describe, it } from "node:test";
import { Client } from "../../../mod.ts";
import { Partner } from "../../../examples/apps/order-fulfilment/partner.ts";
import {
  type Entry,
  Partners,
  readLedger,
} from "../../../examples/apps/order-fulfilment/partners.ts";
import { runApp, TempFolder } from "./support.ts";

const order = { id: "7", item: "tea", count: 2, cents: 100, card: "visa", address: "here" };
const { signal } = new AbortController();
const unwatched = { done: () => Promise.resolve(), again: () => {} };

/** What was done for each order, in order. */
function deeds(entries: readonly Entry[]): Record<string, string[]> {
  const found: Record<string, string[]> = {};
  for (const { deed, order } of entries) (found[order] ??= []).push(deed);
  return found;
}

describe("examples/apps/order-fulfilment", () => {
  it("does each thing once and takes back what has to be, though a worker is killed", async () => {
    await using folder = await TempFolder.make();
    const ledger = join(folder.path, "ledger.jsonl");
    const expected = {
      "1001": ["reserve", "charge", "ship"],
      "1002": ["reserve", "release"],
      "1003": ["reserve", "charge", "ship"],
      "1004": ["reserve", "charge", "refund", "release"],
    };
    const first = await runApp("order-fulfilment", { args: [folder.path] });
    const entries = await readLedger(ledger);
    deepEqual(deeds(entries), expected);
    equal(entries.every(({ cents, count }) => cents === 1890 && count === 2), true);
    match(first.stdout, /^order 1003 is charged; its worker is killed/m);
    match(first.stdout, /^order 1003: charge comes again, and is not done again$/m);
    match(
      first.stdout,
      /^order 1004: canceled, as ship: there is no address; taken back: charge,/m,
    );
    match(first.stdout, /^ledger: 3 charged, 1 refunded, 2 shipped; 6 of tea left$/m);

    await using client = new Client({ store: `sqlite:${join(folder.path, "gqm.db")}` });
    const statuses = await Promise.all(
      ["1002.charge", "1002.ship", "1003.charge", "1004.ship"].map(async (id) =>
        (await client.getJob(id))?.status
      ),
    );
    deepEqual(statuses, ["dead_letter", "canceled", "completed", "dead_letter"]);
    const attempts = (await client.getJob("1003.charge"))?.attempts.map(({ outcome }) => outcome);
    deepEqual([attempts?.at(0), attempts?.at(-1)], ["lost", "completed"]);

    const second = await runApp("order-fulfilment", { args: [folder.path] });
    deepEqual(deeds(await readLedger(ledger)), expected);
    match(second.stdout, /^ledger: 3 charged, 1 refunded, 2 shipped; 6 of tea left$/m);
  });

  it("does once what is asked for many times at once, and nothing after it was taken back", async () => {
    await using folder = await TempFolder.make();
    const ledger = join(folder.path, "ledger.jsonl");
    await using partners = await Partners.start(ledger, unwatched);
    const partner = new Partner(partners.url);
    await Promise.all(Array.from({ length: 20 }, () => partner.ask("charge", order, signal)));
    deepEqual(deeds(await readLedger(ledger)), { "7": ["charge"] });
    const undone = Array.from({ length: 5 }, () => partner.undo("charge", order, signal));
    deepEqual(await Promise.all(undone), [true, true, true, true, true]);
    equal(await partner.undo("reserve", order, signal), false);
    equal(await partner.undo("reserve", order, signal), false);
    for (const deed of ["charge", "reserve"] as const) {
      await rejects(partner.ask(deed, order, signal), { message: `${deed}: it was taken back` });
    }
    deepEqual(deeds(await readLedger(ledger)), { "7": ["charge", "refund"] });
  });

  it("knows what was done before the partners were started anew", async () => {
    await using folder = await TempFolder.make();
    const ledger = join(folder.path, "ledger.jsonl");
    for (let times = 0; times < 2; times++) {
      await using partners = await Partners.start(ledger, unwatched);
      const partner = new Partner(partners.url);
      await partner.ask("reserve", order, signal);
      equal(partners.stock("tea"), 8);
    }
    deepEqual(deeds(await readLedger(ledger)), { "7": ["reserve"] });
  });
});
