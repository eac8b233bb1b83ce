/** Bundles the third-party code of the dashboard for browsers, with its licences. */

import { denoBundle } from "./deno_bundle.ts";
import { sha256Hex } from "./digest.ts";
import { type VendorPackage, vendorPackages } from "./packages.ts";

const LICENSES = "THIRD_PARTY_LICENSES.txt";
const STAMP = ".stamp";
/** Between two licences. */
export const RULE = "-".repeat(72);

/**
 * Bundles what is out of date: all of it, if a version or what is taken has changed.
 *
 * @returns The files that were written.
 */
export async function bundleVendor(root: URL): Promise<readonly string[]> {
  const folder = new URL("dashboard/vendor/", root);
  const versions = await Promise.all(
    names().map(async (name) => `${name} ${(await manifestOf(root, name)).version}`),
  );
  const stamp = await sha256Hex(
    JSON.stringify([vendorPackages, versions, Deno.version.deno]),
  );
  const hasLicences = await textOf(new URL(LICENSES, root)) !== undefined;
  if (hasLicences && await textOf(new URL(STAMP, folder)) === stamp) return [];
  await Deno.remove(folder, { recursive: true }).catch(() => {});
  await Deno.mkdir(folder, { recursive: true });
  const written = [];
  for (const one of vendorPackages) written.push(...await bundle(root, folder, one));
  await Deno.writeTextFile(new URL(LICENSES, folder), await licences(root));
  await Deno.copyFile(new URL(LICENSES, folder), new URL(LICENSES, root));
  await Deno.writeTextFile(new URL(STAMP, folder), stamp);
  return [...written, LICENSES].map((name) => `dashboard/vendor/${name}`);
}

async function bundle(root: URL, folder: URL, one: VendorPackage): Promise<string[]> {
  const entry = new URL(`${one.name}.entry.js`, folder);
  const out = new URL(`${one.name}.js`, folder);
  await Deno.writeTextFile(entry, one.entry);
  await denoBundle(root, [entry.pathname], ["-o", out.pathname]);
  await Deno.remove(entry);
  const types = `${one.name}.d.ts`;
  await Deno.writeTextFile(out, `// @ts-self-types="./${types}"\n${await Deno.readTextFile(out)}`);
  await Deno.writeTextFile(new URL(types, folder), one.types.trimStart());
  if (one.css === undefined) return [`${one.name}.js`];
  await Deno.copyFile(new URL(`node_modules/${one.css}`, root), new URL(`${one.name}.css`, folder));
  return [`${one.name}.js`, `${one.name}.css`];
}

/** The licences of all packages, as their licences ask. */
async function licences(root: URL): Promise<string> {
  const parts = await Promise.all(names().map((name) => licenceOf(root, name)));
  return parts.join(`\n${RULE}\n\n`);
}

/** The licence of a package. */
export async function licenceOf(root: URL, name: string): Promise<string> {
  const { version, license } = await manifestOf(root, name);
  const folder = await folderOf(root, name);
  for await (const { name: file } of Deno.readDir(folder)) {
    if (!/^licen[cs]e/i.test(file)) continue;
    const text = await Deno.readTextFile(new URL(file, folder));
    return `${name} ${version} (${license})\n\n${text.trim()}\n`;
  }
  throw new Error(`Cannot bundle '${name}' as its package must have a licence file`);
}

function names(): string[] {
  return vendorPackages.flatMap(({ packages }) => packages);
}

async function manifestOf(root: URL, name: string): Promise<{ version: string; license: string }> {
  return JSON.parse(await Deno.readTextFile(new URL("package.json", await folderOf(root, name))));
}

/** Where a package is installed: at the top, or if only another package asks for it, in Deno's own folder. */
async function folderOf(root: URL, name: string): Promise<URL> {
  const places = [`node_modules/${name}/`, `node_modules/.deno/node_modules/${name}/`];
  for (const place of places) {
    const url = new URL(place, root);
    if (await textOf(new URL("package.json", url)) !== undefined) return url;
  }
  throw new Error(`Cannot find package '${name}': run 'deno install'`);
}

async function textOf(url: URL): Promise<string | undefined> {
  return await Deno.readTextFile(url).catch(() => undefined);
}
