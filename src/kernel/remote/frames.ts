// Messages on a stream of bytes: each has its length before it, four bytes with the highest first. A
// message that is announced as longer than the reader allows ends the connection before any of it is kept.

import type { Duplex } from 'node:stream';

const LENGTH_BYTES = 4;

/** What came on the stream is not what the other end may send. */
export class ProtocolViolation extends Error {
  override readonly name = 'ProtocolViolation';
}

export interface FrameHandler {
  /** A message; what it throws ends the connection. */
  readonly message: (body: Buffer) => void;
  /** Called once, when the stream is no more, with what ended it if that was no orderly end. */
  readonly end: (reason: Error | undefined) => void;
}

/** Owns the stream. */
export class Frames {
  readonly #stream: Duplex;
  readonly #limit: number;
  readonly #handler: FrameHandler;
  /** Of the message that is being read: chunks, their bytes together, and how many are needed to go on. */
  #chunks: Buffer[] = [];
  #length = 0;
  #needed = LENGTH_BYTES;
  #bodyLength: number | undefined;
  #reason: Error | undefined;
  #isOver = false;

  /** @param limit the longest message that is taken, in bytes. */
  constructor(stream: Duplex, limit: number, handler: FrameHandler) {
    this.#stream = stream;
    this.#limit = limit;
    this.#handler = handler;
    stream.on('data', (chunk: Buffer) => this.#take(chunk));
    stream.on('error', (error) => (this.#reason ??= error));
    stream.on('end', () => stream.destroy());
    stream.on('close', () => this.#close());
  }

  /** Sends a message; none once the stream has ended. False: the other end reads slower than this one writes. */
  send(body: Uint8Array): boolean {
    if (this.#stream.destroyed || this.#stream.writableEnded) return true;
    const length = Buffer.alloc(LENGTH_BYTES);
    length.writeUInt32BE(body.length);
    this.#stream.cork();
    this.#stream.write(length);
    const isTaken = this.#stream.write(body);
    this.#stream.uncork();
    return isTaken;
  }

  /** Calls back once when what was sent has gone out. */
  onceDrained(listener: () => void): void {
    this.#stream.once('drain', listener);
  }

  /** Resolves once no more bytes than these wait to go out, or nothing will any more. */
  async drained(most: number): Promise<void> {
    const stream = this.#stream;
    while (!stream.destroyed && stream.writableLength > most) {
      await new Promise<void>((resolve) => {
        const settle = (): void => {
          stream.off('drain', settle).off('close', settle);
          resolve();
        };
        stream.on('drain', settle).on('close', settle);
      });
    }
  }

  /** Ends the connection after what was sent. */
  end(): void {
    this.#stream.end();
  }

  /** Ends the connection at once. */
  destroy(reason?: Error): void {
    this.#reason ??= reason;
    this.#stream.destroy();
  }

  /** A long message comes in many pieces; they are joined once. */
  #take(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#length += chunk.length;
    while (this.#length >= this.#needed && !this.#stream.destroyed) {
      const joined = this.#chunks.length === 1 ? (this.#chunks[0] ?? chunk) : Buffer.concat(this.#chunks, this.#length);
      const part = joined.subarray(0, this.#needed);
      this.#chunks = joined.length > this.#needed ? [joined.subarray(this.#needed)] : [];
      this.#length -= this.#needed;
      try {
        this.#next(part);
      } catch (error) {
        this.destroy(error instanceof Error ? error : new Error(String(error)));
      }
    }
  }

  #next(part: Buffer): void {
    if (this.#bodyLength === undefined) {
      const length = part.readUInt32BE();
      if (length > this.#limit) throw new ProtocolViolation(`a message of ${length} bytes, more than ${this.#limit}`);
      this.#bodyLength = length;
      this.#needed = length;
      return;
    }
    this.#bodyLength = undefined;
    this.#needed = LENGTH_BYTES;
    this.#handler.message(part);
  }

  #close(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#chunks = [];
    this.#handler.end(this.#reason);
  }
}
