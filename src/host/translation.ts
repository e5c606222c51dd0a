// The sets of a router's ruleset: those that translate between floating and fixed IPs, and those that
// count. The layout fills them; the diff changes them in an order that depends on what each of them is for.

/** Map, floating IP → fixed IP: where packets from outside go. */
export const FLOATING = 'floating';
/** Map, fixed IP → floating IP: whom packets to the outside come from. */
export const FIXED = 'fixed';
/**
 * Set, the fixed IPs that have a floating IP: their packets are marked and so routed to the fip
 * namespace. An address leaves it last, after its connections were ended. One that is here and not
 * in `fixed` tells the next run that an earlier one was interrupted before it ended them.
 */
export const MARKED = 'marked';
/** Counters, the floating IPs: packets from the fip namespace to them. */
export const RECEIVED = 'received';
/** Counters, the floating IPs: packets to the fip namespace from them. */
export const SENT = 'sent';
