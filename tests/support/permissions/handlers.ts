/** Handlers for a pool of threads. */

import { defineHandlers } from "../../../mod.ts";

export default defineHandlers({ greet: ({ job }) => `hello ${job.payload}` });
