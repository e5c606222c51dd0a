/** As `created_at` and `updated_at` have it: whole seconds of UTC, which compare as texts do. */
export function timeText(time: Date): string {
  return `${time.toISOString().slice(0, 19)}Z`;
}
