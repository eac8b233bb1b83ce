/**
 * Places in a configuration: which key of which key.
 *
 * @module
 */

/** Keys, and numbers of elements, from the root on. */
export type Place = readonly (string | number)[];

/** A place as text: `pools[0].name`. */
export function pathOf(place: Place): string {
  return place.map((part, i) => {
    if (typeof part === "number") return `[${part}]`;
    const name = /^[\w-]+$/.test(part) ? part : JSON.stringify(part);
    return i === 0 ? name : `.${name}`;
  }).join("");
}

/** The place that an option of code stands for: `alerts.rules[0].forMs` is `alerts`, `rules`, 0, `for_ms`. */
export function placeOf(option: string): Place {
  return [...option.matchAll(/\[(\d+)\]|[^.[\]]+/g)].map(([part, index]) =>
    index === undefined ? snakeCase(part) : Number(index)
  );
}

/** `perMs` as `per_ms`. */
export function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** `per_ms` as `perMs`. */
export function camelCase(name: string): string {
  return name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
