/** A module for `gqm run`, whose server stops after its first job. */

import type { Server } from "../../../mod.ts";

export default (server: Server): void => {
  server.handle("greet", ({ job }) => console.log(`hello ${job.payload}`), {
    onComplete: () => void server.stop(),
  });
  server.schedule("greeting", { type: "greet", payload: "Ada", everyMs: 100 });
};
