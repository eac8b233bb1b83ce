/**
 * A worker of the demo on Bun or Node, which joins the demo of another process:
 * `bun tools/demo_worker.ts redis://localhost`, `node tools/demo_worker.ts sqlite:./gqm.db`.
 */

import { runDemoWorker } from "../src/cli/demo/worker.ts";
import { processArguments, processTerminal, setExitCode } from "../src/runtime/terminal.ts";

const [store] = processArguments();
setExitCode(
  await runDemoWorker(
    { store, concurrency: undefined, leaseMs: undefined },
    processTerminal(),
  ),
);
