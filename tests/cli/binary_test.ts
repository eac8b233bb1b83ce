/** The command as one binary: whatever it holds must be found in it, whatever it does not must be told. */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { VERSION } from "../../src/version.ts";
import { hasTmux } from "../../tools/test/tmux.ts";
import { Binary, binaryProblem } from "../support/binary.ts";
import { removeKeys, testRedis, testRedisProblem, uniquePrefix } from "../support/redis/shared.ts";
import { Tmux } from "../support/tmux.ts";
import { until } from "../browser/support/until.ts";

const problem = await binaryProblem();
if (problem !== undefined) console.error(`Tests of the binary are skipped: ${problem}`);
/** What these tests may not do without where everything is to be tested. */
const isStrict = Deno.env.has("CI");

/** TypeScript with types in it, as it stands in no binary. */
const WORKER = `
interface Greeting { readonly name: string }
const told = Promise.withResolvers<void>();
process.once("SIGTERM", () => told.resolve());

export default (server: any) => {
  server.handle("greet", ({ job }: { job: { payload: Greeting } }) => {
    console.log("hello " + job.payload.name);
  });
  server.handle("untilTold", async ({ job }: any) => {
    console.log("began " + job.payload);
    await told.promise;
    await new Promise((resolve) => setTimeout(resolve, 100));
    console.log("ended " + job.payload);
  }, { concurrency: 2 });
};
`;

const THREADED = `
export default (server) => server.pool({
  name: "threads", isolate: "thread", concurrency: 1, module: new URL("./handlers.ts", import.meta.url),
});
`;
const HANDLERS = `
import { isMainThread } from "node:worker_threads";
export default {
  where: () => console.log(isMainThread ? "in the main thread" : "in a thread"),
};
`;

/** Jobs of a store, as `gqm jobs list --json` gives them. */
async function statuses(binary: Binary, store: string): Promise<string[]> {
  const jobs = JSON.parse(await binary.run("jobs", "list", "--json", "--store", store));
  return jobs.map(({ status }: { readonly status: string }) => status).sort();
}

Deno.test({
  name: `the binary does what the command does${problem === undefined ? "" : `: ${problem}`}`,
  ignore: problem !== undefined && !isStrict,
  fn: async (t) => {
    assertEquals(problem, undefined);
    await using binary = await Binary.build();
    const { folder } = binary;
    const store = `sqlite:${folder}/gqm.db`;
    await Deno.writeTextFile(`${folder}/worker.ts`, WORKER);

    await t.step("it tells its version, and how long that takes", async () => {
      const startedAt = performance.now();
      assertEquals(await binary.run("version"), `gqm ${VERSION}\n`);
      const { size } = await Deno.stat(binary.path);
      const ms = (performance.now() - startedAt).toFixed(0);
      console.log(`gqm version: ${ms} ms; ${(size / 1e6).toFixed(0)} MB`);
    });

    await t.step("it tells the licences of what it holds", async () => {
      const told = await binary.run("licenses");
      for (const what of ["gqm (MIT)", "preact ", "@ioredis/commands ", "bcryptjs ", "Bun (MIT)"]) {
        assertStringIncludes(told, what);
      }
    });

    await t.step("it completes words, and looks after a store", async () => {
      assertMatch(await binary.run("completions", "bash"), /complete .*gqm/);
      await binary.run("enqueue", "greet", '{"name":"ada"}', "--store", store);
      await binary.run("doctor", "--store", store);
      assertMatch(await binary.run("stats", "--store", store), /ready/);
      const { code, stderr } = await binary.end("jobbs");
      assertEquals(code, 1);
      assertStringIncludes(stderr, "unknown command 'jobbs'");
    });

    await t.step("it runs a module of TypeScript, and serves the dashboard", async () => {
      const options = ["--store", store, "--dashboard", "127.0.0.1:0"];
      await using running = binary.start(["run", "worker.ts", ...options]);
      const [, url] = await running.said(/Dashboard: (\S+)\n/);
      await running.said(/^hello ada$/m);
      const page = await (await fetch(url!)).text();
      const [, script] = /<script[^>]* src="([^"]+)"/.exec(page) ?? [];
      const [, style] = /<link[^>]* href="([^"]+\.css)"/.exec(page) ?? [];
      for (const path of [script!, style!]) {
        const asset = await fetch(new URL(path, url));
        assertEquals([asset.status, (await asset.text()).length > 100], [200, true], path);
      }
      const { status } = await fetch(new URL("/api/v1/nothing", url)).then(async (answer) => {
        await answer.body?.cancel();
        return answer;
      });
      assertEquals(status, 404);
      assertEquals(await running.stop(), 0);
      assertEquals(await statuses(binary, store), ["completed"]);
    });

    await t.step("it makes a configuration, and runs a server of it", async () => {
      await binary.run("init");
      assertMatch(await binary.run("add-api-key", "grafana"), /gqm_ak_[0-9a-f]{48}/);
      const file = `sqlite:${folder}/config.db`;
      await binary.run("enqueue", "greet", '{"name":"cleo"}', "--store", file);
      const options = ["--config", "gqm.yaml", "--store", file];
      await using running = binary.start(["run", "worker.ts", ...options]);
      await running.said(/^hello cleo$/m);
      assertEquals(await running.stop(), 0);
    });

    await t.step("SIGTERM in the middle of jobs loses none", async () => {
      const file = `sqlite:${folder}/term.db`;
      for (const name of ["a", "b", "c", "d", "e"]) {
        await binary.run("enqueue", "untilTold", `"${name}"`, "--store", file);
      }
      let ended: string[] = [];
      for (const left of [3, 1, 0]) {
        await using running = binary.start(["run", "worker.ts", "--store", file]);
        const isBusy = () => running.stdout.match(/^began /gm)?.length === Math.min(2, left + 1);
        await until(() => Promise.resolve(isBusy()), "the jobs have begun");
        assertEquals(await running.stop(), 0);
        ended = [...ended, ...running.stdout.match(/(?<=^ended ).*/gm) ?? []];
        const expected = [...Array(5 - left).fill("completed"), ...Array(left).fill("ready")];
        assertEquals(await statuses(binary, file), expected);
      }
      assertEquals(ended.sort(), ["a", "b", "c", "d", "e"]);
    });

    await t.step("threads begin with what it holds", async () => {
      await Deno.writeTextFile(`${folder}/threaded.js`, THREADED);
      await Deno.writeTextFile(`${folder}/handlers.ts`, HANDLERS);
      const file = `sqlite:${folder}/threads.db`;
      await using running = binary.start(["run", "threaded.js", "--store", file]);
      await binary.run("enqueue", "where", "--store", file);
      await running.said(/^in a thread$/m);
    });

    await t.step("a URL is run by an installed Deno, and without one it says so", async () => {
      const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, () => {
        const headers = { "content-type": "text/javascript" };
        return new Response(WORKER.replace(/interface.*|<void>|: any|: \{ job.*?\} \}/g, ""), {
          headers,
        });
      });
      const url = `http://127.0.0.1:${server.addr.port}/worker.js`;
      const bin = `${folder}/bin`;
      await Deno.mkdir(bin);
      {
        await using alone = binary.start(["run", url], { PATH: bin });
        assertEquals(await alone.ended, 1);
        assertStringIncludes(alone.stderr, "needs deno for it: none is in PATH");
      }
      await Deno.symlink(Deno.execPath(), `${bin}/deno`);
      const file = `sqlite:${folder}/url.db`;
      await binary.run("enqueue", "greet", '{"name":"eve"}', "--store", file);
      await using running = binary.start(["run", url, "--store", file], { PATH: bin });
      await running.said(/^hello eve$/m);
      assertEquals(await running.stop(), 0);
      await server.shutdown();
    });

    await t.step("demo works to its end", async () => {
      await Deno.mkdir(`${folder}/files`);
      for (const name of ["a", "b", "c"]) {
        await Deno.writeTextFile(`${folder}/files/${name}.txt`, "one two\n");
      }
      const place = ["--dir", `${folder}/files`, "--store", "memory:"];
      assertStringIncludes(
        await binary.run("demo", "--once", ...place),
        "5 jobs: 3 files read, each once",
      );
    });

    const noRedis = testRedisProblem();
    await t.step({
      name: "it works on Redis",
      ignore: noRedis !== undefined && !isStrict,
      fn: async () => {
        const [url, prefix] = [testRedis(), uniquePrefix()];
        const redis = `${url}${url.includes("?") ? "&" : "?"}prefix=${prefix}`;
        try {
          await binary.run("enqueue", "greet", '{"name":"bob"}', "--store", redis);
          await using running = binary.start(["run", "worker.ts", "--store", redis]);
          await running.said(/^hello bob$/m);
          assertEquals(await running.stop(), 0);
          assertEquals(await statuses(binary, redis), ["completed"]);
        } finally {
          await removeKeys(url, prefix);
        }
      },
    });

    const isTmux = await hasTmux();
    await t.step({
      name: "the terminal monitor shows a store, and ends when told to",
      ignore: !isTmux && !isStrict,
      fn: async () => {
        assert(isTmux);
        const line = `(${binary.path} tui --store ${store}; echo "ended: $?")`;
        await using tmux = await Tmux.start(line);
        await tmux.shows(/completed/);
        await tmux.type("1");
        await tmux.shows(/^default /m);
        await tmux.type("q");
        await tmux.shows(/^ended: 0/m);
      },
    });
  },
});
