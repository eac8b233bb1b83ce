/** The commands that write a `gqm.yaml`, and a server that runs with what they wrote. */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { fileURLToPath } from "node:url";
import { runCommand } from "../../src/cli/main.ts";
import { loadConfig } from "../../src/config/mod.ts";
import { TestTerminal, type TestTerminalOptions } from "../support/test_terminal.ts";
import { standardLibrary, startGqm } from "../support/gqm.ts";
import { removeKeys, testRedis, uniquePrefix } from "../support/redis/shared.ts";

const HASH = /\$2b\$10\$[./A-Za-z0-9]{53}/;
const KEY_HASH = /sha256:[0-9a-f]{64}/;
const KEY = /gqm_ak_[0-9a-f]{48}/;
const documented = fileURLToPath(
  new URL("../fixtures/config/valid_as_documented.yaml", import.meta.url),
);

/** A file as people write it. */
const FILE = `# ours
store: "memory:a"   # in here

monitoring:   # who looks
    auth:
        enabled: false     # not yet
        users:
            # the first
            - username: ada # she
              password_hash: ''   # to come
              role: viewer
            # the second
            - { username: bob, password_hash: "$2b$10$a0zUJVQxEwyKQi4NXgGI2e/nHKe48GSu4qT5iq.iq6mU7Yg7WeNOq" }
    api:
        addr: "127.0.0.1:0"
        api_keys:   # of programs
            - name: "ci"      # builds
              key: ""         # to come
              role: producer
# the end
`;

interface Called {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

async function call(line: string, options?: TestTerminalOptions): Promise<Called> {
  const terminal = new TestTerminal(options);
  const code = await runCommand(line.split(" "), terminal);
  return { code, out: terminal.stdout, err: terminal.stderr };
}

/** Calls what must go well. */
async function does(line: string, options?: TestTerminalOptions): Promise<Called> {
  const called = await call(line, options);
  assertEquals(called.code, 0, `gqm ${line}\n${called.err}`);
  return called;
}

async function withFile(
  text: string | undefined,
  use: (path: string, folder: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "gqm-config-" });
  try {
    const path = `${folder}/gqm.yaml`;
    if (text !== undefined) await Deno.writeTextFile(path, text, { mode: 0o600 });
    await use(path, folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function modeOf(path: string): number {
  return Deno.statSync(path).mode! & 0o777;
}

function namesIn(folder: string): string[] {
  return [...Deno.readDirSync(folder)].map(({ name }) => name).toSorted();
}

/** Calls what must fail, with a message, and leave the file and its folder as they were. */
async function refuses(
  path: string,
  line: string,
  message: RegExp,
  options?: TestTerminalOptions,
): Promise<void> {
  const folder = path.slice(0, path.lastIndexOf("/"));
  const before = [await Deno.readFile(path), namesIn(folder)];
  const { code, out, err } = await call(line, options);
  assertEquals([code, out], [1, ""], line);
  assertMatch(err, message);
  assertEquals([await Deno.readFile(path), namesIn(folder)], before, line);
}

Deno.test("init writes a file that loads, for its owner alone, and none over another", () =>
  withFile(undefined, async (path, folder) => {
    const { out } = await does(`init --config ${path}`);
    assertMatch(out, /^✓ .*gqm\.yaml written[\s\S]*gqm set-password admin --config /);
    assertMatch(out, /its store is a Redis on this machine, and it serves no dashboard/);
    assertEquals([modeOf(path), namesIn(folder)], [0o600, ["gqm.schema.json", "gqm.yaml"]]);
    await loadConfig(path);
    assertEquals(
      JSON.parse(await Deno.readTextFile(`${folder}/gqm.schema.json`)).title,
      "gqm.yaml",
    );
    await refuses(path, `init --config ${path}`, /^✗ gqm: cannot write .*: it is there already\n$/);
    await does(`init --config ${folder}/sub/other.yaml`);
    const unserved = /⚠ as it is, nobody is asked: neither monitoring\.api\.enabled nor/;
    assertMatch(
      (await does(`set-password admin --config ${path}`, { sent: "a password\n" })).err,
      unserved,
    );
    assertMatch((await does(`add-api-key grafana --config ${path}`)).err, unserved);
    const { server } = await loadConfig(path);
    assertEquals(server.api, undefined); // it is not served yet
  }));

Deno.test("set-password changes the hash of a user, and nothing else but that people log in", () =>
  withFile(FILE, async (path) => {
    const { out, err } = await does(`set-password ada --config ${path}`, { typed: ["one", "one"] });
    assertEquals(out, `✓ Password of ada set in ${path}\n`);
    assertStringIncludes(err, "Password: Password again: ⚠ servers that run with it");
    const text = await Deno.readTextFile(path);
    const [hash] = HASH.exec(text)!;
    const wanted = FILE.replace("enabled: false", "enabled: true").replace("''", `"${hash}"`);
    assertEquals(text, wanted);
    await does(`reset-password --user=bob --config=${path}`, { sent: "two\r\nmore" });
    const after = await Deno.readTextFile(path);
    const [, second] = after.match(new RegExp(HASH, "g"))!;
    assertEquals(
      after,
      wanted.replace(/password_hash: "\$2b\$10\$a0zU[^"]*"/, () => `password_hash: "${second}"`),
    );
  }));

Deno.test("set-password adds a user as admin", () =>
  withFile(FILE, async (path) => {
    await does(`set-password \${x} --config ${path}`, { sent: "one" });
    const text = await Deno.readTextFile(path);
    const [hash] = HASH.exec(text.slice(text.indexOf("$${x}")))!;
    const line = FILE.split("\n").find((one) => one.includes("bob"))!;
    const added = [
      `            - username: "$\${x}"`,
      `              password_hash: "${hash}"`,
      `              role: "admin"`,
    ];
    assertEquals(
      text,
      FILE.replace("enabled: false", "enabled: true")
        .replace(line, () => [line, ...added].join("\n")),
    );
    await does(`set-password \${x} --config ${path}`, { sent: "two" });
    assertEquals((await Deno.readTextFile(path)).split("username").length, 4);
  }));

Deno.test("set-password refuses passwords that are none", () =>
  withFile(FILE, async (path) => {
    const line = `set-password ada --config ${path}`;
    await refuses(path, line, /the two passwords are not the same/, { typed: ["one", "two"] });
    await refuses(path, line, /a password must not be blank/, { typed: ["  "] });
    await refuses(path, line, /a password must not be blank/, { sent: "  \n" });
    await refuses(path, line, /no password on the standard input/, { sent: "" });
    await refuses(path, line, /at most 72 bytes/, { sent: "ä".repeat(37) });
    await refuses(path, line, /canceled/, { typed: [] });
    await refuses(path, line, /canceled|not the same/, { typed: ["one"] });
    await refuses(path, `set-password --config ${path}`, /USERNAME is missing/);
    await refuses(path, `${line} --user bob`, /given twice: 'ada' and 'bob'/);
  }));

Deno.test("add-api-key fills an empty entry, adds others, and takes no name twice", () =>
  withFile(FILE, async (path) => {
    const { out, err } = await does(`add-api-key ci --config ${path}`);
    const [key] = KEY.exec(out)!;
    assertEquals(out, `✓ API key ci added to ${path}\n\n  ${key}\n\n`);
    assertStringIncludes(err, "⚠ keep the key now: it is not shown again\n⚠ servers");
    const text = await Deno.readTextFile(path);
    const [hash] = KEY_HASH.exec(text)!;
    assertEquals(text, FILE.replace('key: ""', `key: "${hash}"`));
    assert(!text.includes(key));
    await refuses(path, `add-api-key ci --config ${path}`, /has a key named 'ci'.*revoke-api-key/);

    const told = await does(`add-api-key --name grafana --role viewer --config ${path}`, {
      colours: true,
    });
    assertStringIncludes(told.out, `\u001b[7m${KEY.exec(told.out)![0]}\u001b[0m\n`);
    const added = (await Deno.readTextFile(path)).match(new RegExp(KEY_HASH, "g"))![1]!;
    const lines = [`- name: "grafana"`, `  key: "${added}"`, `  role: "viewer"`];
    const block = lines.map((line) => `${" ".repeat(12)}${line}\n`).join("");
    const whole = text.replace("role: producer\n", `role: producer\n${block}`);
    assertEquals(await Deno.readTextFile(path), whole);
    await refuses(path, `add-api-key x --role boss --config ${path}`, /must be one of viewer/);
    await does(`add-api-key third --config ${path}`);
    assertMatch(await Deno.readTextFile(path), /"third"\n.*\n +role: "admin"\n# the end\n$/);
    await does(`revoke-api-key third --config ${path}`);
    assertEquals(await Deno.readTextFile(path), whole);
  }));

Deno.test("revoke-api-key asks where somebody is there, and takes out the entry alone", () =>
  withFile(FILE, async (path) => {
    await does(`add-api-key other --config ${path}`);
    const line = `revoke-api-key ci --config ${path}`;
    await refuses(path, line, /Take the key ci out of .*\? \[y\/N\] Canceled\.\n$/, {
      typed: ["n"],
    });
    await refuses(path, `revoke-api-key nope --config ${path}`, /has no key named 'nope'/, {
      typed: ["y"],
    });
    await refuses(path, `revoke-api-key --config ${path}`, /NAME is missing/);
    const before = await Deno.readTextFile(path);
    await does(line, { typed: ["y"] });
    const entry = /^ +- name: "ci".*\n.*\n.*producer\n/m;
    assertEquals(await Deno.readTextFile(path), before.replace(entry, ""));
    await does(`revoke-api-key --name other --yes --config ${path}`, { typed: [] });
    assertMatch(await Deno.readTextFile(path), /api_keys: {3}# of programs\n# the end\n$/);
    await does(`add-api-key again --config ${path}`);
    assertMatch(
      await Deno.readTextFile(path),
      /api_keys: {3}# of programs\n {10,12}- name: "again"\n/,
    );
  }));

const SHAPES: Readonly<Record<string, string>> = {
  "nothing": "",
  "a comment": "# only this",
  "no end of line": "store: memory:a",
  "lines of Windows": "store: memory:a\r\nmonitoring:\r\n  auth:\r\n    enabled: false # x\r\n",
  "empty sections": "monitoring:\n  auth: # people\n  api:\n    api_keys: [] # none\n# end\n",
  "words for nothing": "monitoring:\n  auth: ~\n  api: {}\nstore: memory:a\n",
  "lists at the edge":
    "monitoring:\n  api:\n    api_keys:\n    - name: a\n      key: ''\n  auth:\n    users:\n    - username: u\nstore: memory:a\n",
  "brackets":
    '{ "store": "memory:a", "monitoring": { "auth": { "users": [{ "username": "u" }] }, "api": { "api_keys": [{"name": "a"}] } } }\n',
};
for (const [name, text] of Object.entries(SHAPES)) {
  Deno.test(`a file with ${name} takes a user and a key, and gives the key back`, () =>
    withFile(text, async (path) => {
      for (const user of ["ann", "bea"]) {
        await does(`set-password ${user} --config ${path}`, { sent: "one" });
      }
      const before = await Deno.readTextFile(path);
      for (const key of ["b", "c"]) await does(`add-api-key ${key} --config ${path}`);
      const both = await Deno.readTextFile(path);
      assertMatch(both, /ann[\s\S]*bea/);
      for (const comment of text.match(/#.*/g) ?? []) assertStringIncludes(both, comment);
      if (text.includes("\r\n")) assert(!/[^\r]\n/.test(both));
      await does(`revoke-api-key b --config ${path}`);
      await does(`revoke-api-key c --config ${path}`);
      const config = await loadConfig(path).catch((error: unknown) => error);
      assert(!(config instanceof Error), String(config));
      assert(before.length > 0);
    }));
}

Deno.test("a file that cannot be edited stays as it was", () =>
  withFile(FILE, async (path, folder) => {
    const broken = [
      ["a: [1\n", /Cannot load config as [\s\S]*be YAML/],
      ["a: 1\na: 2\n", /has 'a' twice/],
      ["\u0000", /control characters/],
      ["monitoring: 5\n", /✗ gqm: /],
      ["monitoring:\n  api:\n    api_keys: text\n", /✗ gqm: /],
      ["x: &x []\nmonitoring:\n  api:\n    api_keys: *x\n", /✗ gqm: /],
    ] as const;
    for (const [text, message] of broken) {
      await Deno.writeTextFile(path, text);
      await refuses(path, `add-api-key a --config ${path}`, message);
    }
    const missing = await call(`add-api-key a --config ${folder}/none.yaml`);
    assertMatch(
      missing.err,
      /^✗ gqm: Cannot load config as .*none\.yaml' must be a file that can be/,
    );
    const isFolder = await call(`set-password a --config ${folder}`, { typed: [] });
    assertMatch(isFolder.err, /must be a file, and is a folder/); // before anything is asked
    // The file beside it, out of which it is made, would have too long a name.
    const long = `${folder}/${"x".repeat(250)}`;
    await Deno.writeTextFile(long, FILE);
    await refuses(
      long,
      `add-api-key a --config ${long}`,
      /✗ gqm: cannot write .*(?:ENAMETOOLONG|too long)/i,
    );
    // Nobody would have to log in any more, at all addresses.
    await Deno.writeTextFile(
      path,
      FILE.replace("127.0.0.1:0", ":0").replace("addr", "enabled: true\n        addr"),
    );
    await does(`add-api-key ci --config ${path}`);
    await refuses(
      path,
      `revoke-api-key ci --config ${path}`,
      /'monitoring.api.addr' must be of this/,
    );
  }));

Deno.test("a link is followed, and others lose their rights to the file", () =>
  withFile(FILE, async (path, folder) => {
    await Deno.mkdir(`${folder}/etc`);
    const real = `${folder}/etc/real.yaml`;
    await Deno.rename(path, real);
    await Deno.chmod(real, 0o664);
    await Deno.symlink("etc/real.yaml", path);
    const { err } = await does(`add-api-key ci --config ${path}`);
    assertMatch(err, /^⚠ .*gqm\.yaml was open to others: only its owner may use it now\n/);
    assertEquals([modeOf(real), (await Deno.lstat(path)).isSymlink], [0o600, true]);
    assertEquals([namesIn(folder), namesIn(`${folder}/etc`)], [["etc", "gqm.yaml"], ["real.yaml"]]);
    assertMatch(await Deno.readTextFile(real), KEY_HASH);
  }));

Deno.test("edits at the same time all count", () =>
  withFile(FILE, async (path, folder) => {
    const names = Array.from({ length: 12 }, (_, i) => `key-${i}`);
    await Promise.all(names.map((name) => does(`add-api-key ${name} --config ${path}`)));
    const text = await Deno.readTextFile(path);
    assertEquals(names.filter((name) => !text.includes(`"${name}"`)), []);
    assertEquals(namesIn(folder), ["gqm.yaml"]);
  }));

Deno.test("whoever is killed while it edits leaves a whole file, and others go on", () =>
  withFile(FILE, async (path, folder) => {
    const module = new URL("../support/edit_on.ts", import.meta.url).href;
    for (let round = 0; round < 6; round++) {
      const child = new Deno.Command(Deno.execPath(), {
        args: ["run", "-A", "--no-check", ...await standardLibrary(), module, path, `${round}`],
        stdout: "piped",
        stderr: "null",
      }).spawn();
      const reader = child.stdout.getReader();
      // It tells of each edit; it is killed somewhere in a later one.
      for (let i = 0; i <= round; i++) await reader.read();
      child.kill("SIGKILL");
      await reader.cancel();
      await child.status;
      const text = await Deno.readTextFile(path);
      assertMatch(text, /^# ours\n[\s\S]*\n# the end\n$/);
      await loadConfig(path);
      await does(`add-api-key after-${round} --config ${path}`);
      assertEquals([modeOf(path), namesIn(folder)], [0o600, ["gqm.yaml"]]);
    }
  }));

/** A port that nobody listens at now. */
function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

Deno.test("the file that GQM (Go) documents gets its password and key, and a server runs with it", async () => {
  const redis = testRedis();
  const prefix = uniquePrefix();
  const port = freePort();
  const text = (await Deno.readTextFile(documented))
    .replace('"localhost:6379"', `"${new URL(redis).host}"`)
    .replace('prefix: "gqm"', `prefix: "${prefix}"`)
    .replace('":8080"', `":${port}"`)
    .replace(/password_hash: ".*"/, 'password_hash: ""         # gqm set-password admin')
    .replace(/key: "gqm_ak_.*"/, 'key: ""                   # gqm add-api-key grafana');
  try {
    await withFile(text, async (path, folder) => {
      const first = await does(`set-password admin --config ${path}`, {
        typed: ["horse", "horse"],
      });
      assertMatch(first.err, /not ready to be loaded: .*key' must not be empty: 'gqm add-api-key'/);
      const { out } = await does(`add-api-key grafana --config ${path}`);
      const key = KEY.exec(out)![0];
      await Deno.writeTextFile(
        `${folder}/jobs.js`,
        `export default (server) => server.handle("email.send", () => "sent");`,
      );
      const child = await startGqm(["run", `${folder}/jobs.js`, "--config", path]);
      const stderr = child.stderr.pipeThrough(new TextDecoderStream()).getReader();
      let told = "";
      while (!/Dashboard: \S+\n/.test(told)) {
        const { value, done } = await stderr.read();
        if (done) throw new Error(told);
        told += value;
      }
      const base = `http://127.0.0.1:${port}`;
      const page = await fetch(`${base}/dashboard/`);
      assertStringIncludes(await page.text(), "<title>GQM</title>");
      const queues = await fetch(`${base}/api/v1/queues`, { headers: { "x-api-key": key } });
      assertStringIncludes(await queues.text(), '"data"');
      const logIn = async (password: string): Promise<number> => {
        const response = await fetch(`${base}/auth/login`, {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify({ username: "admin", password }),
        });
        await response.body?.cancel();
        return response.status;
      };
      const unknown = await fetch(`${base}/api/v1/queues`);
      await unknown.body?.cancel();
      assertEquals(
        [queues.status, unknown.status, await logIn("horse"), await logIn("cow")],
        [200, 401, 200, 401],
      );
      child.kill("SIGTERM");
      await stderr.cancel();
      await child.stdout.cancel();
      assertEquals((await child.status).code, 0);
    });
  } finally {
    await removeKeys(redis, prefix);
  }
});
