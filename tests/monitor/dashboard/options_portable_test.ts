/** The options of the dashboard, and what they refuse. */

import { match, rejects, throws } from "node:assert/strict";
import { describe, it } from "node:test";
import { createMonitor, type DashboardOptions, memoryStore, Server } from "../../../mod.ts";

const PATH = "'dashboard.pathPrefix' must be a path such as '/dashboard'";
const OF_API = "'dashboard.pathPrefix' must not be a path of the API";
const FOLDER = "'dashboard.customDir' must be a path";
const EITHER = "'dashboard' must be true or an object";
const noPaths: readonly unknown[] = [
  ...["", "/", "dashboard", "/dashboard/", "//x", "/a//b", "/.", "/..", "/a/../b", "/.git"],
  ...["/a b", "/a%20b", '/"x"', "/a?b", "/a#b", "/a\\b", "/ä", "/a\n", 5, null],
];
const taken = ["/api", "/api/v1", "/auth", "/auth/x", "/health", "/ready", "/metrics"];

const refused: readonly (readonly [unknown, string])[] = [
  [{ pathprefix: "/x" }, "'dashboard.pathprefix' must not be given"],
  [{ customdir: "x", pathPrefix: "/x" }, "'dashboard.customdir' must not be given"],
  ...noPaths.map((pathPrefix) => [{ pathPrefix }, PATH] as const),
  ...taken.map((pathPrefix) => [{ pathPrefix }, OF_API] as const),
  ...["", 7].map((customDir) => [{ customDir }, FOLDER] as const),
  ...["yes", null, 1].map((dashboard) => [dashboard, EITHER] as const),
];

describe("the options of the dashboard", () => {
  it("are refused if they cannot be", () => {
    for (const [dashboard, told] of refused) {
      throws(
        () =>
          createMonitor({
            store: memoryStore(),
            auth: "none",
            dashboard: dashboard as DashboardOptions,
          }),
        (error: Error) => {
          match(error.name, /^InvalidOptionError$/);
          match(error.message, /^Cannot create monitor as /);
          return error.message.includes(told);
        },
        JSON.stringify(dashboard),
      );
    }
  });

  it("may be paths that begin as those of the API do", async () => {
    for (const pathPrefix of ["/apis", "/api-2", "/authors", "/healthy", "/a/api"]) {
      const monitor = createMonitor({
        store: memoryStore(),
        auth: "none",
        dashboard: { pathPrefix },
      });
      await monitor.close();
    }
  });

  it("go with an API that serves them", async () => {
    throws(() => new Server({ store: memoryStore(), dashboard: true }), {
      name: "InvalidOptionError",
      option: "dashboard",
    });
    await rejects(async () => {
      await using server = new Server({
        store: memoryStore(),
        api: { addr: "127.0.0.1:0", auth: "none" },
        dashboard: { pathPrefix: "dashboard" },
        logLevel: "silent",
      });
      await server.start();
    }, { name: "InvalidOptionError", option: "dashboard.pathPrefix" });
  });
});
