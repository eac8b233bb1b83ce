/**
 * A registry that speaks as JSR does, as far as Deno asks: what would be published to the real one is in it, and stand-ins
 * for the packages of the standard library that it imports.
 */

import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { STAND_INS, withStandInConfig } from "../../../tools/pack/config.ts";

const ROOT = join(import.meta.dirname ?? ".", "../../..");

interface Package {
  readonly version: string;
  readonly exports: Readonly<Record<string, string>>;
  /** By their paths, which begin with a slash. */
  readonly files: ReadonlyMap<string, Uint8Array<ArrayBuffer>>;
}

/** Such a registry. */
export class Registry implements AsyncDisposable {
  readonly #packages: ReadonlyMap<string, Package>;
  readonly #server: Deno.HttpServer<Deno.NetAddr>;

  private constructor(packages: ReadonlyMap<string, Package>) {
    this.#packages = packages;
    this.#server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen: () => {} },
      (request) => this.#answer(new URL(request.url).pathname),
    );
  }

  /** Serves it. */
  static async serve(): Promise<Registry> {
    const packages = new Map<string, Package>([["@gqm/gqm", await publishedPackage()]]);
    for (const [name, file] of Object.entries(STAND_INS)) {
      const [, id = name, door] = /^(@[^/]+\/[^/]+)(\/.*)?$/.exec(name)!;
      packages.set(id, {
        version: "1.0.0",
        exports: { [`.${door ?? ""}`]: "./mod.ts" },
        files: new Map([["/mod.ts", await Deno.readFile(join(ROOT, `tools/std/${file}.ts`))]]),
      });
    }
    return new Registry(packages);
  }

  /** What `JSR_URL` is to be. */
  get url(): string {
    return `http://127.0.0.1:${this.#server.addr.port}/`;
  }

  /** The files of our package, with their sizes, by their paths from the root. */
  get contents(): ReadonlyMap<string, number> {
    const { files } = this.#packages.get("@gqm/gqm")!;
    return new Map([...files].map(([path, bytes]) => [path.slice(1), bytes.length]));
  }

  /** Serves no longer. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }

  async #answer(path: string): Promise<Response> {
    const [, id = "", rest = ""] = /^\/(@[^/]+\/[^/]+)(\/.*)$/.exec(path) ?? [];
    const found = this.#packages.get(id);
    if (found === undefined) return new Response("", { status: 404 });
    const { version, exports, files } = found;
    if (rest === "/meta.json") {
      const [scope, name] = id.slice(1).split("/");
      return Response.json({ scope, name, latest: version, versions: { [version]: {} } });
    }
    if (rest === `/${version}_meta.json`) {
      const manifest = Object.fromEntries(
        await Promise.all([...files].map(async ([path, bytes]) => [path, await entryOf(bytes)])),
      );
      return Response.json({ manifest, exports });
    }
    const bytes = rest.startsWith(`/${version}/`)
      ? files.get(rest.slice(version.length + 1))
      : undefined;
    if (bytes === undefined) return new Response("", { status: 404 });
    const type = path.endsWith(".ts") ? "text/typescript" : "text/plain";
    return new Response(bytes, { headers: { "content-type": type } });
  }
}

/** What the registry is told of a file. */
async function entryOf(bytes: Uint8Array<ArrayBuffer>): Promise<object> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return { size: bytes.length, checksum: `sha256-${digest.toHex()}` };
}

/** What `deno publish` would send: the files that it lists, with whole names in the place of those of the import map. */
async function publishedPackage(): Promise<Package> {
  const config = JSON.parse(await Deno.readTextFile(join(ROOT, "deno.json")));
  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  for (const path of await listPublished()) {
    const bytes = await Deno.readFile(join(ROOT, path));
    files.set(
      `/${path}`,
      path.endsWith(".ts")
        ? new TextEncoder().encode(withWholeNames(new TextDecoder().decode(bytes), config.imports))
        : bytes,
    );
  }
  return { version: config.version, exports: config.exports, files };
}

/** What a trial lists, where JSR answers or not. Its configuration and the stand-ins are in no publication. */
async function listPublished(): Promise<string[]> {
  return await withStandInConfig(ROOT, async (config) => {
    const args = ["publish", "--dry-run", "--allow-dirty", "--no-check", "--config", config];
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args,
      cwd: ROOT,
      env: { NO_COLOR: "1" },
      stdin: "null",
    }).output();
    const said = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
    if (code !== 0) throw new Error(`Cannot list what would be published: ${said}`);
    const root = `${pathToFileURL(ROOT)}/`;
    return [...said.matchAll(/^\s*(file:\S+) \([^()]+\)$/gm)]
      .map(([, url]) => url!.slice(root.length))
      .filter((path) => !/^(?:\.git$|\.publish_|tools\/std\/)/.test(path));
  });
}

/** As `deno publish` writes imports. */
function withWholeNames(text: string, imports: Readonly<Record<string, string>>): string {
  return text.replace(/(\b(?:from|import)[ (]\s*)"([^".][^"]*)"/g, (whole, before, name) => {
    const found = Object.entries(imports).find(([key]) =>
      name === key || name.startsWith(`${key}/`)
    );
    return found === undefined ? whole : `${before}"${found[1]}${name.slice(found[0].length)}"`;
  });
}
