/** `deno task stutter`: what it runs is stopped now and then, and comes to its own end. */

import { join } from "node:path";
import { assert, assertEquals, assertMatch } from "@std/assert";
import { readProcess } from "../../tools/proc.ts";

const TOOL = join(import.meta.dirname ?? ".", "../../tools/stutter.ts");
const ignore = Deno.build.os !== "linux";

function stutter(...args: string[]): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-all", "--no-lock", "--quiet", TOOL, ...args],
    env: { NO_COLOR: "1" },
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

/** Waits until a process is stopped. */
async function untilStopped(pid: number): Promise<void> {
  for (;;) {
    const one = await readProcess(pid);
    if (one?.state === "T") return;
    assert(one !== undefined, "it runs");
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

Deno.test({
  name: "stutter stops a process for moments, and ends as it does",
  ignore,
  fn: async () => {
    const script = "console.log(Deno.pid); setInterval(() => {}, 1000);";
    const options = ["--seed=7", "--every=20", "--for=150"];
    const child = stutter(...options, Deno.execPath(), "eval", script);
    const stderr = new Response(child.stderr).text();
    const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
    const pid = Number((await reader.read()).value);
    await untilStopped(pid);
    Deno.kill(pid, "SIGKILL");
    assertEquals((await child.status).code, 137);
    assertMatch(await stderr, /^seed 7\n[1-9]\d* stops\n$/);
    await reader.cancel();
  },
});

for (
  const [args, message] of [
    [["--often=3", "true"], 'current value is "--often=3"'],
    [["--seed=x", "true"], 'current value is "--seed=x"'],
    [["--seed=1"], "a command must be given"],
  ] as const
) {
  Deno.test({
    name: `stutter refuses ${args.join(" ")}`,
    ignore,
    fn: async () => {
      const { code, stderr } = await stutter(...args).output();
      assertEquals(code, 1);
      assertMatch(
        new TextDecoder().decode(stderr),
        new RegExp(`^Cannot stutter as .*${message}\n$`),
      );
    },
  });
}
