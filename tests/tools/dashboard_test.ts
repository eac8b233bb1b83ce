/** What is built of the dashboard. */

import { assert, assertEquals } from "@std/assert";
import { assets } from "../../src/monitor/dashboard/assets.gen.ts";
import { contentTypeOf } from "../../src/monitor/dashboard/content_types.ts";
import { sources } from "../../src/monitor/dashboard/sources.gen.ts";

/** Most bytes of all that browsers are sent, before it is compressed. */
const MOST = 250_000;
const LICENSES = "vendor/THIRD_PARTY_LICENSES.txt";

Deno.test("the dashboard weighs little", () => {
  const encoder = new TextEncoder();
  const sizes = Object.entries(assets).filter(([path]) => path !== LICENSES)
    .map(([path, { text }]) => [path, encoder.encode(text).byteLength] as const)
    .sort(([, a], [, b]) => b - a);
  const sum = sizes.reduce((all, [, size]) => all + size, 0);
  const largest = sizes.slice(0, 12).map(([path, size]) => `${String(size).padStart(8)} ${path}`);
  assert(sum < MOST, `${sum} bytes, and ${MOST} are too many:\n${largest.join("\n")}`);
});

Deno.test("the dashboard asks for nothing but its own files", () => {
  for (const [path, { text }] of Object.entries(assets)) {
    assert(contentTypeOf(path) !== undefined, path);
    if (!path.endsWith(".js")) continue;
    const imports = [...text.matchAll(/\b(?:from|import\(?)"([\w@./:-]+)"/g)];
    for (const [, specifier = ""] of imports) {
      const { pathname } = new URL(specifier, `http://gqm.example/${path}`);
      assert(Object.hasOwn(assets, pathname.slice(1)), `${path} imports ${specifier}`);
    }
  }
  // A name of the namespace of SVG is no request, and neither are licences.
  const others = Object.entries(assets).filter(([path]) => path !== LICENSES)
    .flatMap(([path, { text }]) =>
      [...text.matchAll(/https?:\/\/[\w.-]+[^\s"'`)]*/g)].map(([url]) => `${path}: ${url}`)
    )
    .filter((told) =>
      !/ http:\/\/www\.w3\.org\/(?:\d{4}\/svg|1998\/Math\/MathML|1999\/xhtml)$/.test(told)
    );
  assertEquals(others, []);
});

Deno.test("what is exported is what stands in dashboard/, with the licences of others", async () => {
  const folder = new URL("../../dashboard/", import.meta.url);
  for (const [path, { text }] of Object.entries(sources)) {
    assertEquals(await Deno.readTextFile(new URL(path, folder)), text, path);
  }
  for (const name of ["index.html", "main.js", "views/overview.js", "vendor/preact.js", LICENSES]) {
    assert(Object.hasOwn(sources, name), name);
  }
  const licences = sources[LICENSES]!.text;
  assertEquals(assets[LICENSES]?.text, licences);
  assertEquals(
    await Deno.readTextFile(new URL("../../THIRD_PARTY_LICENSES.txt", import.meta.url)),
    licences,
  );
});
