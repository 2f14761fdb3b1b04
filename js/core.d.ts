/** The wasm module that CMake builds from cpp/ to core.js (ESM) and auth-core.js (classic script). */

/** `[ms until the next tick or -1, then kind, a, b, c, d of each order]`; valid until the next call. */
export type StepNumbers = Int32Array;

/** cpp/core.h through cpp/bindings.cpp. Times are ms since the epoch. */
export interface Core {
  /** Address of 8 KiB inside `HEAPU8` for a request's URL, or a look-up's pairs of numbers. */
  scratch(): number;
  request(id: number, client: number, urlBytes: number, traits: number, now: number): StepNumbers;
  response(
    id: number,
    client: number,
    urlBytes: number,
    token: number,
    traits: number,
    status: number,
    now: number,
  ): StepNumbers;
  message(id: number, client: number, json: string, now: number): StepNumbers;
  reply(ask: number, client: number, json: string, now: number): StepNumbers;
  clientsFound(ask: number, count: number, now: number): StepNumbers;
  hostsLoaded(json: string, now: number): StepNumbers;
  /** JSON for `hostsLoaded` of a later core. */
  hosts(): string;
  clientGone(client: number, now: number): StepNumbers;
  tick(now: number): StepNumbers;
  /** `realmURL token`, or '' when the token is gone. */
  realmToken(token: number): string;
  /** JSON of counts and sizes. */
  stats(): string;
  /** Frees the core. */
  delete(): void;
}

export interface CoreModule {
  /** @param options JSON: `{"askUnknownHosts": boolean, "keepsHosts": boolean, "debug": boolean}` */
  Core: new (options: string) => Core;
  /** A new array whenever the memory grows: read it at each use. */
  readonly HEAPU8: Uint8Array;
  /** A token id (> 0), 0 to leave the request alone, -1 when `request` has to decide. */
  _decide(scratch: number, urlBytes: number, traits: number, now: number): number;
  readonly destinationNames: string;
  readonly orderNames: string;
  readonly reasonNames: string;
  readonly warningNames: string;
}

/** Compiles and instantiates synchronously. Throws where WebAssembly is forbidden. */
export default function createAuthCore(): CoreModule;
