// A client of the API without any wit of its own: requests as they are said, answers as they came.

import { request } from 'node:http';
import type { IncomingHttpHeaders, RequestOptions } from 'node:http';
import { request as requestTls } from 'node:https';
import { connect } from 'node:net';
import type { Socket } from 'node:net';

/** The path of a socket, or a URL. With TLS, the certificate that is trusted. */
export interface Target {
  readonly address: string;
  readonly ca?: string;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** The body, if it is JSON. */
  readonly body: unknown;
}

export interface Question {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** One request on a connection of its own. */
export function ask(target: Target, method: string, path: string, { body, headers }: Question = {}): Promise<Answer> {
  const content = body === undefined ? undefined : JSON.stringify(body);
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const options: RequestOptions = {
    method,
    path,
    agent: false,
    headers: {
      ...(content === undefined
        ? {}
        : { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(content) }),
      ...headers,
    },
  };
  const sent = target.address.startsWith('https:')
    ? requestTls(target.address, { ...options, ca: target.ca })
    : target.address.startsWith('http:')
      ? request(target.address, options)
      : request({ ...options, socketPath: target.address });
  sent.once('error', reject);
  sent.once('response', (response) => {
    const parts: Buffer[] = [];
    response.on('data', (part: Buffer) => parts.push(part));
    response.once('error', reject);
    response.once('end', () => {
      const text = Buffer.concat(parts).toString();
      const isJson = response.headers['content-type']?.startsWith('application/json') === true && text !== '';
      const parsed: unknown = isJson ? JSON.parse(text) : undefined;
      resolve({ status: response.statusCode ?? 0, headers: response.headers, text, body: parsed });
    });
  });
  sent.end(content);
  return promise;
}

/** Everything that is answered to these bytes until the other end closes the connection. */
export function askRaw(path: string, bytes: string): Promise<string> {
  const socket = connect(path);
  socket.write(bytes);
  return untilClosed(socket);
}

/** What comes on a connection until it is closed, in whatever way. */
export function untilClosed(socket: Socket): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  const parts: Buffer[] = [];
  socket.on('data', (part: Buffer) => parts.push(part));
  socket.on('error', () => undefined);
  socket.once('close', () => resolve(Buffer.concat(parts).toString()));
  return promise;
}
