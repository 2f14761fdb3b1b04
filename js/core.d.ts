/** The module that CMake builds from cpp/ to core.js (ESM) and auth-core.js (classic script). */

/** An address in the module's memory: see core-memory.js. The result there is valid until the next call. */
export type Address = number;

/** The exports of cpp/bindings.cpp. Texts and URLs pass through the memory that all cores of a module share. */
export interface CoreModule {
  /**
   * Makes a core.
   * @param optionsBytes of JSON: the options (worker/options.js), and `"keepsState": boolean, "isAfterFailure":
   *   boolean, whether a core of this worker life has failed, "scriptURL": of the worker, "hashKey": 32 hexadecimal
   *   digits, random`
   */
  AuthCore: { new (optionsBytes: number): AuthCore; readonly prototype: AuthCore };
  /**
   * Decides about a request. It is the hot path, so it is a plain export: a call through embind costs more than the decision.
   * @param core its `address()`
   * @returns a token id (> 0), 0 to leave the request alone, -1 when `request` has to decide
   */
  _decide(core: Address, urlBytes: number, info: number): number;
  /** Returns the time. Callers of `_decide` must set it. It is read only when a token that expires is found. */
  clock: () => number;
  /** Lines of comma-separated names: destinations, orders, reasons, warnings, methods, rules. */
  names(): Address;

  /** It is a new array whenever the memory grows, so read it at each use. */
  readonly HEAPU8: Uint8Array;
  /** The address of 8 KiB for a URL. It does not change. */
  urlAddress(): Address;
  /** Room for a text. */
  makeTextRoom(bytes: number): Address;
}

/**
 * The class of cpp/core/core.h, through cpp/bindings.cpp. Times are ms since 1970. URLs and texts are put into memory first
 * (core-memory.js) and passed by their number of bytes. Facts return the address of `[count, ms until the next tick or -1,
 * then kind, a, b, c, d of each order]`.
 */
export interface AuthCore {
  /** For `_decide`. */
  address(): Address;
  /** Frees the core. Nothing else does. */
  delete(): void;

  request(id: number, client: number, urlBytes: number, info: number, now: number): Address;
  /** Returns the rule (Rule in cpp/base/step.h) by which `request` will decide. */
  ruleOf(client: number, urlBytes: number, info: number, now: number): number;
  response(
    id: number,
    client: number,
    urlBytes: number,
    token: number,
    info: number,
    status: number,
    responseBits: number,
    endedAtBytes: number,
    now: number,
  ): Address;
  message(id: number, client: number, bytes: number, now: number): Address;
  reply(ask: number, client: number, bytes: number, now: number): Address;
  /** @param bytes pairs of 32-bit numbers: a client and its FoundClient bits (cpp/base/step.h) */
  clientsFound(ask: number, bytes: number, now: number): Address;
  /** @param bytes what `state` returned in an earlier worker life; none if storage was read and has nothing */
  stateLoaded(bytes: number, now: number): Address;
  /** To be called before stateLoaded: the client had spoken when an earlier core saved its state. */
  clientSpokeBefore(client: number, now: number): Address;
  /** 0: the core will not name the client again. 1: it may. 2: the client has spoken, and a later core has to know that. */
  clientState(client: number): number;
  /** The saved state could not be loaded. */
  stateUnavailable(now: number): Address;
  clientBegan(client: number, now: number): Address;
  hostForbidden(urlBytes: number, now: number): Address;
  clientGone(client: number, now: number): Address;
  tick(now: number): Address;

  /** The longest realm covering the URL that has or had a token; '' when there is none. */
  realmOf(urlBytes: number): Address;
  /** The realm of a token, and the token itself; '' when the token is gone. */
  realmOfToken(token: number): Address;
  textOfToken(token: number): Address;
  /** Returns JSON for `stateLoaded` of a later core. */
  state(): Address;
  /** A line for each: `r` and a realm that has a token, `h` and the origin of a host, `p` and a realm that needs no token. */
  places(): Address;
  /** Returns JSON of counts and sizes. */
  stats(): Address;
}

/** Compiles and instantiates synchronously. Throws where WebAssembly is forbidden. */
export default function createCoreModule(): CoreModule;
