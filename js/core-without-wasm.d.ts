/** The same core as plain JavaScript, made by wasm2js. It is for pages and workers in which WebAssembly is forbidden. */
export { default } from './core.js';
export type * from './core.js';
