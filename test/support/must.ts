/** The value, in a test that has just made sure of it. */
export function must<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('undefined where the test has a value');
  return value;
}
