/**
 * A file of the dashboard.
 *
 * @module
 */

/** A file of the dashboard. */
export interface Asset {
  /** Tells its contents apart from others. */
  readonly etag: string;
  /** Its contents. */
  readonly text: string;
}
