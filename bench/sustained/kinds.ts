/** Which of the jobs throw. */

/** Jobs of one call. */
export const BATCH = 1000;

/** What a job does: the first of each batch throws, if there are not enough yet; half of those may not try again. */
export function kindOf(n: number, throws: number): "plain" | "retried" | "dead" {
  const batch = n / BATCH;
  if (!Number.isInteger(batch) || batch >= throws) return "plain";
  return batch % 2 === 0 ? "retried" : "dead";
}
