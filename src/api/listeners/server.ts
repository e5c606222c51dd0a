import type { Server, ServerOptions } from 'node:http';
import type { Server as TlsServer } from 'node:https';
import type { FastifyServerFactoryHandler } from 'fastify';
import { http, httpsModule } from '../../sys/http.ts';
import type { Limits } from '../options.ts';
import type { Certificate } from './certificate.ts';

/** How often connections are looked at that are too slow, at least. */
const MOST_BETWEEN_CHECKS = 5000;

/** An HTTP/1.1 server with the limits; with TLS 1.2 or later where there is a certificate. */
export function createServer(
  handler: FastifyServerFactoryHandler,
  limits: Limits,
  certificate: Certificate | undefined,
): Server | TlsServer {
  const options: ServerOptions = {
    maxHeaderSize: limits.headerBytes,
    headersTimeout: limits.headersTimeout,
    requestTimeout: limits.requestTimeout,
    connectionsCheckingInterval: Math.min(MOST_BETWEEN_CHECKS, limits.headersTimeout),
    keepAliveTimeout: limits.idleTimeout,
    insecureHTTPParser: false,
    requireHostHeader: true,
    noDelay: true,
  };
  const server =
    certificate === undefined
      ? http.createServer(options, handler)
      : httpsModule().createServer(
          { ...options, ...certificate, minVersion: 'TLSv1.2', handshakeTimeout: limits.headersTimeout },
          handler,
        );
  server.maxConnections = limits.connections;
  // Without a byte in either direction; a reader that lets an answer lie is gone after it, too.
  server.setTimeout(limits.idleTimeout);
  return server;
}
