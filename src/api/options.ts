import type { FastifyBaseLogger } from 'fastify';
import type { Registry } from 'prom-client';
import type { Networking } from '../intent/store/index.ts';
import type { AgentView } from './agent-view.ts';

/** A unix socket: who may open it may do everything. */
export interface UnixListener {
  readonly kind: 'unix';
  readonly path: string;
  /** The id of a group whose members may connect, too (mode 0660); without it the owner alone (0600). */
  readonly group?: number;
}

/** A TCP port. With TLS and tokens anywhere; without one of them on loopback only, and only with `isOpen`. */
export interface TcpListener {
  readonly kind: 'tcp';
  /** An IP address of this host, not a name. */
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  readonly tls?: { readonly certificateFile: string; readonly keyFile: string };
  readonly tokenFile?: string;
  /** The explicit word that everybody who reaches a loopback address may do without TLS or without a token. */
  readonly isOpen?: boolean;
}

export type Listener = UnixListener | TcpListener;

/** Bounds of what clients can take. Times in milliseconds. */
export interface Limits {
  /** Of each listener, so that a flood on TCP leaves the unix socket free. More are closed as they come. */
  readonly connections: number;
  /** Until all headers of a request are there; also for a connection that says nothing at all. */
  readonly headersTimeout: number;
  /** Until the whole request is there. */
  readonly requestTimeout: number;
  /** Without a byte in either direction. */
  readonly idleTimeout: number;
  readonly headerBytes: number;
  readonly bodyBytes: number;
  /** How deep objects and arrays of a body may nest. */
  readonly bodyDepth: number;
  /** Requests of one client (a token or, without, an address) a second, lasting; ten times as many at once. TCP only. */
  readonly requestsPerSecond: number;
  /** Failed authentications of one address a second, lasting; ten times as many at once. */
  readonly failuresPerSecond: number;
  readonly eventStreams: number;
  /** What may wait for one reader of events before it is dropped, in bytes. */
  readonly eventBacklogBytes: number;
  /** Requests under way get this long to finish when the agent stops; much less than the agent itself gets (src/agent/listener-life.ts). */
  readonly stopTimeout: number;
}

export const DEFAULT_LIMITS: Limits = {
  connections: 1024,
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  idleTimeout: 60_000,
  headerBytes: 16 * 1024,
  bodyBytes: 1024 * 1024,
  bodyDepth: 16,
  requestsPerSecond: 200,
  failuresPerSecond: 1,
  eventStreams: 64,
  eventBacklogBytes: 8 * 1024 * 1024,
  stopTimeout: 5000,
};

export interface ApiOptions {
  readonly networking: Networking;
  readonly agent: AgentView;
  /** Where the metrics of requests go, and what `GET /metrics` prints. One API a registry. */
  readonly registry: Registry;
  /** A pino logger. What becomes of requests goes there, each with the id that its answer has. */
  readonly logger: FastifyBaseLogger;
  /** At least one. */
  readonly listeners: readonly Listener[];
  readonly limits?: Partial<Limits>;
}
