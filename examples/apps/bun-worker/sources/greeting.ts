/** A script of a page: a greeting by the hour. */

function greeting(hour: number): string {
  if (hour < 12) return "Good morning";
  return hour < 18 ? "Good afternoon" : "Good evening";
}

Object.assign(globalThis, { greeting });
