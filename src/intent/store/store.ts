// OpenStack Networking v2.0 on SQLite. Every call is one transaction; what it changed is told to
// listeners, and to the Model, when it is in the log, and is on disk when `saved` resolves.

import type { DatabaseSync } from 'node:sqlite';
import type { Model, Router } from '../../model/model.ts';
import { formatAddress } from '../../model/address.ts';
import { BuoyError } from '../../errors.ts';
import { addressFromBytes } from './address-bytes.ts';
import { renameHost } from './agent-gateway.ts';
import { createFloatingIp, deleteFloatingIp, updateFloatingIp } from './floating-ips.ts';
import { list } from './list.ts';
import { ModelCache } from './model-cache.ts';
import type { Change, Collection, Listing, ListQuery, Networking, Page, Resource, Status } from './networking.ts';
import { NetworkingError } from './networking.ts';
import { createNetwork, deleteNetwork, updateNetwork } from './networks.ts';
import { LogSync } from './log-sync.ts';
import { storeError } from './open-file.ts';
import type { OpenFile, OpenLog } from './open-file.ts';
import { createPort, deletePort, updatePort } from './ports.ts';
import { countOf, deleteQuota, enforceQuota, quotaOf, quotaProjects, setQuota } from './quotas.ts';
import type { Quota } from './quotas.ts';
import { addInterface, removeInterface } from './router-interfaces.ts';
import { createRouter, deleteRouter, updateRouter } from './routers.ts';
import { changeRoutes } from './routes.ts';
import { resourcesOf } from './resource-text.ts';
import { Sql } from './sql.ts';
import { setRouterStatus } from './statuses.ts';
import { createSubnet, deleteSubnet, updateSubnet } from './subnets.ts';
import { setTags, tagsOf } from './tags.ts';
import { Transaction } from './transaction.ts';
import type { Settings } from './transaction.ts';
import { VIEWS } from './views.ts';
import { knows } from './withdrawn.ts';

type Plugs = ConstructorParameters<typeof ModelCache>[1];

/** Without a change, in milliseconds. */
const QUIET = 1000;

interface Operations {
  readonly create: (tx: Transaction, body: unknown) => string;
  readonly update: (tx: Transaction, id: string, body: unknown) => void;
  readonly delete: (tx: Transaction, id: string) => void;
}

const OPERATIONS: Readonly<Record<Collection, Operations>> = {
  networks: { create: createNetwork, update: updateNetwork, delete: deleteNetwork },
  subnets: { create: createSubnet, update: updateSubnet, delete: deleteSubnet },
  ports: { create: createPort, update: updatePort, delete: deletePort },
  routers: { create: createRouter, update: updateRouter, delete: deleteRouter },
  floatingips: { create: createFloatingIp, update: updateFloatingIp, delete: deleteFloatingIp },
};

export class Store implements Networking, Disposable {
  /** Whether this call made the file. */
  readonly isNew: boolean;
  readonly #path: string;
  readonly #database: DatabaseSync;
  readonly #log: OpenLog;
  readonly #logSync: LogSync;
  readonly #sql: Sql;
  readonly #settings: Settings;
  readonly #model: ModelCache;
  readonly #listeners = new Set<(change: Change) => void>();
  #quietTimer: NodeJS.Timeout | undefined;

  constructor(path: string, { database, log, isNew }: OpenFile, settings: Settings, plugs: Plugs) {
    this.isNew = isNew;
    this.#path = path;
    this.#database = database;
    this.#log = log;
    this.#logSync = new LogSync(log.sync);
    this.#settings = settings;
    database.function('format_address', { deterministic: true }, (bytes) =>
      bytes instanceof Uint8Array ? formatAddress(addressFromBytes(bytes)) : null,
    );
    database.exec(VIEWS);
    this.#sql = new Sql(database);
    this.#model = new ModelCache(this.#sql, plugs);
    this.#change(renameHost);
  }

  /** Whether there is no network and no router in it. */
  get isEmpty(): boolean {
    return !this.#sql.has('SELECT 1 FROM networks') && !this.#sql.has('SELECT 1 FROM routers');
  }

  list(collection: Collection, query: ListQuery): Page {
    return this.#read(() => {
      const { pieces, hasNext, hasPrevious } = list(this.#sql, collection, query, []);
      return { resources: resourcesOf([...pieces]), hasNext, hasPrevious };
    });
  }

  listing(collection: Collection, query: ListQuery, fields: readonly string[]): Listing {
    return this.#read(() => list(this.#sql, collection, query, fields));
  }

  count(collection: Collection, projectId: string): number {
    return this.#read(() => countOf(this.#transaction(), collection, projectId));
  }

  show(collection: Collection, id: string): Resource {
    return this.#read(() => this.#transaction().show(collection, id));
  }

  create(collection: Collection, bodies: readonly unknown[]): readonly Resource[] {
    return this.#change((tx) => {
      const ids = bodies.map((body) => OPERATIONS[collection].create(tx, body));
      enforceQuota(tx, collection, ids);
      return ids.map((id) => tx.show(collection, id));
    });
  }

  update(collection: Collection, id: string, body: unknown, ifMatch?: number): Resource {
    return this.#change((tx) => {
      tx.expectRevision(collection, id, ifMatch);
      OPERATIONS[collection].update(tx, id, body);
      return tx.show(collection, id);
    });
  }

  delete(collection: Collection, id: string, ifMatch?: number): void {
    this.#change((tx) => {
      tx.expectRevision(collection, id, ifMatch);
      OPERATIONS[collection].delete(tx, id);
    });
  }

  addRouterInterface(routerId: string, body: unknown): Readonly<Record<string, unknown>> {
    return this.#change((tx) => addInterface(tx, routerId, body));
  }

  removeRouterInterface(routerId: string, body: unknown): Readonly<Record<string, unknown>> {
    return this.#change((tx) => removeInterface(tx, routerId, body));
  }

  changeExtraRoutes(routerId: string, action: 'add' | 'remove', body: unknown): Resource {
    return this.#change((tx) => {
      tx.row('routers', routerId);
      changeRoutes(tx, routerId, action, body);
      return tx.show('routers', routerId);
    });
  }

  tags(collection: Collection, id: string): readonly string[] {
    return this.#read(() => tagsOf(this.#transaction(), collection, id));
  }

  setTags(collection: Collection, id: string, tags: readonly string[]): readonly string[] {
    return this.#change((tx) => {
      setTags(tx, collection, id, tags);
      return tagsOf(tx, collection, id);
    });
  }

  quota(projectId?: string): Quota {
    return this.#read(() => quotaOf(this.#transaction(), projectId));
  }

  quotaProjects(): readonly string[] {
    return this.#read(() => quotaProjects(this.#transaction()));
  }

  setQuota(projectId: string, body: unknown): Quota {
    return this.#change((tx) => {
      setQuota(tx, projectId, body);
      return quotaOf(tx, projectId);
    });
  }

  deleteQuota(projectId: string): void {
    this.#change((tx) => deleteQuota(tx, projectId));
  }

  knows(id: string): boolean {
    return this.#read(() => knows(this.#sql, id));
  }

  model(): Model {
    return this.#model.model();
  }

  onChange(listener: (change: Change) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  setRouterStatus(routerId: string, status: Status, router?: Router): void {
    const isCurrent = router === undefined || this.#model.isCurrent(router);
    setRouterStatus(this.#sql, routerId, status, { router, isCurrent });
  }

  async saved(): Promise<void> {
    try {
      await this.#logSync.saved();
    } catch (error) {
      throw this.#refusal(error);
    }
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#quietTimer);
    if (!this.#database.isOpen) return;
    this.#database.close();
    this.#log[Symbol.dispose]();
  }

  #transaction(): Transaction {
    return new Transaction(this.#sql, this.#settings);
  }

  #read<T>(run: () => T): T {
    try {
      return run();
    } catch (error) {
      throw this.#refusal(error);
    }
  }

  #change<T>(run: (tx: Transaction) => T): T {
    const tx = this.#transaction();
    const result = this.#read(() => this.#sql.transaction(() => run(tx)));
    this.#logSync.note();
    this.#checkpointWhenQuiet();
    this.#model.note(tx.changes);
    this.#tell(tx);
    return result;
  }

  /** Resources are read by who wants to see them: nothing that is done can seem to have failed for that. */
  #tell(tx: Transaction): void {
    const changes = tx.changes.resources;
    if (changes.length === 0) return;
    const resources = changes.map((change) => ({ ...change, resource: () => tx.find(change.collection, change.id) }));
    for (const listener of this.#listeners) listener({ resources });
  }

  /** Taking the log into the file takes some fsyncs on this thread, which no request should have to wait for. */
  #checkpointWhenQuiet(): void {
    this.#quietTimer ??= setTimeout(() => this.#checkpoint(), QUIET).unref();
    this.#quietTimer.refresh();
  }

  #checkpoint(): void {
    try {
      this.#sql.all('PRAGMA wal_checkpoint(PASSIVE)');
    } catch {
      // All is in the log still, and the next one has to do it.
    }
  }

  /** What SQLite refuses is no fault of the request. */
  #refusal(error: unknown): unknown {
    const known = error instanceof NetworkingError ? error : storeError(error, this.#path);
    if (!(known instanceof BuoyError) || known.code === 'BUOY_INTERNAL') return known;
    return new NetworkingError(503, 'ServiceUnavailable', `${known.code}: ${known.message}`, { cause: known });
  }
}
