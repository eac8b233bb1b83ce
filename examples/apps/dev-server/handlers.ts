/**
 * The handlers under development: change them while the server runs. The default export is what `gqm run` takes, so the
 * same file goes into production:
 *
 *     gqm run handlers.ts --store redis://localhost:6379
 */

import type { Server } from "../../../mod.ts";

/** Adds the handlers. */
export default function handlers(server: Server): void {
  server.handle("greet", ({ job }) => `Hello, ${job.payload}`);

  server.handle("report.write", async ({ progress, signal }) => {
    for (let part = 1; part <= 600; part++) {
      await progress(part / 600, `part ${part} of 600`);
      await new Promise((resolve) => setTimeout(resolve, 1000));
      signal.throwIfAborted(); // a restart goes on with the next attempt
    }
    return { pages: 600 };
  });

  server.handle("mail.send", ({ job }) => {
    throw new Error(`no mail server for ${JSON.stringify(job.payload)}`);
  }, { maxRetry: 2, backoff: { type: "fixed", baseMs: 3_600_000 } });
}
