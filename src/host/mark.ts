/**
 * What Buoy writes on all that it owns, as the comment of the nftables table in a namespace and as
 * the alias of a link in the host's own: what carries another instance's mark, or none, is foreign.
 */
export function ownerMark(instance: string): string {
  return `buoy ${instance}`;
}
