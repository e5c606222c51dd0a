/** A promise is broken. The message says which, and where. */
export class Violation extends Error {
  override readonly name = 'Violation';
}
