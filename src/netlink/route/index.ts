export type { KernelLink, LinkChange, NewLink } from './link.ts';
export {
  changeLink,
  createBridge,
  createMacvlan,
  createVeth,
  deleteLink,
  readLinkOf,
  readLinks,
  settleLink,
} from './link.ts';
export { addAddress, deleteAddress, readAddresses } from './address.ts';
export type { KernelRoute } from './route.ts';
export { deleteRoute, readRoutes, setRoute } from './route.ts';
export { addRule, deleteRule, isDefaultRule, readRules } from './rule.ts';
export { deleteNeighbour, readNeighbours, setNeighbour } from './neighbour.ts';
export type { RouteEvent } from './event.ts';
export { readRouteEvent, ROUTE_GROUPS } from './event.ts';
export { giveNamespaceId, readNamespaceId } from './namespace-id.ts';
