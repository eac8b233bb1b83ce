/**
 * Our own files.
 *
 * @module
 */

import { GqmError } from "../../errors.ts";
import type { Asset } from "./asset.ts";
import type { PageFile, PageFiles } from "./page_files.ts";

/** The files of the dashboard are not there: the sources were not built. */
export class DashboardNotBuiltError extends GqmError {
  /** Name of the class. */
  override readonly name: string = "DashboardNotBuiltError";
  /** Stable name of this error, for code to branch on. */
  readonly code: string = "DASHBOARD_NOT_BUILT";

  /**
   * Makes the error.
   *
   * @param cause Why they could not be loaded.
   */
  constructor(cause: unknown) {
    super("Cannot serve dashboard as its files must be built: run 'deno task build'");
    this.cause = cause;
  }
}

/**
 * Our own files.
 *
 * @param load Loads the module with them, which is not there before it was built.
 * @throws {DashboardNotBuiltError} If they were not built.
 */
export async function builtInFiles(
  load: () => Promise<{ readonly assets: Readonly<Record<string, Asset>> }> = () =>
    import("./assets.gen.ts"),
): Promise<PageFiles> {
  const { assets } = await load().catch((error: unknown) => {
    throw new DashboardNotBuiltError(error);
  });
  const encoder = new TextEncoder();
  const files = new Map<string, PageFile>();
  return {
    isOurs: true,
    read: (path) => {
      const known = files.get(path);
      if (known !== undefined) return Promise.resolve(known);
      const asset: Asset | undefined = Object.hasOwn(assets, path) ? assets[path] : undefined;
      if (asset === undefined) return Promise.resolve(undefined);
      const file = { etag: asset.etag, bytes: encoder.encode(asset.text) };
      files.set(path, file);
      return Promise.resolve(file);
    },
  };
}
