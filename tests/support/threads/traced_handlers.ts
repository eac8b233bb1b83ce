/** A handler that tells which span it belongs to, and what a client of its thread would pass on. */

import { currentContext, defineHandlers } from "../../../mod.ts";

export default defineHandlers({
  "traced": async ({ job, enqueueChild }) => {
    await enqueueChild("child", undefined, { id: `${job.id}-child` });
    const passedOn = currentContext()?.trace?.traceparent;
    return {
      span: job.trace?.traceparent.split("-")[2],
      same: passedOn === job.trace?.traceparent,
    };
  },
});
