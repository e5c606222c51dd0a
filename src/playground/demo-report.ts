// What the demo tells, and its count of what held.

import picocolors from 'picocolors';
import type { ProbeResult } from './probe.ts';
import { fit } from './canvas.ts';
import { probeTable } from './probe-table.ts';

type Colors = ReturnType<typeof picocolors.createColors>;

/** Columns, where nobody says how many there are. */
const WIDTH = 100;

export class DemoReport {
  /** Columns that there are. */
  readonly width: number;
  readonly #write: (text: string) => void;
  readonly #colors: Colors;
  #held = 0;
  #failed = 0;

  constructor(write: (text: string) => void, color: boolean, width = WIDTH) {
    this.#write = write;
    this.width = width;
    this.#colors = picocolors.createColors(color);
  }

  /** Whether everything that was checked held. */
  get ok(): boolean {
    return this.#failed === 0;
  }

  /** Starts a part. */
  heading(title: string, remark = ''): void {
    this.#write(`\n${this.#colors.bold(title)}${remark === '' ? '' : `  ${this.#colors.dim(remark)}`}\n`);
  }

  text(text: string): void {
    this.#write(text);
  }

  /** Lines of a plan, or of its summary. */
  plan(text: string): void {
    const { green, yellow, red } = this.#colors;
    const paint = { '+': green, '~': yellow, '-': red };
    this.#write(
      text
        .replace(/^ *([+~-]) .*$/gm, (line, sign: keyof typeof paint) => paint[sign](line))
        .replace(/^/gm, '  ')
        .replace(/ +$/, ''),
    );
  }

  /** Frames and cables step back behind what they connect. */
  picture(text: string): void {
    const { dim, cyan } = this.#colors;
    this.#write(
      `\n${text.replace(/[─│┌┐└┘┬┴┼┤━┯┿┝┕]+/g, (line) => dim(line)).replace(/⇄ \S+/g, (floatingIp) => cyan(floatingIp))}`,
    );
  }

  /** A table of probes, each of which is a check, and how many of them held. */
  probes(results: readonly ProbeResult[]): void {
    const { dim, green, red } = this.#colors;
    const [headings = '', ...rows] = probeTable(results).trimEnd().split('\n');
    this.#write(`  ${dim(headings)}\n`);
    for (const row of rows) this.#write(`  ${row.replace(/✓$/, green).replace(/✗.*$/, red)}\n`);
    const held = results.filter((result) => result.ok).length;
    this.#count(held, results.length - held);
  }

  /** `remark` stands at the right end of the line. */
  check(held: boolean, text: string, remark = ''): void {
    this.#count(held ? 1 : 0, held ? 0 : 1);
    this.#write(`  ${held ? this.#colors.green('✓') : this.#colors.red('✗')} ${this.#line(text, remark, 4)}\n`);
  }

  /** Something that is done, and at the right end of the line what came of it. */
  step(text: string, remark: string): void {
    this.#write(`  ${this.#line(text, remark, 2)}\n`);
  }

  /** Something beside the story, cut to the width. */
  aside(text: string): void {
    this.#write(`  ${this.#colors.dim(fit(text, this.width - 2).trimEnd())}\n`);
  }

  /** Text that is cut where a remark needs the room. */
  #line(text: string, remark: string, indent: number): string {
    if (remark === '') return text;
    const room = this.width - indent - [...remark].length - 2;
    return `${fit(text, room)}  ${this.#colors.dim(remark)}`;
  }

  /** The last word. */
  verdict(remark: string): void {
    const { bold, green, red, dim } = this.#colors;
    const total = this.#held + this.#failed;
    const words = this.ok
      ? green(`All ${total} checks held.`)
      : red(`${this.#failed} of ${total} checks did not hold.`);
    this.#write(`\n${bold(words)}  ${dim(remark)}\n`);
  }

  #count(held: number, failed: number): void {
    this.#held += held;
    this.#failed += failed;
  }
}

/** `1.3 ms`, `2.4 s` */
export function duration(milliseconds: number): string {
  return milliseconds < 1000 ? `${milliseconds.toFixed(1)} ms` : `${(milliseconds / 1000).toFixed(1)} s`;
}

/** `1 router`, `2 routers` */
export function counted(count: number, noun: string): string {
  return `${count.toLocaleString('en-US')} ${noun}${count === 1 ? '' : 's'}`;
}
