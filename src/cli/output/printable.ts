/**
 * Text from elsewhere, fit for a terminal: control characters and those that turn the direction of writing are
 * written out, since names are whatever somebody gave to the agent.
 */
export function printable(text: string): string {
  return text.replace(
    /[\p{Cc}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
