/** The terminal monitor, in a real terminal: keys in, screen out. */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { hasTmux } from "../../tools/test/tmux.ts";
import { sqliteStore } from "../../mod.ts";
import { type BrowserWorld, startWorld } from "../browser/support/world.ts";
import { gqmLine } from "../support/gqm.ts";
import { Tmux, type TmuxOptions } from "../support/tmux.ts";
import { until } from "../browser/support/until.ts";

const HOW = "run deno run -A tools/test/tmux.ts";
const isThere = await hasTmux();

/** A terminal in which the monitor of a world runs. */
interface Seat {
  readonly world: BrowserWorld;
  readonly tmux: Tmux;
}

function terminalTest(
  name: string,
  run: (seat: Seat) => Promise<void>,
  options: TmuxOptions & { readonly onStore?: boolean } = {},
): void {
  Deno.test({
    name: isThere ? name : `${name}: ${HOW}`,
    ignore: !isThere && Deno.env.get("CI") === undefined,
    fn: async () => {
      assert(isThere, HOW);
      const folder = await Deno.makeTempDir({ prefix: "gqm-tui-" });
      try {
        const file = `${folder}/gqm.db`;
        await using world = await startWorld({ isOpen: true, store: () => sqliteStore(file) });
        const { onStore = false, env = {}, ...size } = options;
        const store = onStore ? ` --store sqlite:${file}` : "";
        const line = `(${await gqmLine()} tui${store}; echo "ended: $?")`;
        const variables = onStore ? env : { GQM_API_URL: world.url, ...env };
        await using tmux = await Tmux.start(line, { ...size, env: variables });
        await tmux.shows(/processing/);
        await run({ world, tmux });
      } finally {
        await Deno.remove(folder, { recursive: true });
      }
    },
  });
}

terminalTest("every page is a key away, and so are those below", async ({ world, tmux }) => {
  await tmux.shows(/● live[^]*0 Overview[^]*4 dead letter/);
  await tmux.type("1");
  await tmux.shows(/^reports +PAUSED +3 +· /m);
  await tmux.type("2");
  await tmux.shows(/^rest +\S+ +2 +8 /m);
  await tmux.type("Down", "Enter");
  await tmux.shows(/^video\.encode .*40 % 4 of 10/m);
  await tmux.type("3");
  await tmux.shows(/^ all 4 {3}default 1 {3}mail 3/m);
  await tmux.type("l");
  await tmux.shows(/^TYPE.*\nreport\.crash/m);
  await tmux.type("4");
  await tmux.shows(/^nightly +report\.write +30 3 \* \* 1-5 .* active/m);
  await tmux.type("5");
  await tmux.shows(/^order\.charge/m);
  await tmux.type("j", "k", "Enter");
  await tmux.shows(/╔═+╗/);
  await tmux.type("t");
  await tmux.shows(/^└─ order\.charge {2}processing/m);
  await tmux.type("Enter");
  await tmux.shows(/^status +processing/m);
  assertStringIncludes(await tmux.screen(), "charge-1");
  await tmux.type("Escape");
  await tmux.shows(/^└─ order\.charge/m);
  await tmux.type("?");
  await tmux.shows(/^q, ctrl\+c +quit/m);
  await tmux.type("x", "s", "crash-1", "Enter");
  await tmux.shows(/› “crash-1”[^]*^report\.crash/m);
  await tmux.type("q");
  await tmux.shows(/^ended: 0$/m);
  assertEquals((await world.client.getJob("crash-1"))?.status, "dead_letter");
});

terminalTest("what changes something asks, does it, and says so", async ({ world, tmux }) => {
  await tmux.type("1");
  await tmux.shows(/^reports/m);
  await tmux.type("p");
  await tmux.shows(/^Pause queue default: start none of its jobs\? \[y\/N\]/m);
  await tmux.type("n", "p", "y");
  await tmux.shows(/^default +PAUSED[^]*^default paused/m);
  await tmux.type("p", "y");
  await tmux.shows(/^default resumed/m);
  await tmux.type("3");
  await tmux.shows(/^email\.bounce/m);
  await tmux.type("/", "bounce-2", "Enter", "d", "y");
  await tmux.shows(/email\.bounce bounce-2 deleted/);
  await until(async () => await world.client.getJob("bounce-2") === null, "it is deleted");
  await tmux.type("4");
  await tmux.shows(/^nightly/m);
  await tmux.type("/", "nightly", "Enter", "t", "y");
  await tmux.shows(/^nightly triggered: job /m);
});

terminalTest("what happens elsewhere is seen as it happens", async ({ world, tmux }) => {
  await tmux.type("1");
  await tmux.shows(/^video +· +1 /m);
  world.release();
  await tmux.shows(/^video +· +· +· +· +1 /m);
});

terminalTest(
  "it is right after a resize, and with wide letters",
  async ({ world, tmux }) => {
    await world.client.enqueue("日本語のジョブ", { to: "さくら" }, { delayMs: 60_000 });
    await tmux.type("s", "さくら", "Enter");
    await tmux.shows(/^日本語のジョブ +scheduled /m);
    for (const [columns, rows] of [[200, 60], [60, 12], [80, 24]] as const) {
      await tmux.resize(columns, rows);
      const screen = await tmux.shows(
        new RegExp(`^GQM.* \\d\\d:\\d\\d:\\d\\d *\\n(?:.*\\n){${rows - 2}}c cancel {2}enter open `),
      );
      assertEquals(screen.trimEnd().split("\n").length, rows);
    }
  },
);

terminalTest("the terminal is given back by Ctrl-C, and while it is stopped", async ({ tmux }) => {
  await tmux.type("C-z");
  await tmux.shows(/Stopped/);
  await tmux.type("stty -a | grep -c -- ' -echo '", "Enter");
  await tmux.shows(/^0$/m);
  await tmux.type("fg", "Enter");
  await tmux.shows(/● live|● refreshing/);
  await tmux.type("C-c");
  await tmux.shows(/^ended: 0$/m);
  await tmux.type("stty -a | grep -c -- ' -echo '", "Enter");
  await tmux.shows(/^0$/m);
}, { onStore: true });

terminalTest(
  "a monitor that goes away is told, and seen when it is back",
  async ({ world, tmux }) => {
    await tmux.type("1");
    await tmux.shows(/^reports/m);
    world.release();
    await world.server.stop();
    await tmux.shows(/● no answer[^]*^reports[^]*cannot reach the monitor/m);
    await tmux.type("2", "q");
    await tmux.shows(/^ended: 0$/m);
  },
);

Deno.test({
  name: isThere ? "a crash gives the terminal back, and is told" : `a crash: ${HOW}`,
  ignore: !isThere && Deno.env.get("CI") === undefined,
  fn: async () => {
    assert(isThere, HOW);
    const folder = await Deno.makeTempDir({ prefix: "gqm-tui-" });
    try {
      const screen = new URL("../../src/runtime/screen.ts", import.meta.url);
      await Deno.writeTextFile(
        `${folder}/crash.ts`,
        `import { takeScreen } from "${screen}";
        const typed = () => { throw new Error("torn"); };
        takeScreen({ typed, changed() {}, ended() {} }).write("drawn");
        setInterval(() => {}, 1000);`,
      );
      const line = `('${Deno.execPath()}' run -A --no-check ${folder}/crash.ts; echo "ended: $?")`;
      await using tmux = await Tmux.start(line);
      await tmux.shows(/^drawn$/m);
      await tmux.type("x");
      await tmux.shows(/^✗ gqm: Error: torn$[^]*^ended: 1$/m);
      await tmux.type("stty -a | grep -c -- ' -echo '", "Enter");
      await tmux.shows(/^0$/m);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

Deno.test("without a terminal it says so", async () => {
  const folder = await Deno.makeTempDir({ prefix: "gqm-tui-" });
  try {
    const { code, stderr } = await new Deno.Command("bash", {
      args: ["-c", `${await gqmLine()} tui --store memory:`],
      stdin: "null",
    }).output();
    assertEquals(code, 1);
    assertMatch(
      new TextDecoder().decode(stderr),
      /^✗ gqm: cannot draw as standard input and output must be a terminal\n$/,
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
