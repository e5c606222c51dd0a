// What the figures were measured on, as the machine tells of itself.

import { readFileSync } from 'node:fs';
import { availableParallelism, totalmem } from 'node:os';

export interface MachineFacts {
  readonly processor: string;
  readonly cpus: number;
  readonly memoryGib: number;
  readonly kernel: string;
  readonly node: string;
}

export function machineFacts(): MachineFacts {
  const processor = /^model name\s*: (.*)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1] ?? process.arch;
  return {
    processor,
    cpus: availableParallelism(),
    memoryGib: Math.round(totalmem() / 2 ** 30),
    kernel: readFileSync('/proc/sys/kernel/osrelease', 'utf8').trim(),
    node: process.version,
  };
}

export function machineText({ processor, cpus, memoryGib, kernel, node }: MachineFacts): string {
  return `${cpus} CPUs (${processor}), ${memoryGib} GiB of memory, Linux ${kernel}, Node ${node}`;
}
