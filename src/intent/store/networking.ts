// OpenStack Networking v2.0 as operations on the store: what the HTTP room offers, without HTTP. Names of
// collections, attributes and error types, and status codes, are those of Neutron (docs.openstack.org/api-ref/network/v2).

import type { Model, Router } from '../../model/model.ts';

export type Collection = 'networks' | 'subnets' | 'ports' | 'routers' | 'floatingips';

/** A resource as the API shows it, with all of its attributes. */
export type Resource = Readonly<Record<string, unknown>> & { readonly id: string };

export interface ListQuery {
  /** Values under the names of attributes (`fixed_ips` as `ip_address=…`, `tags`, `tags-any`, `not-tags`, …): any of them does. */
  readonly filters: ReadonlyMap<string, readonly string[]>;
  /** Attributes to sort by, first to last; `id` is the last of all. */
  readonly sort: readonly { readonly key: string; readonly direction: 'asc' | 'desc' }[];
  readonly limit: number | undefined;
  /** The id of the resource before the first (with `isReverse`: after the last) of the page. */
  readonly marker: string | undefined;
  readonly isReverse: boolean;
}

/** A list that is read as it is used, so that whoever answers with a long one can let others have their turn meanwhile. */
export interface Listing {
  /** Of those that were there when it was asked for, in their order. */
  readonly ids: readonly string[];
  /**
   * To be gone through once: members of a JSON array, some hundreds at a time with commas between, each as it is when it is its
   * turn. What was deleted before that is not among them.
   */
  readonly pieces: Iterable<string>;
  readonly hasNext: boolean;
  readonly hasPrevious: boolean;
}

export interface Page {
  readonly resources: readonly Resource[];
  readonly hasNext: boolean;
  readonly hasPrevious: boolean;
}

/** What became of an intent on this host. */
export interface Status {
  readonly status: 'ACTIVE' | 'DOWN' | 'ERROR';
  /** Of an ERROR: the code of the catalogue and its sentence. */
  readonly error?: { readonly code: string; readonly message: string };
}

/**
 * Every method is one transaction, done when it returns; throws NetworkingError, and then nothing has changed. It outlasts the
 * process then, and a power cut when `saved` has resolved, which whoever acknowledges a change has to wait for.
 */
export interface Networking {
  /** All at once. */
  list(collection: Collection, query: ListQuery): Page;
  /** `fields`: the attributes to show; none: all. */
  listing(collection: Collection, query: ListQuery, fields: readonly string[]): Listing;
  /** How many there are of a project. */
  count(collection: Collection, projectId: string): number;
  show(collection: Collection, id: string): Resource;
  /** All of them or none. */
  create(collection: Collection, bodies: readonly unknown[]): readonly Resource[];
  /** `ifMatch`: the revision number that the resource must have, else 412 RevisionNumberConstraintFailed. */
  update(collection: Collection, id: string, body: unknown, ifMatch?: number): Resource;
  delete(collection: Collection, id: string, ifMatch?: number): void;
  addRouterInterface(routerId: string, body: unknown): Readonly<Record<string, unknown>>;
  removeRouterInterface(routerId: string, body: unknown): Readonly<Record<string, unknown>>;
  /** The extraroute-atomic extension: `add_extraroutes` and `remove_extraroutes`. */
  changeExtraRoutes(routerId: string, action: 'add' | 'remove', body: unknown): Resource;
  tags(collection: Collection, id: string): readonly string[];
  setTags(collection: Collection, id: string, tags: readonly string[]): readonly string[];
  /** Without a project: what one has that has set none. */
  quota(projectId?: string): Readonly<Record<string, number>>;
  /** Projects that have set a quota. */
  quotaProjects(): readonly string[];
  setQuota(projectId: string, body: unknown): Readonly<Record<string, number>>;
  deleteQuota(projectId: string): void;
  /**
   * Whether a router or a network with that id is there, or was: of routers that were deleted, and external networks that their last
   * router has left, the last thousand are known.
   */
  knows(id: string): boolean;
  /** What the host is to be. Routers and networks that have not changed are the same objects as in the Model before. */
  model(): Model;
  /** Resolves when all changes up to now are on disk. Rejects with a NetworkingError 503. */
  saved(): Promise<void>;
  /** Tells of every transaction that changed the store, when it is done; a listener may not throw. Answers how to stop it. */
  onChange(listener: (change: Change) => void): () => void;
  /**
   * Called by the agent; not stored: a host's state is not intent. `router` is the one of the Model that was applied. If it is to be
   * another by now, the router's ACTIVE has to wait for the next call. A router's status is that of its floating IPs, too: of
   * those that `router` has. Others that came since stay DOWN until the next call.
   */
  setRouterStatus(routerId: string, status: Status, router?: Router): void;
}

/** What a transaction changed. */
export interface Change {
  readonly resources: readonly {
    readonly collection: Collection;
    readonly id: string;
    readonly action: 'create' | 'update' | 'delete';
    /** As it is now; undefined when it is gone. It is made for those who ask only. */
    readonly resource: () => Resource | undefined;
  }[];
}

/**
 * What a request is refused for, in Neutron's words: `{"NeutronError": {"type": …, "message": …, "detail": ""}}`.
 * 503 is for what is no fault of the request: the store cannot be written; `cause` is the BuoyError.
 */
export class NetworkingError extends Error {
  override readonly name = 'NetworkingError';
  readonly status: 400 | 404 | 409 | 412 | 503;
  /** Neutron's name of the exception: `NetworkNotFound`, `IpAddressGenerationFailure`, … */
  readonly type: string;

  constructor(status: NetworkingError['status'], type: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.status = status;
    this.type = type;
  }
}
