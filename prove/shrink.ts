/** Leaves out whatever can be left out of a history that is known to break a promise: answers the smallest part of it that still does. */
export async function shrink<H>(
  history: H,
  smallerThan: (history: H) => Iterable<H>,
  isBroken: (history: H) => Promise<boolean>,
): Promise<H> {
  let smallest = history;
  for (let found: H | undefined = history; found !== undefined;) {
    found = undefined;
    for (const smaller of smallerThan(smallest)) {
      if (!(await isBroken(smaller))) continue;
      found = smaller;
      break;
    }
    smallest = found ?? smallest;
  }
  return smallest;
}
