/**
 * What a configuration file may say, as plain data: checks, JSON Schema and documentation are made
 * of it.
 *
 * @module
 */

/** What is told of every key. */
export interface About {
  /** What it is for, in a sentence. */
  readonly about: string;
  /** What holds without it, for people. */
  readonly unset?: string;
  /** The section must have it, and it must not be empty. */
  readonly required?: true;
  /** Its value is never shown. */
  readonly secret?: true;
  /** Why it is taken and does nothing. */
  readonly ignored?: string;
}

/** A text. Empty, it is as if it were not given, unless it is required. */
export interface TextNode extends About {
  readonly kind: "text";
  /** The only texts. */
  readonly oneOf?: readonly string[];
  /** Whether upper and lower case mean the same. The value is the one that `oneOf` has. */
  readonly anyCase?: true;
  /** Whether a text is one; with `rule`. */
  readonly accepts?: (text: string) => boolean;
  /** Completes "must …". */
  readonly rule?: string;
}

/** A number. */
export interface NumberNode extends About {
  readonly kind: "number";
  /** Whether it may be other than whole. */
  readonly fraction?: true;
  readonly min?: number;
  readonly max?: number;
}

/** True or false. */
export interface FlagNode extends About {
  readonly kind: "flag";
}

/** A list. */
export interface ListNode<I extends Node = Node> extends About {
  readonly kind: "list";
  readonly items: I;
  /** Fewest. */
  readonly min?: number;
}

/** Keys and their values; no others. */
export interface SectionNode<K extends Keys = Keys> extends About {
  readonly kind: "section";
  readonly keys: K;
}

/** Texts by names that are free. */
export interface TextsNode extends About {
  readonly kind: "texts";
}

/** One of two kinds of values, by their type. */
export interface EitherNode<A extends Node = Node, B extends Node = Node> extends About {
  readonly kind: "either";
  readonly a: A;
  readonly b: B;
}

/** A value, or several. */
export type Node =
  | TextNode
  | NumberNode
  | FlagNode
  | ListNode
  | SectionNode
  | TextsNode
  | EitherNode;

/** The keys of a section. */
export interface Keys {
  readonly [key: string]: Node;
}

/** What a value is once it was checked. What is not given, or wrong, is left out. */
export type ValueOf<N> = N extends TextNode ? string
  : N extends NumberNode ? number
  : N extends FlagNode ? boolean
  : N extends ListNode<infer I> ? readonly ValueOf<I>[]
  : N extends SectionNode<infer K> ? { readonly [P in keyof K]?: ValueOf<K[P]> }
  : N extends TextsNode ? Readonly<Record<string, string>>
  : N extends EitherNode<infer A, infer B> ? ValueOf<A> | ValueOf<B>
  : never;

type Rest<N extends Node> = Partial<Omit<N, "kind" | "about" | "items" | "keys" | "a" | "b">>;

/** A text. */
export function text(about: string, rest: Rest<TextNode> = {}): TextNode {
  return { kind: "text", about, ...rest };
}

/** A whole number, unless `fraction` is set. */
export function number(about: string, rest: Rest<NumberNode> = {}): NumberNode {
  return { kind: "number", about, ...rest };
}

/** Seconds, whole. @param about What they are for; after a semicolon what 0 stands for. */
export function seconds(about: string, rest: Rest<NumberNode> = {}): NumberNode {
  return number(about.replace(/;|$/, ", in seconds$&"), { min: 0, ...rest });
}

/** True or false. */
export function flag(about: string, rest: Rest<FlagNode> = {}): FlagNode {
  return { kind: "flag", about, ...rest };
}

/** A list. */
export function list<I extends Node>(
  about: string,
  items: I,
  rest: Rest<ListNode> = {},
): ListNode<I> {
  return { kind: "list", about, items, ...rest };
}

/** Keys and their values. */
export function section<K extends Keys>(
  about: string,
  keys: K,
  rest: Rest<SectionNode> = {},
): SectionNode<K> {
  return { kind: "section", about, keys, ...rest };
}

/** Texts by names that are free. */
export function texts(about: string, rest: Rest<TextsNode> = {}): TextsNode {
  return { kind: "texts", about, ...rest };
}

/** One of two kinds. */
export function either<A extends Node, B extends Node>(
  about: string,
  a: A,
  b: B,
  rest: Rest<EitherNode> = {},
): EitherNode<A, B> {
  return { kind: "either", about, a, b, ...rest };
}
