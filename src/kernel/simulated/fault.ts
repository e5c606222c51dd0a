/**
 * What goes wrong with an operation: the kernel refuses it, or the process that applies the plan dies
 * just before or just after it was done.
 */
export type Fault = { readonly errno: string } | 'die before' | 'die after';

/** A simulated process is dead. What it did to the host stays. */
export class ProcessDied extends Error {
  override readonly name = 'ProcessDied';
}
