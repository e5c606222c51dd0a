// `GET /v1/events`: Server-Sent Events (https://html.spec.whatwg.org/multipage/server-sent-events.html).

import { Readable } from 'node:stream';
import type { Change, Networking } from '../intent/store/index.ts';
import type { AgentEvent, AgentView } from './agent-view.ts';
import type { Counters } from './metrics.ts';
import type { Limits } from './options.ts';
import { RequestError } from './request-error.ts';

/** Comments that keep proxies and the idle timeout from ending a stream in which nothing happens; in milliseconds. */
const HEARTBEAT = 15_000;

interface Reader {
  readonly stream: Readable;
  /** The kinds that it asked for; none: all. */
  readonly kinds: ReadonlySet<string>;
}

/** Passes events on to all readers, and drops those that read too slowly. An event is made into text once, however many read. */
export class EventStreams {
  readonly #limits: Limits;
  readonly #counters: Counters;
  readonly #readers = new Set<Reader>();
  readonly #stopListening: readonly (() => void)[];
  readonly #heartbeat: NodeJS.Timeout;
  #lastId = 0;
  #isClosed = false;

  constructor(agent: AgentView, networking: Networking, limits: Limits, counters: Counters) {
    this.#limits = limits;
    this.#counters = counters;
    this.#stopListening = [
      agent.onEvent((event) => this.#tell(event)),
      networking.onChange((change) => this.#tellOfIntent(change)),
    ];
    this.#heartbeat = setInterval(() => this.#toAll(': still here\n\n'), HEARTBEAT).unref();
  }

  /** The text of all events from now on. Throws a RequestError 503 when there are as many readers as there may be. */
  open(kinds: ReadonlySet<string>): Readable {
    if (this.#isClosed) throw new RequestError(503, 'The agent is stopping.');
    if (this.#readers.size >= this.#limits.eventStreams)
      throw new RequestError(503, 'There are as many readers of events as there may be.', { 'Retry-After': '10' });
    const stream = new Readable({ read: () => undefined });
    const reader: Reader = { stream, kinds };
    this.#readers.add(reader);
    this.#counters.eventStreams.set(this.#readers.size);
    stream.once('close', () => this.#forget(reader));
    stream.push(': events from here on\n\n');
    return stream;
  }

  /** Ends every stream, with an event that says why, and opens no more. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearInterval(this.#heartbeat);
    for (const stop of this.#stopListening) stop();
    for (const reader of this.#readers) this.#end(reader, 'stopping');
  }

  #tellOfIntent(change: Change): void {
    if (this.#readers.size === 0) {
      this.#lastId += change.resources.length;
      return;
    }
    for (const { collection, id, action, resource: read } of change.resources) {
      const resource = read();
      this.#tell({ kind: 'intent', data: { collection, id, action, ...(resource === undefined ? {} : { resource }) } });
    }
  }

  #tell({ kind, data }: AgentEvent): void {
    this.#lastId += 1;
    if (this.#readers.size === 0) return;
    const text = `id: ${this.#lastId}\nevent: ${kind}\ndata: ${JSON.stringify(data)}\n\n`;
    this.#toAll(text, kind);
  }

  #toAll(text: string, kind?: string): void {
    for (const reader of this.#readers) {
      if (kind !== undefined && reader.kinds.size > 0 && !reader.kinds.has(kind)) continue;
      reader.stream.push(text);
      if (reader.stream.readableLength <= this.#limits.eventBacklogBytes) continue;
      this.#counters.droppedEventStreams.inc();
      this.#end(reader, 'reads too slowly');
    }
  }

  /** What waits for a reader that stays away for good goes with its connection, by the idle timeout. */
  #end(reader: Reader, reason: string): void {
    this.#forget(reader);
    reader.stream.push(`event: closing\ndata: ${JSON.stringify({ reason })}\n\n`);
    reader.stream.push(null);
  }

  #forget(reader: Reader): void {
    this.#readers.delete(reader);
    this.#counters.eventStreams.set(this.#readers.size);
  }
}
