/** That docs/permissions.md gives each use what it needs, and no more. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { dirname, join } from "node:path";
import { realpath } from "node:fs/promises";
import { runtimes } from "../../tools/runtimes.ts";
import { removeKeys, testRedis, testRedisProblem, uniquePrefix } from "../support/redis/shared.ts";

const ROOT = join(import.meta.dirname!, "..", "..");
const PROGRAMS = "tests/support/permissions";
/** What stands in for `@std/yaml` where JSR cannot be reached reads these. */
const STAND_IN_READS = ["LOG_TOKENS", "LOG_STREAM"];

/** What a program is started with besides its flags. */
interface Place {
  readonly folder: string;
  readonly sqlite: string;
  readonly redis: string;
  readonly redisHost: string;
  readonly addr: string;
}

/** What stands in a row of the page. */
interface Row {
  readonly use: string;
  readonly flags: readonly string[];
}

type Program = (place: Place) => readonly string[];

/** The program of each row. What it prints at the end is what `says` looks for. */
const PROGRAM_OF: Readonly<Record<string, { readonly run: Program; readonly says: RegExp }>> = {
  "Anything on `memory:`": { run: () => [`${PROGRAMS}/work.ts`, "memory:"], says: /hello Ada/ },
  "Client on SQLite": { run: (at) => [`${PROGRAMS}/produce.ts`, at.sqlite], says: /enqueued/ },
  "Server on SQLite": { run: (at) => [`${PROGRAMS}/work.ts`, at.sqlite], says: /hello Ada/ },
  "Client on Redis": { run: (at) => [`${PROGRAMS}/produce.ts`, at.redis], says: /enqueued/ },
  "Server on Redis": { run: (at) => [`${PROGRAMS}/work.ts`, at.redis], says: /hello Ada/ },
  "Server with pools of threads": {
    run: (at) => [`${PROGRAMS}/threads.ts`, at.sqlite],
    says: /hello Ada/,
  },
  "Monitor and dashboard on SQLite": {
    run: (at) => [`${PROGRAMS}/monitor.ts`, at.sqlite, at.addr],
    says: /logged in: 200/,
  },
  "Monitor and dashboard": {
    run: (at) => [`${PROGRAMS}/monitor.ts`, at.sqlite, at.addr],
    says: /logged in: 200/,
  },
  "Monitor and dashboard on Redis": {
    run: (at) => [`${PROGRAMS}/monitor.ts`, at.redis, at.addr],
    says: /logged in: 200/,
  },
  "Server of a `gqm.yaml` with `${DIR}`": {
    run: (at) => [`${PROGRAMS}/configured.ts`, join(at.folder, "gqm.yaml")],
    says: /hello Ada/,
  },
  "Command `gqm --store sqlite:…`": {
    run: (at) => ["cli.ts", "stats", "--store", at.sqlite],
    says: /completed/,
  },
  "Command `gqm --store redis://…`": {
    run: (at) => ["cli.ts", "stats", "--store", at.redis],
    says: /completed/,
  },
  "Command `gqm run jobs.ts` on SQLite": {
    run: (at) => ["cli.ts", "run", `${PROGRAMS}/module.ts`, "--store", at.sqlite],
    says: /hello Ada/,
  },
  "Command `gqm --api-url …`": {
    run: (at) => ["cli.ts", "stats", "--api-url", `http://${at.addr}`],
    says: /completed/,
  },
};

/** Rows of the first table of a section. */
async function rowsOf(section: string): Promise<Row[]> {
  const page = await Deno.readTextFile(join(ROOT, "docs", "permissions.md"));
  const text = page.split(`\n## ${section}\n`)[1]?.split("\n## ")[0] ?? "";
  const table = /(?:^\|.*\n)+/m.exec(text)?.[0] ?? "";
  return table.trim().split("\n").slice(2).map((line) => {
    const [, use = "", flags = ""] = line.split("|").map((cell) => cell.trim());
    return { use, flags: flags.replaceAll("`", "").split(" ").filter((flag) => flag !== "") };
  });
}

/** Each way to leave one thing away: a flag, or one of its values. */
function lessOf(flags: readonly string[]): { readonly without: string; readonly left: string[] }[] {
  return flags.flatMap((flag, i) => {
    const [name = "", values] = flag.split("=");
    const others = flags.filter((_, at) => at !== i);
    const several = values?.split(",") ?? [];
    if (several.length < 2) return [{ without: name, left: others }];
    return several.map((value) => ({
      without: name,
      left: [...others, `${name}=${several.filter((one) => one !== value).join()}`],
    }));
  });
}

/** A folder, a Redis and an address of this test's own. */
async function withPlace(use: (place: Place) => Promise<void>): Promise<void> {
  const folder = await realpath(await Deno.makeTempDir({ prefix: "gqm_permissions_" }));
  const prefix = uniquePrefix();
  const redis = testRedisProblem() === undefined ? testRedis() : "";
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  await Deno.writeTextFile(join(folder, "gqm.yaml"), "store: sqlite:${DIR}/gqm.db\n");
  try {
    await use({
      folder,
      sqlite: `sqlite:${join(folder, "gqm.db")}`,
      redis: `${redis}?prefix=${prefix}`,
      redisHost: redis === "" ? "" : new URL(redis).host,
      addr: `127.0.0.1:${port}`,
    });
  } finally {
    if (redis !== "") await removeKeys(redis, prefix);
    await Deno.remove(folder, { recursive: true });
  }
}

/** Runs a program and gives what it printed. */
async function run(
  bin: string,
  args: readonly string[],
  { folder }: Place,
  variables: Readonly<Record<string, string>> = {},
): Promise<{ readonly ok: boolean; readonly text: string }> {
  const env = { DIR: folder, NO_COLOR: "1", ...variables };
  const command = new Deno.Command(bin, { args: [...args], cwd: ROOT, env, stdin: "null" });
  const { success, stdout, stderr } = await command.output();
  const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  return { ok: success, text: `${out}${err}` };
}

/** Puts places of this test into a flag of the page. */
function filledIn(flag: string, place: Place, app: string): string {
  return flag.replaceAll("/srv/gqm", place.folder).replaceAll("/srv/app", app)
    .replaceAll("redis.example.com:6379", place.redisHost)
    .replaceAll("127.0.0.1:8080", place.addr);
}

/** The flags by which this process finds stand-ins for packages of JSR. */
async function standIns(): Promise<string[]> {
  const args = ["run", "-A", join(ROOT, "tools", "std.ts")];
  const { stdout } = await new Deno.Command(Deno.execPath(), { args }).output();
  return new TextDecoder().decode(stdout).split(/\s+/).filter((arg) => arg !== "");
}

/** Lets what stands in for a package of JSR read its own variables, which the package has not. */
function withStandIn(flags: readonly string[]): string[] {
  const env = flags.find((flag) => flag.startsWith("--allow-env="));
  const names = [...env?.split("=")[1]?.split(",") ?? [], ...STAND_IN_READS];
  return [...flags.filter((flag) => flag !== env), `--allow-env=${names.join()}`];
}

async function checkRow(
  { use, flags }: Row,
  place: Place,
  start: (flags: readonly string[], program: readonly string[]) => ReturnType<typeof run>,
): Promise<void> {
  const program = PROGRAM_OF[use];
  assert(program !== undefined, `the page has a row that no program is for: ${use}`);
  const args = program.run(place);
  const full = await start(flags, args);
  assert(full.ok, `${use}: ${full.text}`);
  assertMatch(full.text, program.says, use);
  for (const { without, left } of lessOf(flags)) {
    const less = await start(left, args);
    assert(!less.ok, `${use} does not need ${without}: ${less.text}`);
    const isVariable = without === "--allow-env" && use.includes("gqm.yaml");
    assertMatch(less.text, isVariable ? /must name variables that are set/ : new RegExp(without));
  }
}

const noRedis = testRedisProblem();
for (const row of await rowsOf("Deno")) {
  const needsRedis = row.flags.some((flag) => flag.includes("redis"));
  Deno.test({
    name: `on Deno these flags are what is needed, and all: ${row.use}`,
    ignore: needsRedis && noRedis !== undefined,
    fn: () =>
      withPlace(async (place) => {
        const std = await standIns();
        await using _served = row.use.includes("--api-url") ? await serve(place) : undefined;
        await checkRow(row, place, (flags, program) => {
          const own = flags.map((flag) => filledIn(flag, place, ROOT));
          const all = std.length > 0 && row.use.includes("yaml") ? withStandIn(own) : own;
          return run(Deno.execPath(), ["run", "--no-prompt", ...std, ...all, ...program], place);
        });
      }),
  });
}

/** A monitor for the command to ask, in a process of its own. */
async function serve({ addr }: Place): Promise<AsyncDisposable> {
  const args = ["run", "-A", `${PROGRAMS}/monitor.ts`, "memory:", addr, "open"];
  const child = new Deno.Command(Deno.execPath(), { args, cwd: ROOT, stdout: "piped" }).spawn();
  const lines = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  assertMatch((await lines.read()).value ?? "", /^serves/);
  return {
    [Symbol.asyncDispose]: async () => {
      child.kill("SIGKILL");
      await lines.cancel();
      await child.status;
    },
  };
}

for (const row of await rowsOf("Node")) {
  const needsRedis = row.use.includes("Redis");
  Deno.test({
    name: `on Node these flags are what is needed, and all: ${row.use}`,
    ignore: needsRedis && noRedis !== undefined,
    fn: () =>
      withPlace(async (place) => {
        const { node } = await runtimes();
        // A checkout may have its packages elsewhere, by a link.
        const packages = dirname(await realpath(join(ROOT, "node_modules", "ioredis", "..")));
        await checkRow(row, place, (flags, program) => {
          const own = flags.map((flag) => filledIn(flag, place, ROOT));
          const isRooted = own.some((flag) => flag.endsWith(`=${ROOT}`));
          const more = isRooted ? [`--allow-fs-read=${packages}`] : [];
          return run(node.bin, ["--permission", ...own, ...more, ...program], place);
        });
      }),
  });
}

Deno.test("on Deno a server is named after the machine, and finds its store, if it may", () =>
  withPlace(async (place) => {
    const start = (...args: string[]) =>
      run(Deno.execPath(), ["run", "--no-prompt", ...args], place, { GQM_STORE: "memory:own" });
    const named = async (...flags: string[]): Promise<string | undefined> => {
      const { text } = await start(...flags, `${PROGRAMS}/work.ts`, "memory:");
      return /"server":"(.*?)-\d+-/.exec(text)?.[1];
    };
    assertEquals(await named(), "unknown");
    assertEquals(await named("--allow-sys=hostname"), Deno.hostname());
    const unset = await start(`${PROGRAMS}/work.ts`);
    assert(!unset.ok);
    assertMatch(unset.text, /gqm\.db/);
    const set = await start("--allow-env=GQM_STORE", `${PROGRAMS}/work.ts`);
    assertMatch(set.text, /hello Ada/);
  }));

Deno.test("on Deno a secret can be kept from a program that uses Redis", {
  ignore: noRedis !== undefined,
}, () =>
  withPlace(async (place) => {
    const flags = [`--allow-net=${place.redisHost}`, "--allow-env", "--deny-env=DIR"];
    const args = ["run", "--no-prompt", ...flags, `${PROGRAMS}/work.ts`, place.redis];
    const { ok, text } = await run(Deno.execPath(), args, place);
    assert(ok, text);
  }));
