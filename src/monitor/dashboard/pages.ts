/**
 * Serves the pages of the dashboard: files under a prefix. Whoever asks may have them, as they hold nothing
 * of the store; what they show comes from the API, which asks who one is.
 *
 * @module
 */

import { plainResponse } from "../answer.ts";
import { contentSecurityPolicy } from "../headers.ts";
import { contentTypeOf, isCompressible } from "./content_types.ts";
import { firstPage } from "./first_page.ts";
import { inlineScriptHashes } from "./inline_scripts.ts";
import type { PageFile, PageFiles } from "./page_files.ts";

const INDEX = "index.html";
/** Most segments of a path. */
const MOST_SEGMENTS = 20;
/** Compressed files that are kept. */
const MOST_COMPRESSED = 200;

/** The pages of the dashboard. */
export class Pages {
  readonly #prefix: string;
  readonly #load: () => Promise<PageFiles>;
  /** Compressed contents, by their etag. */
  readonly #compressed = new Map<string, Promise<Uint8Array<ArrayBuffer>>>();
  #files: Promise<PageFiles> | undefined;

  /**
   * @param prefix The path that they are under.
   * @param load Gives the files, when they are asked for the first time.
   */
  constructor(prefix: string, load: () => Promise<PageFiles>) {
    this.#prefix = prefix;
    this.#load = load;
  }

  /**
   * Answers a request for a page; undefined if the path is none of the dashboard's.
   *
   * @throws {DashboardNotBuiltError} If there are no files.
   */
  async respond(request: Request, url: URL): Promise<Response | undefined> {
    const { pathname } = url;
    const isPrefix = pathname === this.#prefix;
    if (!isPrefix && !pathname.startsWith(`${this.#prefix}/`)) return undefined;
    if (request.method !== "GET" && request.method !== "HEAD") {
      return plainResponse(405, "Method Not Allowed", { allow: "GET, HEAD" });
    }
    // Relative, so that it holds behind a proxy that serves us below a path of its own.
    const last = this.#prefix.slice(this.#prefix.lastIndexOf("/") + 1);
    if (isPrefix) return redirect(301, `${last}/${url.search}`);
    const path = safePath(pathname.slice(this.#prefix.length + 1));
    if (path === undefined) return notFound();
    if (path === INDEX) return redirect(301, `./${url.search}`);
    return await this.#file(request, path);
  }

  async #file(request: Request, path: string): Promise<Response> {
    const isPage = !/\.[^/]*$/.test(path);
    const name = isPage ? INDEX : path;
    const type = contentTypeOf(name);
    if (type === undefined) return notFound();
    const files = await (this.#files ??= this.#load());
    const read = await files.read(name);
    if (read === undefined) return notFound();
    const depth = path.split("/").length - 1;
    const file = isPage ? firstPage(read, { prefix: this.#prefix, depth }) : read;
    const headers = new Headers({
      "content-type": type,
      "cache-control": "no-cache",
      "vary": "accept-encoding",
    });
    const isPacked = isCompressible(type) && acceptsGzip(request);
    headers.set("etag", isPacked ? `"${file.etag}-gzip"` : `"${file.etag}"`);
    if (!files.isOurs) headers.set("content-security-policy", await customPolicy(type, file));
    if (knows(request, file.etag)) return new Response(null, { status: 304, headers });
    if (isPacked) headers.set("content-encoding", "gzip");
    const bytes = isPacked ? await this.#packed(file) : file.bytes;
    headers.set("content-length", String(bytes.byteLength));
    return new Response(bytes, { headers });
  }

  #packed({ etag, bytes }: PageFile): Promise<Uint8Array<ArrayBuffer>> {
    const known = this.#compressed.get(etag);
    if (known !== undefined) return known;
    if (this.#compressed.size >= MOST_COMPRESSED) this.#compressed.clear();
    const packed = gzip(bytes);
    this.#compressed.set(etag, packed);
    return packed;
  }
}

/** The path of a file, decoded; undefined if it is no plain path. */
function safePath(encoded: string): string | undefined {
  let path: string;
  try {
    path = decodeURIComponent(encoded);
  } catch {
    return undefined;
  }
  // A slash that was encoded is none for the browser, which would look for the page's files elsewhere.
  if (/[\\\0]/.test(path) || /%2f/i.test(encoded)) return undefined;
  const segments = path.split("/");
  const isPlain = segments.every((segment, i) =>
    !segment.startsWith(".") && (segment !== "" || i === segments.length - 1)
  );
  return isPlain && segments.length <= MOST_SEGMENTS ? path : undefined;
}

/** Of pages that are not ours: what the policy of GQM (Go) allows, and the scripts that stand in them. */
async function customPolicy(type: string, { bytes }: PageFile): Promise<string> {
  const hashes = type.startsWith("text/html")
    ? await inlineScriptHashes(new TextDecoder().decode(bytes))
    : [];
  return contentSecurityPolicy({ scripts: hashes, hasInlineStyles: true });
}

function knows(request: Request, etag: string): boolean {
  const asked = request.headers.get("if-none-match") ?? "";
  return asked.split(",").some((one) => {
    const plain = one.trim().replace(/^W\//, "").replaceAll('"', "");
    return plain === "*" || plain === etag || plain === `${etag}-gzip`;
  });
}

function acceptsGzip(request: Request): boolean {
  const accepted = request.headers.get("accept-encoding") ?? "";
  return accepted.split(",").some((one) =>
    /^\s*gzip\s*(?:;\s*q=(?!0(?:\.0*)?\s*$).*)?$/i.test(one)
  );
}

async function gzip(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

function redirect(status: number, location: string): Response {
  return new Response(null, { status, headers: { location } });
}

function notFound(): Response {
  return plainResponse(404, "404 page not found");
}
