/**
 * The Standard Schema interface, version 1 (https://standardschema.dev), as far
 * as a caller of validators needs it. Zod, Valibot, ArkType and others meet it.
 *
 * @module
 */

/** A validator that any library of the standard makes. */
export interface StandardSchemaV1<Input = unknown, Output = Input> {
  /** The standard's properties. */
  readonly "~standard": StandardSchemaProps<Input, Output>;
}

/** What a validator says of itself. */
export interface StandardSchemaProps<Input = unknown, Output = Input> {
  /** Version of the standard. */
  readonly version: 1;
  /** Library that made it. */
  readonly vendor: string;
  /** Checks a value. */
  readonly validate: (
    value: unknown,
  ) => StandardSchemaResult<Output> | Promise<StandardSchemaResult<Output>>;
  /** Carries the types; never read. */
  readonly types?: { readonly input: Input; readonly output: Output } | undefined;
}

/** A value that passed, or what is wrong with it. */
export type StandardSchemaResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly StandardSchemaIssue[] };

/** One thing that is wrong. */
export interface StandardSchemaIssue {
  /** What is wrong. */
  readonly message: string;
  /** Where, from the outside in. */
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}
