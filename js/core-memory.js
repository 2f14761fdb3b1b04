// Passes values to a core and back through the memory of its module.
import * as LIMITS from './limits.js';

export class CoreMemory {
  #module;
  #encoder = new TextEncoder();
  #decoder = new TextDecoder();
  #urlAddress;
  /** The memory of which `#urlRoom` is a view. */
  #heap;
  #urlRoom;

  /** @param {import('./core.js').CoreModule} module */
  constructor(module) {
    this.#module = module;
    this.#urlAddress = module.urlAddress();
    this.#heap = module.HEAPU8;
    this.#urlRoom = this.#view(this.#urlAddress, LIMITS.url);
  }

  /**
   * Puts a URL into memory. A serialised URL is ASCII, so its length is its size in bytes.
   * @param {string} url
   * @returns {number} bytes. For a URL that was cut, more than there is room for
   */
  putURL(url) {
    // Memory that grew is a new array. Wasm detaches the old one. The module without wasm leaves it as a copy, which
    // the core no longer reads.
    if (this.#module.HEAPU8 !== this.#heap) {
      this.#heap = this.#module.HEAPU8;
      this.#urlRoom = this.#view(this.#urlAddress, LIMITS.url);
    }
    this.#encoder.encodeInto(url, this.#urlRoom);
    return url.length;
  }

  /**
   * Puts a text into memory. Memory never shrinks, so a text that is too long is cut, to a length that is still too
   * long.
   * @param {string} text
   * @returns {number} bytes
   */
  putText(text) {
    return this.#putBytes(this.#encoder.encode(text.slice(0, LIMITS.message + 1)));
  }

  /** @param {number[]} numbers of 32 bits @returns {number} bytes */
  putNumbers(numbers) {
    return this.#putBytes(new Uint8Array(new Int32Array(numbers).buffer));
  }

  /** @param {number} address of a text that ends with a zero @returns {string} */
  text(address) {
    return this.#decoder.decode(this.#view(address, this.#module.HEAPU8.indexOf(0, address) - address));
  }

  /** @param {number} address of a count, after which so many numbers follow @returns {number[]} */
  numbers(address) {
    const [count] = new Int32Array(this.#module.HEAPU8.buffer, address, 1);
    return Array.from(new Int32Array(this.#module.HEAPU8.buffer, address + 4, count));
  }

  /** @param {Uint8Array} bytes @returns {number} */
  #putBytes(bytes) {
    const address = this.#module.makeTextRoom(bytes.length);
    this.#module.HEAPU8.set(bytes, address);
    return bytes.length;
  }

  /** @param {number} address @param {number} bytes @returns {Uint8Array} */
  #view(address, bytes) {
    return this.#module.HEAPU8.subarray(address, address + bytes);
  }
}
