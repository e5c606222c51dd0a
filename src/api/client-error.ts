import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';
import { http } from '../sys/http.ts';
import { RequestError } from './request-error.ts';

/** Answers what was no HTTP, too long, or too slow, before there is a request that Fastify could answer. */
export function answerClientError(error: Error & { readonly code?: string }, socket: Socket): void {
  // Whoever reset the connection or failed in the TLS handshake is not there to be told.
  if (!isHttp(error) || socket.destroyed || !socket.writable) {
    socket.destroy(error);
    return;
  }
  const { status, body } = refusalOf(error.code);
  const text = JSON.stringify(body);
  const head = [
    `HTTP/1.1 ${status} ${http.STATUS_CODES[status]}`,
    'Content-Type: application/json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(text)}`,
    `X-Openstack-Request-Id: req-${randomUUID()}`,
    'Connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${text}`);
}

function isHttp(error: Error & { readonly code?: string }): boolean {
  return error.code?.startsWith('HPE_') === true || error.code === 'ERR_HTTP_REQUEST_TIMEOUT';
}

function refusalOf(code: string | undefined): RequestError {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return new RequestError(408, 'The request did not come in time.');
  if (code === 'HPE_HEADER_OVERFLOW') return new RequestError(431, 'The headers are too large.');
  return new RequestError(400, 'The request is not valid HTTP.');
}
