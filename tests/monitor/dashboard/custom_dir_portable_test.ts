/** Pages of a folder in the place of our own. */

import { createHash } from "node:crypto";
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { rm, symlink } from "node:fs/promises";
import { join } from "node:path";
import { describe, it } from "node:test";
import { VERSION } from "../../../src/version.ts";
import type { Monitor } from "../../../mod.ts";
import { CollectingLogger } from "../../support/collecting_logger.ts";
import { ask, testMonitor } from "../../support/monitor.ts";
import { type Folder, folderOf } from "./support/folder.ts";

const OLD = "The pages in the folder may be of another version";
const UNUSABLE = "Own pages are shown: the folder with others cannot be used";
const NO_PAGE = "Own pages are shown: the folder with others has no index.html";

function serving({ path }: Pick<Folder, "path">, logger = new CollectingLogger()): Monitor {
  return testMonitor({ dashboard: { customDir: path }, logger, logLevel: "debug" });
}

async function textOf(monitor: Monitor, path: string): Promise<string> {
  const response = await ask(monitor, `/dashboard/${path}`);
  return response.status === 200 ? await response.text() : String(response.status);
}

/** As a policy names a script. */
function hashOf(script: string): string {
  return `'sha256-${createHash("sha256").update(script).digest("base64")}'`;
}

async function scriptsAllowed(monitor: Monitor, path = ""): Promise<string> {
  const { headers } = await ask(monitor, `/dashboard/${path}`);
  return /script-src ([^;]*);/.exec(headers.get("content-security-policy")!)![1]!;
}

describe("a folder with pages", () => {
  it("takes the place of all our files", async () => {
    await using folder = await folderOf({
      "index.html": "<p>mine</p>",
      "js/deep/app.js": "mine()",
      "VERSION": `${VERSION}\n`,
      "photo.png": new Uint8Array([0x89, 0x50, 0xff, 0x00]),
      "notes.md": "secret",
      ".env": "SECRET=1",
      ".hidden/x.js": "secret",
    });
    const logger = new CollectingLogger();
    await using monitor = serving(folder, logger);
    equal(await textOf(monitor, ""), "<p>mine</p>");
    equal(await textOf(monitor, "jobs/x"), "<p>mine</p>");
    equal(await textOf(monitor, "js/deep/app.js"), "mine()");
    for (
      const path of ["main.js", "style.css", "VERSION.txt", "notes.md", ".env", ".hidden/x.js"]
    ) {
      equal(await textOf(monitor, path), "404", path);
    }
    // It has no ending, and is for us alone.
    equal(await textOf(monitor, "VERSION"), "<p>mine</p>");
    const photo = await ask(monitor, "/dashboard/photo.png", {
      headers: { "accept-encoding": "gzip" },
    });
    equal(photo.headers.get("content-type"), "image/png");
    equal(photo.headers.get("content-encoding"), null);
    deepEqual([...new Uint8Array(await photo.arrayBuffer())], [0x89, 0x50, 0xff, 0x00]);
    deepEqual(logger.lines.filter(({ message }) => /page/i.test(message)), []);
  });

  it("is served anew when it changes", async () => {
    await using folder = await folderOf({ "index.html": "one", "a.js": "one", "VERSION": VERSION });
    await using monitor = serving(folder);
    const first = await ask(monitor, "/dashboard/a.js");
    equal(await first.text(), "one");
    await folder.write("a.js", "two");
    await folder.write("b.js", "new");
    const headers = { "if-none-match": first.headers.get("etag")! };
    const second = await ask(monitor, "/dashboard/a.js", { headers });
    equal(second.status, 200);
    equal(await second.text(), "two");
    equal(await textOf(monitor, "b.js"), "new");
    await rm(join(folder.path, "a.js"));
    equal(await textOf(monitor, "a.js"), "404");
    const known = { "if-none-match": second.headers.get("etag")! };
    await folder.write("a.js", "two");
    equal((await ask(monitor, "/dashboard/a.js", { headers: known })).status, 304);
  });

  it("has no links that lead out of it", async () => {
    await using outside = await folderOf({ "secret.txt": "secret", "index.html": "secret" });
    await using folder = await folderOf({ "index.html": "mine", "a.txt": "a", "VERSION": VERSION });
    const { path } = folder;
    await symlink(join(outside.path, "secret.txt"), join(path, "file.txt"));
    await symlink(outside.path, join(path, "out"));
    await symlink(join(path, "a.txt"), join(path, "inside.txt"));
    await symlink(join(path, "loop.txt"), join(path, "loop.txt"));
    await symlink(join(path, "nowhere"), join(path, "broken.txt"));
    // Its name begins like that of the folder.
    await using beside = {
      path: `${path}-beside`,
      [Symbol.asyncDispose]: () => rm(`${path}-beside`),
    };
    await symlink(outside.path, beside.path);
    await symlink(join(beside.path, "secret.txt"), join(path, "beside.txt"));
    await using monitor = serving(folder);
    for (const name of ["file.txt", "out/secret.txt", "loop.txt", "broken.txt", "beside.txt"]) {
      equal(await textOf(monitor, name), "404", name);
    }
    equal(await textOf(monitor, "inside.txt"), "a");
    // The folder itself may be a link.
    await using linked = serving({ path: beside.path });
    equal(await textOf(linked, ""), "secret");
  });

  it("is left out if it cannot be used, which is logged as an error", async () => {
    await using file = await folderOf({ "index.html": "mine", "VERSION": VERSION });
    await using empty = await folderOf({ "main.js": "mine", "VERSION": VERSION });
    await using outside = await folderOf({ "index.html": "secret" });
    await using leading = await folderOf({ "VERSION": VERSION });
    await symlink(join(outside.path, "index.html"), join(leading.path, "index.html"));
    const unusable: readonly [string, string][] = [
      [join(file.path, "nowhere"), UNUSABLE],
      [join(file.path, "index.html"), UNUSABLE],
      [empty.path, NO_PAGE],
      [leading.path, NO_PAGE],
    ];
    for (const [path, told] of unusable) {
      const logger = new CollectingLogger();
      await using monitor = serving({ path }, logger);
      match(await textOf(monitor, ""), /<title>GQM<\/title>/);
      ok((await textOf(monitor, "main.js")).length > 100, path);
      const [line, ...more] = logger.saying(told);
      deepEqual([line?.level, line?.fields["folder"], more], ["error", path, []]);
    }
  });

  it("is warned of, and no more, if it is of another version", async () => {
    for (const version of ["0.0.9\n", undefined]) {
      await using folder = await folderOf({
        "index.html": "mine",
        ...(version === undefined ? {} : { VERSION: version }),
      });
      const logger = new CollectingLogger();
      await using monitor = serving(folder, logger);
      equal(await textOf(monitor, ""), "mine");
      equal(await textOf(monitor, ""), "mine");
      const [line, ...more] = logger.saying(OLD);
      equal(more.length, 0);
      equal(line?.level, "warn");
      deepEqual([line?.fields["version"], line?.fields["expected"]], [
        version?.trim() ?? null,
        VERSION,
      ]);
    }
  });

  it("may have scripts in its pages, and these alone", async () => {
    const [first, second] = ["\n  start('ä');\r\n", "again()"];
    const page = `<!doctype html><script>${first}</script><p>x</p>
      <SCRIPT type="module" data-src="x">${second}</SCRIPT >
      <script src="app.js"></script>\n<script async src='b.js'>ignored()</script>`;
    await using folder = await folderOf({
      "index.html": page,
      "about.html": "<script>other()</script>",
      "app.js": "<script>nothing()</script>",
      "VERSION": VERSION,
    });
    await using monitor = serving(folder);
    // Browsers read a line's end as one character.
    const hashes = [first!.replace("\r\n", "\n"), second!].map(hashOf).join(" ");
    equal(await scriptsAllowed(monitor), `'self' ${hashes}`);
    equal(await scriptsAllowed(monitor, "some/page"), `'self' ${hashes}`);
    equal(await scriptsAllowed(monitor, "about.html"), `'self' ${hashOf("other()")}`);
    equal(await scriptsAllowed(monitor, "app.js"), "'self'");
    const { headers } = await ask(monitor, "/dashboard/");
    match(headers.get("content-security-policy")!, /; style-src 'self' 'unsafe-inline';/);
    equal(headers.get("x-frame-options"), "DENY");
  });

  it("is told where it is, if its page asks", async () => {
    await using asking = await folderOf({
      "index.html": '<html data-prefix="/dashboard"><a href="x"><a href="/y"><a href="#z">',
      "VERSION": VERSION,
    });
    await using other = await folderOf({ "index.html": '<a href="x">', "VERSION": VERSION });
    const placed = '<html data-prefix="/a/b"><a href="../x"><a href="/y"><a href="#z">';
    for (const [{ path }, told] of [[asking, placed], [other, '<a href="x">']] as const) {
      await using monitor = testMonitor({
        dashboard: { pathPrefix: "/a/b", customDir: path },
        logLevel: "silent",
      });
      equal(await (await ask(monitor, "/a/b/c/d")).text(), told);
    }
  });
});
