/** All works, by the names that a lane is told. */

import { dueAtOnce } from "./due_at_once.ts";
import { enqueueBatches, enqueueInFlight, enqueueOneByOne } from "./enqueue.ts";
import { families } from "./families.ts";
import { keep } from "./keep.ts";
import { pickUp } from "./pick_up.ts";
import { drain, endToEnd } from "./run_all.ts";
import { timed, type Work, type WorkContext } from "./work.ts";
import type { Producer } from "../subject.ts";

/** All works. */
export const works: Readonly<Record<string, Work>> = {
  enqueueOneByOne: enqueueWork(enqueueOneByOne),
  enqueueInFlight: enqueueWork(enqueueInFlight),
  enqueueBatches: enqueueWork((producer, context) => enqueueBatches(producer, context)),
  drain: { run: drain, endsIn: "completed" },
  endToEnd: { run: endToEnd, endsIn: "completed" },
  dueAtOnce: { run: dueAtOnce, endsIn: "completed" },
  families: { run: families, endsIn: "completed" },
  pickUp: { run: pickUp, endsIn: "completed" },
  keep: { run: (context) => keep(context, true), endsIn: "completed" },
  keepOwnIds: { run: (context) => keep(context, false), endsIn: "completed" },
};

/** Enqueues; nobody runs the jobs. */
function enqueueWork(
  enqueue: (producer: Producer, context: WorkContext) => Promise<void>,
): Work {
  return {
    endsIn: "waiting",
    run: async (context) => {
      await using producer = await context.subject.producer(context.load);
      await context.gate("start");
      const ms = await timed(() => enqueue(producer, context));
      await context.gate("end");
      return { ms };
    },
  };
}
