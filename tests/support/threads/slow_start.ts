/** A module of a thread pool that takes long to load, and notes each time that it is loaded. */

import { appendFileSync } from "node:fs";
import process from "node:process";
import { defineHandlers } from "../../../mod.ts";

appendFileSync(process.env["GQM_TEST_STARTS"]!, ".");
await new Promise((resolve) => setTimeout(resolve, 1000));

export default defineHandlers({
  "exits": () => process.exit(3),
  "works": () => "done",
});
