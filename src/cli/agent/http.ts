// Requests to the agent over its unix socket or a port, and what comes back, within bounds of time and size.

import type { Agent, IncomingMessage } from 'node:http';
import type { RequestOptions } from 'node:https';
import { BuoyError } from '../../errors.ts';
import { http, httpsModule } from '../../sys/http.ts';
import type { Endpoint } from './endpoint.ts';
import { endpointText } from './endpoint.ts';

export interface Request {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** With the query: `/v2.0/networks?name=public`. */
  readonly path: string;
  /** Sent as JSON. */
  readonly body?: unknown;
  readonly signal?: AbortSignal;
}

export interface Answer {
  readonly status: number;
  readonly body: string;
}

/** Milliseconds from a request to the whole of its answer. */
const ANSWER_TIMEOUT = 30_000;
/** Milliseconds between two pieces of a stream; the agent writes something every 15 s. */
const STREAM_TIMEOUT = 45_000;
/** All resources of a large host are a few MiB. */
const LARGEST_ANSWER = 256 << 20;
const CONNECTIONS = 8;

export class HttpConnection implements Disposable {
  readonly #endpoint: Endpoint;
  readonly #pool: Agent;
  readonly #answerTimeout: number;

  constructor(endpoint: Endpoint, answerTimeout: number = ANSWER_TIMEOUT) {
    this.#endpoint = endpoint;
    this.#answerTimeout = answerTimeout;
    const options = { keepAlive: true, maxSockets: CONNECTIONS };
    this.#pool = isEncrypted(endpoint) ? new (httpsModule().Agent)(options) : new http.Agent(options);
  }

  /** Throws BUOY_AGENT_UNREACHABLE; and whatever a signal is aborted with. */
  async request(request: Request): Promise<Answer> {
    const timeout = AbortSignal.timeout(this.#answerTimeout);
    const signal = request.signal === undefined ? timeout : AbortSignal.any([timeout, request.signal]);
    try {
      const response = await this.#send(request, signal);
      return { status: response.statusCode ?? 0, body: await wholeText(response) };
    } catch (error) {
      request.signal?.throwIfAborted();
      throw this.#unreachable(error);
    }
  }

  /**
   * The pieces of an answer that goes on, once its headers are there. It ends when the agent ends it, and throws
   * BUOY_AGENT_UNREACHABLE when nothing comes for longer than an agent is silent.
   */
  async stream(request: Request): Promise<{ readonly status: number; readonly pieces: AsyncIterable<string> }> {
    try {
      const response = await this.#send(request, request.signal);
      response.setEncoding('utf8');
      response.setTimeout(STREAM_TIMEOUT, () => response.destroy(new Error('nothing has come for too long')));
      return { status: response.statusCode ?? 0, pieces: this.#pieces(response, request.signal) };
    } catch (error) {
      request.signal?.throwIfAborted();
      throw this.#unreachable(error);
    }
  }

  async *#pieces(response: IncomingMessage, signal: AbortSignal | undefined): AsyncGenerator<string> {
    try {
      for await (const piece of response) yield String(piece);
    } catch (error) {
      signal?.throwIfAborted();
      throw this.#unreachable(error);
    }
  }

  #send({ method, path, body }: Request, signal: AbortSignal | undefined): Promise<IncomingMessage> {
    const endpoint = this.#endpoint;
    const text = body === undefined ? undefined : JSON.stringify(body);
    const options: RequestOptions = {
      method,
      agent: this.#pool,
      headers: {
        accept: 'application/json',
        ...(text !== undefined && { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }),
        ...(endpoint.kind === 'tcp' && endpoint.token !== undefined && { authorization: `Bearer ${endpoint.token}` }),
      },
      ...(signal !== undefined && { signal }),
    };
    return new Promise((resolve, reject) => {
      const request =
        endpoint.kind === 'unix'
          ? http.request({ ...options, socketPath: endpoint.path, path })
          : (isEncrypted(endpoint) ? httpsModule() : http).request(urlOf(endpoint.url, path), options);
      request.once('response', resolve).once('error', reject).end(text);
    });
  }

  #unreachable(error: unknown): BuoyError {
    const where = endpointText(this.#endpoint);
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT') return unreachable(`no agent listens on ${where}: there is no such socket`, error);
    if (code === 'ECONNREFUSED') return unreachable(`no agent listens on ${where}`, error);
    if (code === 'EACCES')
      return unreachable(
        `you may not open ${where}`,
        error,
        'Run the same command as root, with sudo, or as a member of the group in the configuration of the agent.',
      );
    const isLate = error instanceof Error && (error.name === 'TimeoutError' || error.name === 'AbortError');
    if (isLate) return unreachable(`the agent on ${where} does not answer`, error);
    return unreachable(`the agent on ${where} cannot be asked: ${messageOf(error)}`, error);
  }

  [Symbol.dispose](): void {
    this.#pool.destroy();
  }
}

function unreachable(message: string, cause: unknown, remedy?: string): BuoyError {
  return new BuoyError('BUOY_AGENT_UNREACHABLE', message, { cause, ...(remedy !== undefined && { remedy }) });
}

function isEncrypted(endpoint: Endpoint): boolean {
  return endpoint.kind === 'tcp' && endpoint.url.protocol === 'https:';
}

/** The agent may be behind a path of a URL: `https://gateway/buoy`. */
function urlOf(base: URL, path: string): URL {
  return new URL(`${base.href.replace(/\/$/, '')}${path}`);
}

async function wholeText(response: IncomingMessage): Promise<string> {
  const pieces: string[] = [];
  let size = 0;
  response.setEncoding('utf8');
  for await (const piece of response) {
    const text = String(piece);
    size += text.length;
    if (size > LARGEST_ANSWER) throw new Error('the answer is larger than any that an agent gives');
    pieces.push(text);
  }
  return pieces.join('');
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
