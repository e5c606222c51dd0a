// Gathers lines for ip(8), nft(8) and sysctl(8), and starts a new program only where another one, or
// another namespace, comes in between.

import type { NamespaceName } from '../../src/model/names.ts';
import { HOST } from '../../src/model/names.ts';
import type { Command } from '../build.ts';

/** A program, its arguments, and what it is given to read. */
export interface PeerCommand {
  readonly command: Command;
  readonly input: string;
}

interface Open {
  readonly tool: 'ip' | 'nft' | 'sysctl';
  readonly namespace: NamespaceName;
  readonly lines: string[];
}

/** Indexes of links, no two alike on the host: by them the two ends of a veth are known. */
const FIRST_INDEX = 1 << 20;

export class CommandDraft {
  readonly #commands: PeerCommand[] = [];
  readonly #firstLines = new Map<NamespaceName, string[]>();
  #open: Open | undefined;
  #index = FIRST_INDEX;

  nextIndex(): number {
    return this.#index++;
  }

  createNamespace(namespace: NamespaceName): void {
    this.#close();
    this.#commands.push({ command: ['ip', 'netns', 'add', namespace], input: '' });
  }

  ip(namespace: NamespaceName, line: string): void {
    this.#add('ip', namespace, line);
  }

  nft(namespace: NamespaceName, line: string): void {
    this.#add('nft', namespace, line);
  }

  sysctl(namespace: NamespaceName, line: string): void {
    this.#add('sysctl', namespace, line);
  }

  /** A line for ip(8) that goes in front of what it is told next in that namespace, in this step still. */
  ipBeforeOthers(namespace: NamespaceName, line: string): void {
    const lines = this.#firstLines.get(namespace);
    if (lines === undefined) this.#firstLines.set(namespace, [line]);
    else lines.push(line);
  }

  /** What comes is for another run of the program. */
  startAnew(): void {
    this.#close();
  }

  endStep(): void {
    this.#close();
    for (const namespace of this.#firstLines.keys()) {
      this.#begin('ip', namespace);
      this.#close();
    }
  }

  finish(): PeerCommand[] {
    this.endStep();
    return this.#commands;
  }

  #add(tool: Open['tool'], namespace: NamespaceName, line: string): void {
    const open = this.#open;
    if (open?.tool === tool && open.namespace === namespace) {
      open.lines.push(line);
      return;
    }
    this.#close();
    this.#begin(tool, namespace).lines.push(line);
  }

  #begin(tool: Open['tool'], namespace: NamespaceName): Open {
    const lines = tool === 'ip' ? this.#firstLines.get(namespace) : undefined;
    if (lines !== undefined) this.#firstLines.delete(namespace);
    return (this.#open = { tool, namespace, lines: lines ?? [] });
  }

  #close(): void {
    if (this.#open === undefined) return;
    const { tool, namespace, lines } = this.#open;
    this.#open = undefined;
    this.#commands.push({
      command: commandFor(tool, namespace, lines),
      input: tool === 'sysctl' ? '' : `${lines.join('\n')}\n`,
    });
  }
}

function commandFor(tool: Open['tool'], namespace: NamespaceName, lines: readonly string[]): Command {
  const command: Command =
    tool === 'ip'
      ? ['ip', '-batch', '-']
      : tool === 'nft'
        ? ['nft', '--file', '-']
        : ['sysctl', '--quiet', '--write', ...lines];
  if (namespace === HOST) return command;
  return tool === 'ip' ? ['ip', '-netns', namespace, '-batch', '-'] : ['ip', 'netns', 'exec', namespace, ...command];
}
