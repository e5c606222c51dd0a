// A client of the agent on its unix socket, with connections that are kept.

import type { ClientRequest, IncomingMessage } from 'node:http';
import { Agent, request } from 'node:http';
import { createInterface } from 'node:readline';
import { z } from 'zod';

export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** An event of /v1/events, and when it was heard, on the clock of `performance.now()`. */
export interface Heard {
  readonly kind: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly at: number;
}

const EVENT_DATA = z.record(z.string(), z.unknown());

export class Client {
  readonly #socketPath: string;
  readonly #connections = new Agent({ keepAlive: true, maxSockets: 64 });

  constructor(socketPath: string) {
    this.#socketPath = socketPath;
  }

  async call(method: string, path: string, body?: object): Promise<Answer> {
    const sent = request({
      socketPath: this.#socketPath,
      agent: this.#connections,
      method,
      path,
      headers: { host: 'agent', ...(body !== undefined && { 'content-type': 'application/json' }) },
    });
    sent.end(body === undefined ? undefined : JSON.stringify(body));
    const answer = await answerTo(sent);
    answer.setEncoding('utf8');
    const text = (await answer.toArray()).join('');
    const isJson = answer.headers['content-type']?.includes('json') === true;
    return { status: answer.statusCode ?? 0, body: isJson ? JSON.parse(text) : text };
  }

  /** Calls back for every event of a kind until the agent ends. Resolves when it listens. */
  async hear(kind: string, listener: (event: Heard) => void): Promise<void> {
    const sent = request({ socketPath: this.#socketPath, path: `/v1/events?kind=${kind}`, headers: { host: 'agent' } });
    sent.end();
    const answer = await answerTo(sent);
    createInterface(answer).on('line', (line) => {
      if (line.startsWith('data:'))
        listener({ kind, data: EVENT_DATA.parse(JSON.parse(line.slice(5))), at: performance.now() });
    });
    answer.on('error', () => undefined);
  }

  close(): void {
    this.#connections.destroy();
  }
}

function answerTo(sent: ClientRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => sent.once('response', resolve).once('error', reject));
}
