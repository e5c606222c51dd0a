export { changeHost } from './change-host.ts';
export { disturbanceBetween } from './disturbance-between.ts';
export { ProcessDied } from './fault.ts';
export type { Fault } from './fault.ts';
export { randomSource } from './random.ts';
export { SimulatedHost } from './simulated-host.ts';
export { SimulatedKernel } from './simulated-kernel.ts';
