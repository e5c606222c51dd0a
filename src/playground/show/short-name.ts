const UUID_REST = /([0-9a-f]{4})[0-9a-f]{4}(-[0-9a-f]{1,12})+/g;

/** A text in which ids, and beginnings of ids, are cut short: `qrouter-4f1c…`. */
export function shortName(text: string): string {
  return text.replaceAll(UUID_REST, '$1…');
}
