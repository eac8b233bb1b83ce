/** What `gqm run` is given. */

import type { Server } from "@gqm/gqm";

export default (server: Server): void => {
  server.handle("greet", ({ job }) => console.log(`greeted ${job.payload}`));
};
