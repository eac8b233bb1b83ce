/**
 * What can be shown: a view reads its data, and tells how it looks, without knowing of the screen.
 *
 * @module
 */

import type { Api } from "../api.ts";
import type { Line, Span } from "./line.ts";

/** What can be done, by a key. */
export interface Action {
  readonly key: string;
  /** What it does, in a word or two. */
  readonly label: string;
  /** What is asked first; a change always asks. */
  readonly ask: string;
  /** Does it; resolves to what is said then. */
  run(api: Api): Promise<string>;
}

/** A column of a table. */
export interface ColumnLook {
  readonly title: string;
  readonly isNumber?: boolean;
  /** Gives room first where there is not enough for all. */
  readonly isLong?: boolean;
  /** Left out where there is not enough room: the greatest first. */
  readonly minor?: number;
}

/** A row of a table. */
export interface Row {
  /** Tells it apart from others, so that it stays chosen when the table is read anew. */
  readonly key: string;
  readonly cells: readonly Span[];
  /** What enter leads to. */
  readonly open?: () => View;
  readonly actions?: readonly Action[];
}

/** A job of a graph. */
export interface GraphNode {
  readonly id: string;
  readonly title: string;
  readonly status: string;
}

/** How a view looks. */
export type Body =
  | {
    readonly kind: "table";
    /** Above it. */
    readonly head?: readonly Line[];
    readonly columns: readonly ColumnLook[];
    readonly rows: readonly Row[];
    /** What is said where there is no row. */
    readonly nothing: string;
    /** For all of it, whichever row is chosen. */
    readonly actions?: readonly Action[];
  }
  | {
    readonly kind: "text";
    readonly lines: readonly Line[];
    readonly actions?: readonly Action[];
    /** What `g` leads to. */
    readonly graph?: () => View;
  }
  | {
    readonly kind: "graph";
    readonly root: string;
    readonly nodes: readonly GraphNode[];
    readonly edges: readonly { readonly source: string; readonly target: string }[];
    readonly note?: string;
    readonly open: (id: string) => View;
  };

/** What a view is told when it is drawn. */
export interface Look {
  readonly nowMs: number;
  /** Columns that there are. */
  readonly width: number;
}

/** Something that can be shown. */
export interface View<D = unknown> {
  readonly title: string;
  /** The events of the stream after which it is read again. */
  readonly events: readonly string[];
  /** Other lists of the same kind, gone through by left and right: 1 for the next, -1 for the one before. */
  readonly beside?: (data: D, step: 1 | -1) => View | undefined;
  /** What `/` looks for: the view of what was found; absent where rows are filtered by what they say. */
  readonly search?: (text: string) => View;
  load(api: Api, signal: AbortSignal): Promise<D>;
  body(data: D, look: Look): Body;
}

/** Makes a view; its data are known to it alone. */
export function view<D>(one: View<D>): View {
  return one as unknown as View;
}
