// A client of the agent's API, on its unix socket.

import type { IncomingMessage } from 'node:http';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { BuoyError } from '../../errors.ts';
import { http } from '../../sys/http.ts';

export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

export interface Answer {
  readonly status: number;
  readonly text: string;
  /** From the request to the end of the answer. */
  readonly milliseconds: number;
}

/** A line of `GET /v1/events`. */
export interface StreamedEvent {
  readonly kind: string;
  readonly data: Readonly<Record<string, unknown>>;
  /** When it came, by `performance.now()`. */
  readonly at: number;
}

const eventData = z.record(z.string(), z.unknown());

export class ApiClient {
  readonly #socketPath: string;

  constructor(socketPath: string) {
    this.#socketPath = socketPath;
  }

  /** Rejects with what the connection fails with. */
  async ask(method: Method, path: string, body?: unknown): Promise<Answer> {
    const start = performance.now();
    const response = await this.#send(method, path, body);
    const parts: string[] = [];
    response.setEncoding('utf8');
    for await (const part of response) parts.push(String(part));
    return { status: response.statusCode ?? 0, text: parts.join(''), milliseconds: performance.now() - start };
  }

  /** Has the listener told of all events from now on, until this is disposed or the agent ends. */
  async events(listener: (event: StreamedEvent) => void): Promise<Disposable> {
    const response = await this.#send('GET', '/v1/events');
    if (response.statusCode !== 200)
      throw new BuoyError('BUOY_INTERNAL', `the agent refuses to tell its events: ${response.statusCode}`);
    let kind = '';
    const lines = createInterface(response);
    lines.on('line', (line) => {
      if (line.startsWith('event: ')) kind = line.slice('event: '.length);
      if (line.startsWith('data: '))
        listener({ kind, data: eventData.parse(JSON.parse(line.slice('data: '.length))), at: performance.now() });
    });
    // The agent may end before its readers do; readline passes the error on.
    lines.on('error', () => undefined);
    response.on('error', () => undefined);
    return { [Symbol.dispose]: () => void response.destroy() };
  }

  #send(method: Method, path: string, body?: unknown): Promise<IncomingMessage> {
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    const content = body === undefined ? undefined : JSON.stringify(body);
    const headers = content === undefined ? {} : { 'Content-Type': 'application/json' };
    http
      .request({ socketPath: this.#socketPath, method, path, headers, agent: false })
      .once('error', reject)
      .once('response', resolve)
      .end(content);
    return promise;
  }
}
