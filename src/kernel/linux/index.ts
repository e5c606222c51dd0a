export { LinuxKernel } from './linux-kernel.ts';
export { takeLock } from './lock.ts';
export { prepareDirectory, releaseName } from './namespace-name.ts';
export { Namespaces, OpenNamespace } from './namespaces.ts';
