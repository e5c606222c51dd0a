// Server-Sent Events out of the text of a stream
// (https://html.spec.whatwg.org/multipage/server-sent-events.html, section 9.2.6).

export interface ServerSentEvent {
  /** `message` where the stream does not say. */
  readonly type: string;
  readonly data: string;
}

/** No event of an agent is nearly as long. */
const LONGEST = 16 << 20;

export class SseParser {
  #rest = '';
  #type = '';
  #data: string[] = [];
  #size = 0;

  /** The events that are whole with this piece of the stream. Throws for one that is longer than any. */
  push(piece: string): readonly ServerSentEvent[] {
    const lines = (this.#rest + piece).split(/\r\n|\n|\r(?!$)/);
    this.#rest = lines.pop() ?? '';
    this.#size += piece.length;
    if (this.#size > LONGEST) throw new Error('an event is longer than any that an agent writes');
    return lines.flatMap((line) => this.#line(line) ?? []);
  }

  #line(line: string): ServerSentEvent | undefined {
    if (line === '') return this.#end();
    const colon = line.indexOf(':');
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'event') this.#type = value;
    if (field === 'data') this.#data.push(value);
    return undefined;
  }

  #end(): ServerSentEvent | undefined {
    const event = { type: this.#type === '' ? 'message' : this.#type, data: this.#data.join('\n') };
    const isEmpty = this.#data.length === 0;
    this.#type = '';
    this.#data = [];
    this.#size = this.#rest.length;
    return isEmpty ? undefined : event;
  }
}
