export type { LinuxKernelOptions } from './linux-kernel.ts';
export { LinuxKernel } from './linux-kernel.ts';
export type { LockOptions } from './lock.ts';
export { takeLock } from './lock.ts';
export { prepareDirectory, releaseName } from './namespace-name.ts';
export { Namespaces, OpenNamespace } from './namespaces.ts';
