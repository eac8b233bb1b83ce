/** Where two replies differ. */

type Fields = Readonly<Record<string, unknown>>;

/**
 * The first place where two values differ, in words; undefined if there is none.
 * Fences differ between stores, and an absent field is as good as an undefined one.
 */
export function difference(model: unknown, store: unknown, path: string): string | undefined {
  if (Object.is(model, store)) return undefined;
  if (Array.isArray(model) && Array.isArray(store)) {
    if (model.length !== store.length) {
      return difference(model.length, store.length, `${path}.length`) + show(model, store);
    }
    for (let i = 0; i < model.length; i++) {
      const found = difference(model[i], store[i], `${path}[${i}]`);
      if (found !== undefined) return found;
    }
    return undefined;
  }
  if (isObject(model) && isObject(store)) {
    for (const key of new Set([...Object.keys(model), ...Object.keys(store)])) {
      if (key === "fence") continue;
      const found = difference(model[key], store[key], `${path}.${key}`);
      if (found !== undefined) return found;
    }
    return undefined;
  }
  return `${path} must be as in the model${show(model, store)}`;
}

function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function show(model: unknown, store: unknown): string {
  return `\n  model: ${text(model)}\n  store: ${text(store)}`;
}

/** A value in a few words: of records, id and status. */
function text(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(text).join(", ")}]`.slice(0, 600);
  if (isObject(value) && "id" in value && "status" in value) return `${value.id} ${value.status}`;
  return (JSON.stringify(value) ?? "undefined").slice(0, 600);
}
