import type { Measurement } from './measurement.ts';

/** The middle one; of two in the middle, their mean. */
function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  const [low, high] = [sorted[Math.floor(middle)], sorted[Math.ceil(middle)]];
  if (low === undefined || high === undefined) throw new RangeError('no median of nothing');
  return (low + high) / 2;
}

export function medianOf<Key extends string>(runs: readonly Readonly<Record<Key, number>>[], key: Key): number {
  return median(runs.map((run) => run[key]));
}

/** The median of each figure by itself; of memory, the most. */
export function summary(runs: readonly Measurement[]): Measurement {
  const names = new Set(runs.flatMap(({ parts }) => Object.keys(parts)));
  return {
    ms: median(runs.map(({ ms }) => ms)),
    cpuMs: median(runs.map(({ cpuMs }) => cpuMs)),
    peakMib: Math.max(...runs.map(({ peakMib }) => peakMib)),
    parts: Object.fromEntries([...names].map((name) => [name, median(runs.map(({ parts }) => parts[name] ?? 0))])),
  };
}
