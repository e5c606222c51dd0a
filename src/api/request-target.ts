import type { FastifyRequest } from 'fastify';
import { RequestError } from './request-error.ts';

/** Where devstack and some service catalogues put Neutron. Everything is there as well as at the root. */
const PREFIX = '/networking';

/** The target without the prefix. Fastify's `rewriteUrl`. */
export function withoutPrefix(url: string): string {
  if (!url.startsWith(PREFIX)) return url;
  const rest = url.slice(PREFIX.length);
  if (rest === '' || rest.startsWith('?')) return `/${rest}`;
  return rest.startsWith('/') ? rest : url;
}

const HOST = /^(?:[\w.-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?$/i;

/**
 * Throws a RequestError for a target that a client of good will does not send: another form than a path
 * (RFC 9112, 3.2.1), `.` and `..` as segments however they are written, empty segments, backslashes, control
 * characters, escapes that decode to no text; and for a Host header that is none, since links repeat it.
 */
export function checkTarget(request: FastifyRequest): void {
  const [path = '', query = ''] = request.originalUrl.split('?', 2);
  const decoded = decode(path);
  if (!path.startsWith('/') || /[\\\p{Cc}]/u.test(decoded) || path.includes('//')) throw malformed();
  if (decoded.split('/').some((segment) => segment === '.' || segment === '..')) throw malformed();
  decode(query);
  const { host } = request.headers;
  if (host !== undefined && !HOST.test(host)) throw new RequestError(400, 'The Host header is malformed.');
}

/**
 * Throws a RequestError unless the Host header names loopback. A web page from elsewhere can let its own name lead
 * to 127.0.0.1 (DNS rebinding) and would else talk to an open port in the name of whoever looks at it.
 */
export function checkLocalHost(request: FastifyRequest): void {
  const name = (request.headers.host ?? '').replace(/:\d+$/, '').toLowerCase();
  if (name === 'localhost' || name === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(name)) return;
  throw new RequestError(400, 'This port is for names of the loopback interface only.');
}

/** `http://HOST` and the prefix as this client wrote them: what links begin with. */
export function baseUrl(request: FastifyRequest): string {
  const prefix = request.originalUrl.startsWith(PREFIX) ? PREFIX : '';
  return `${request.protocol}://${request.headers.host ?? 'localhost'}${prefix}`;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw malformed();
  }
}

function malformed(): RequestError {
  return new RequestError(400, 'The request target is malformed.');
}
