export type { DemoOptions } from './demo.ts';
export { runDemo } from './demo.ts';
