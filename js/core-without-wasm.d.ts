/** The same core as plain JavaScript, made by wasm2js, for where WebAssembly is forbidden. */
export { default } from './core.js';
export type * from './core.js';
