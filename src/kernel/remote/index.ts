export { Frames, ProtocolViolation } from './frames.ts';
export { parseBoundedJson } from './bounded-json.ts';
export { RemoteKernel } from './remote-kernel.ts';
export { serveKernel } from './serve-kernel.ts';
export type { ServeOptions, Served } from './serve-kernel.ts';
