// The main thread's side of the namespace worker: asks it to enter namespaces, and owns what it
// opens there.

import { Worker } from 'node:worker_threads';
import { BuoyError } from '../../errors.ts';
import type { NamespaceName } from '../../model/names.ts';
import { Descriptor, O } from '../../sys/descriptor.ts';
import { SystemError } from '../../sys/system-error.ts';
import { NetlinkSocket } from '../../netlink/socket.ts';
import { drawOwnPorts } from './own-ports.ts';
import type { Reply, Request, WorkerData, WorkerSettings } from './namespace-protocol.ts';

/** A namespace opened for work from any thread. */
export class OpenNamespace implements Disposable {
  readonly name: NamespaceName;
  /** Made for us just now: it carries our mark, and nobody has put a link into it. */
  readonly isNew: boolean;
  readonly descriptor: Descriptor;
  readonly route: NetlinkSocket;
  readonly netfilter: NetlinkSocket;
  readonly #sysctls: { readonly ipv4: Descriptor; readonly ipv6: Descriptor } | undefined;

  constructor({ namespace: name, kind }: Request, reply: Reply & { ok: true }) {
    const { descriptors } = reply;
    if (descriptors === undefined)
      throw new BuoyError('BUOY_INTERNAL', `namespace ${name} was opened without descriptors`);
    this.name = name;
    this.isNew = kind === 'create';
    this.descriptor = new Descriptor(descriptors.namespace);
    this.route = new NetlinkSocket(new Descriptor(descriptors.route));
    this.netfilter = new NetlinkSocket(new Descriptor(descriptors.netfilter));
    const { sysctls } = descriptors;
    this.#sysctls = sysctls && { ipv4: new Descriptor(sysctls.ipv4), ipv6: new Descriptor(sysctls.ipv6) };
  }

  /** The directories `net.ipv4` and `net.ipv6` of its sysctls. Throws if it was opened without them. */
  get sysctls(): { readonly ipv4: Descriptor; readonly ipv6: Descriptor } {
    if (this.#sysctls === undefined)
      throw new BuoyError('BUOY_INTERNAL', `namespace ${this.name} was opened without its sysctls`);
    return this.#sysctls;
  }

  /** Closes it without waiting until all that was deleted in nftables here is disposed of, as the kernel does (nft_rcv_nl_event() in net/netfilter/nf_tables_api.c). */
  closeAside(): void {
    this.netfilter.closeAside();
    this[Symbol.dispose]();
  }

  [Symbol.dispose](): void {
    for (const owned of [this.descriptor, this.route, this.netfilter, this.#sysctls?.ipv4, this.#sysctls?.ipv6])
      owned?.[Symbol.dispose]();
  }
}

/** It keeps nothing between requests. */
const WORKER_MEMORY = { maxYoungGenerationSizeMb: 2, maxOldGenerationSizeMb: 64 };

/** A worker begins in the namespace of the thread that starts it. */
const HOME = '/proc/thread-self/ns/net';

/** Client of one namespace worker. Requests are answered in order. */
export class Namespaces implements AsyncDisposable {
  readonly #worker: Worker;
  /** What the worker finds its way with. Not its own, since a worker that ends leaves its descriptors open. */
  readonly #ways: Disposable;
  readonly #waiting: PromiseWithResolvers<readonly Reply[]>[] = [];
  /** The upper half of the ports of all netlink sockets that it opens. */
  readonly ownPorts = drawOwnPorts();
  /** Told of each namespace that is made, before anything else is done in it. */
  onMade: ((made: OpenNamespace) => void) | undefined;
  #failure: Error | undefined;

  /** Throws SystemError when there is no such host. */
  constructor(settings: WorkerSettings) {
    using opened = new DisposableStack();
    const workerData: WorkerData = {
      settings,
      home: opened.use(Descriptor.open(HOME, O.RDONLY)).number,
      host: opened.use(Descriptor.open(settings.host, O.RDONLY)).number,
      ownPorts: this.ownPorts,
    };
    // Run as TypeScript in development and as JavaScript once built.
    const file = import.meta.url.endsWith('.ts') ? './namespace-worker.ts' : './namespace-worker.js';
    this.#worker = new Worker(new URL(file, import.meta.url), { workerData, resourceLimits: WORKER_MEMORY });
    this.#ways = opened.move();
    this.#worker.unref();
    this.#worker.on('message', (replies: readonly Reply[]) => {
      const waiting = this.#waiting.shift();
      if (this.#waiting.length === 0) this.#worker.unref();
      waiting?.resolve(replies);
    });
    this.#worker.on('error', (error) => this.#fail(error instanceof Error ? error : new Error(String(error))));
    this.#worker.on('exit', () => this.#fail(new Error('the namespace worker has ended')));
  }

  /** Opens namespaces, with sysctls those of which it is said; in place of one that cannot be entered (gone, or no namespace) stands its SystemError. */
  async open(
    names: readonly NamespaceName[],
    hasSysctls: (name: NamespaceName) => boolean = () => false,
  ): Promise<(OpenNamespace | SystemError)[]> {
    return this.#openAll(names.map((namespace) => ({ kind: 'open', namespace, hasSysctls: hasSysctls(namespace) })));
  }

  /** Makes namespaces that carry `mark`; in place of one that cannot be made stands its SystemError. */
  async create(names: readonly NamespaceName[], mark: string): Promise<(OpenNamespace | SystemError)[]> {
    const made = await this.#openAll(names.map((namespace) => ({ kind: 'create', namespace, mark })));
    for (const namespace of made) if (namespace instanceof OpenNamespace) this.onMade?.(namespace);
    return made;
  }

  /** Opens a socket (socket(2)) in a namespace. Throws SystemError. */
  async socket(namespace: NamespaceName, domain: number, type: number, protocol: number): Promise<Descriptor> {
    const [reply] = await this.#ask([{ kind: 'socket', namespace, domain, type, protocol }]);
    if (reply?.ok !== true) throw new SystemError(reply?.call ?? 'socket', reply?.errno ?? 0);
    return new Descriptor(reply.socket);
  }

  /** Opens a netlink socket in each namespace; in place of one that cannot be entered stands its SystemError. */
  async netlinkSockets(names: readonly NamespaceName[], protocol: number): Promise<(NetlinkSocket | SystemError)[]> {
    if (names.length === 0) return [];
    const replies = await this.#ask(names.map((namespace) => ({ kind: 'netlink', namespace, protocol })));
    return replies.map((reply) =>
      reply.ok ? new NetlinkSocket(new Descriptor(reply.socket)) : new SystemError(reply.call, reply.errno),
    );
  }

  async #openAll(requests: readonly Request[]): Promise<(OpenNamespace | SystemError)[]> {
    if (requests.length === 0) return [];
    const replies = await this.#ask(requests);
    return requests.map((request, index) => {
      const reply = replies[index];
      return reply?.ok === true
        ? new OpenNamespace(request, reply)
        : new SystemError(reply?.call ?? 'open', reply?.errno ?? 0);
    });
  }

  async #ask(requests: readonly Request[]): Promise<readonly Reply[]> {
    if (this.#failure !== undefined) throw this.#failure;
    const waiting = Promise.withResolvers<readonly Reply[]>();
    this.#waiting.push(waiting);
    // A worker keeps the process alive only while an answer is awaited.
    this.#worker.ref();
    this.#worker.postMessage(requests);
    return waiting.promise;
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    for (const waiting of this.#waiting.splice(0)) waiting.reject(this.#failure);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#worker.terminate();
    this.#ways[Symbol.dispose]();
  }
}
