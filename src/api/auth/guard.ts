import type { FastifyRequest } from 'fastify';
import type { Limits } from '../options.ts';
import { RequestError } from '../request-error.ts';
import { clientOf } from './client-address.ts';
import { findToken } from './token.ts';
import type { TokenRecord } from './token.ts';
import { TokenBuckets } from './token-bucket.ts';

/** Who may ask, at one listener. */
export interface Guard {
  /** Throws a RequestError (401, 403, 429) for a request that may not be; answers the name of who asks. */
  admit(request: FastifyRequest): string;
}

/** For a unix socket: whom its mode lets in may do everything, as often as they like. */
export const openGuard: Guard = { admit: () => 'unix' };

/** For an open port on loopback: everybody on this host, at the rate of the limits. */
export function rateGuard(limits: Limits): Guard {
  const requests = new TokenBuckets(limits.requestsPerSecond);
  return {
    admit(request) {
      const client = clientOf(request.socket.remoteAddress);
      refuseIfTooMany(requests.take(client), 'Too many requests.');
      return client;
    },
  };
}

/** For a port with tokens, those that `tokens` answers at the time of a request. */
export function tokenGuard(tokens: () => readonly TokenRecord[], limits: Limits): Guard {
  const requests = new TokenBuckets(limits.requestsPerSecond);
  const failures = new TokenBuckets(limits.failuresPerSecond);
  return {
    admit(request) {
      const client = clientOf(request.socket.remoteAddress);
      if (request.routeOptions.config.needsNoToken === true) {
        refuseIfTooMany(requests.take(client), 'Too many requests.');
        return client;
      }
      const presented = tokenOf(request);
      const record = presented === undefined ? undefined : findToken(tokens(), presented);
      if (record === undefined) {
        // A right token is let in whatever others fail at behind the same address: what is limited here is the
        // noise, since a token of 256 bits is not found by trying.
        refuseIfTooMany(failures.take(client), 'Too many failed authentications.');
        throw new RequestError(401, 'The request you have made requires authentication.', {
          'WWW-Authenticate': 'Bearer realm="buoy"',
        });
      }
      refuseIfTooMany(requests.take(`token ${record.name}`), 'Too many requests.');
      if (record.scope === 'read' && !isReading(request.method))
        throw new RequestError(403, 'The token is for reading only.');
      return record.name;
    },
  };
}

function refuseIfTooMany(seconds: number, message: string): void {
  if (seconds > 0) throw new RequestError(429, message, { 'Retry-After': String(seconds) });
}

function isReading(method: string): boolean {
  return method === 'GET' || method === 'HEAD' || method === 'OPTIONS';
}

/** `X-Auth-Token`, as clients of OpenStack send it, or else `Authorization: Bearer`. */
function tokenOf(request: FastifyRequest): string | undefined {
  const header = request.headers['x-auth-token'];
  if (typeof header === 'string') return header;
  return /^Bearer +(?<token>[\w.~+/=-]+)$/i.exec(request.headers.authorization ?? '')?.groups?.['token'];
}
