/**
 * What Buoy writes on all that it owns, as the comment of the nftables table in a namespace and as
 * the alias of a link in the host's own: what carries another instance's mark, or none, is foreign.
 */
export function ownerMark(instance: string): string {
  return `buoy ${instance}`;
}

/** What an instance may be called: it goes into file names and into the kernel. */
export const INSTANCE_NAME: RegExp = /^[A-Za-z0-9._-]{1,32}$/;
