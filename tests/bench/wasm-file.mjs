// Reads the parts of a wasm file: https://webassembly.github.io/spec/core/binary/modules.html

const SECTIONS = [
  'custom',
  'type',
  'import',
  'function',
  'table',
  'memory',
  'global',
  'export',
  'start',
  'element',
  'code',
  'data',
];
const [IMPORT, CODE] = [SECTIONS.indexOf('import'), SECTIONS.indexOf('code')];
const HEADER_BYTES = 8;
/** The kind of an import that is a function. */
const FUNCTION = 0;

class Reader {
  /** @param {Uint8Array} bytes @param {number} [at] */
  constructor(bytes, at = 0) {
    this.bytes = bytes;
    this.at = at;
  }

  byte = () => this.bytes[this.at++];

  /** LEB128 */
  number() {
    for (let value = 0, scale = 1; ; scale *= 128) {
      const byte = this.byte();
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  }

  text() {
    const length = this.number();
    this.at += length;
    return new TextDecoder().decode(this.bytes.subarray(this.at - length, this.at));
  }
}

/**
 * @param {Uint8Array} bytes
 * @returns {{name: string, bytes: number, start: number}[]} what is between the start and the end of each section,
 *   and before it
 */
export function sectionsOf(bytes) {
  const reader = new Reader(bytes, HEADER_BYTES);
  const sections = [];
  while (reader.at < bytes.length) {
    const from = reader.at;
    const id = reader.byte();
    const length = reader.number();
    const start = reader.at;
    const name = SECTIONS[id] === 'custom' ? reader.text() : SECTIONS[id];
    sections.push({ name, bytes: start + length - from, start: SECTIONS[id] === 'custom' ? reader.at : start });
    reader.at = start + length;
  }
  return sections;
}

/**
 * @param {Uint8Array} bytes with a section of names, all of its imports functions
 * @returns {{name: string, bytes: number}[]} each function's code, including the number that tells its size
 */
export function functionsOf(bytes) {
  const startOf = (/** @type {string} */ name) => {
    const section = sectionsOf(bytes).find((each) => each.name === name);
    if (!section) throw new Error(`no section called ${name}`);
    return section.start;
  };
  const names = functionNames(new Reader(bytes, startOf('name')));
  const imports = new Reader(bytes, startOf(SECTIONS[IMPORT]));
  const imported = imports.number();
  for (let i = 0; i < imported; i++) {
    imports.text();
    imports.text();
    if (imports.byte() !== FUNCTION) throw new Error('an import that is no function');
    imports.number();
  }
  const code = new Reader(bytes, startOf(SECTIONS[CODE]));
  return Array.from({ length: code.number() }, (_, i) => {
    const from = code.at;
    const length = code.number();
    code.at += length;
    return { name: names.get(imported + i) ?? '', bytes: code.at - from };
  });
}

/** @param {Reader} reader at the start of the section of names */
function functionNames(reader) {
  const OF_FUNCTIONS = 1;
  /** @type {Map<number, string>} */
  const names = new Map();
  while (names.size === 0) {
    const id = reader.byte();
    const end = reader.number() + reader.at;
    if (id === OF_FUNCTIONS)
      for (let left = reader.number(); left > 0; left--) names.set(reader.number(), reader.text());
    reader.at = end;
  }
  return names;
}
