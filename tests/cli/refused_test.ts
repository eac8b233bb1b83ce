/** What a command says when its store refuses: the store's own words, not that something went wrong inside. */

import { assertEquals, assertMatch } from "@std/assert";
import { runCommand } from "../../src/cli/main.ts";
import { RedisServer, serverProblem } from "../support/redis/server.ts";
import { TestTerminal } from "../support/test_terminal.ts";

Deno.test({
  name: "a command says why its store refused",
  ignore: serverProblem() !== undefined,
  async fn() {
    await using server = await RedisServer.start({ args: ["--maxmemory", "1"] });
    const terminal = new TestTerminal();
    assertEquals(await runCommand(["enqueue", "greet", "--store", server.url], terminal), 1);
    assertMatch(terminal.stderr, /^✗ gqm: Cannot use store as it must accept the call: .*OOM/);
  },
});
