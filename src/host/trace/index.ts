// The packet walker: the path of a packet through the namespaces of a host, computed from its state
// alone. It walks the first packet of a connection, and then its answer, as the kernel (Linux 6.18)
// would lead them; test/playground/trace.kernel.test.ts compares the two.
//
// What it leaves out: fragments, multicast, multipath routes, what a namespace sends by itself (so
// also its answers to packets for it), translation of ports, IPv6 link-local destinations. A bridge
// or the parent of macvlans is taken to be up, and to have nothing in common with any other wire.
// What neighbours on a wire remember from before does not count: they ask anew. Of two links with
// addresses in one subnet, the one that comes first in the state has the route to it; the kernel's
// is the one that was there first, which a state that was read does not tell.

export { floatingIpPath } from './floating-ip-path.ts';
export type { FloatingIpQuery } from './floating-ip-path.ts';
export type { Packet, Place, Wire } from './packet.ts';
export type { Trace } from './result.ts';
export { formatTrace } from './text.ts';
export { answer, trace } from './trace.ts';
