// A WebM file from single pictures: a lossy WebP file is one VP8 key frame in a RIFF wrapper, and VP8
// in Matroska is WebM. Every frame is a key frame, so a player can seek to any of them.
// Element ids: https://www.matroska.org/technical/elements.html

/** @param {number} value @param {number} length */
function unsigned(value, length) {
  const bytes = Buffer.alloc(length);
  for (let i = length - 1; i >= 0; i--) {
    bytes[i] = value % 256;
    value = Math.floor(value / 256);
  }
  return bytes;
}

/**
 * An EBML element. The size always takes eight bytes: then the length of Cues does not depend on the
 * positions written in it.
 * @param {number} id @param {...(Uint8Array | number | string)} content a number is an eight-byte unsigned integer
 */
function element(id, ...content) {
  const parts = content.map((part) =>
    typeof part === 'number' ? unsigned(part, 8) : typeof part === 'string' ? Buffer.from(part) : part);
  const body = Buffer.concat(parts);
  const size = unsigned(body.length, 8);
  size[0] = 1;
  return Buffer.concat([unsigned(id, Math.ceil(Math.log2(id + 1) / 8)), size, body]);
}

/** @param {number} value */
function float(value) {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleBE(value);
  return bytes;
}

/** @param {Buffer} file a lossy WebP file @returns {Buffer} its VP8 key frame */
export function vp8FrameOfWebp(file) {
  for (let at = 12; at + 8 <= file.length;) {
    const size = file.readUInt32LE(at + 4);
    if (file.toString('latin1', at, at + 4) === 'VP8 ') return file.subarray(at + 8, at + 8 + size);
    at += 8 + size + (size & 1);
  }
  throw new Error('not a lossy WebP file');
}

/**
 * @param {Buffer[]} webpFiles one turn of the film @param {number} turns
 * @param {number} framesPerSecond @param {number} width @param {number} height
 * @returns {Buffer} a WebM file
 */
export function filmWebm(webpFiles, turns, framesPerSecond, width, height) {
  const frames = webpFiles.map(vp8FrameOfWebp);
  const count = frames.length * turns;
  /** @param {number} frame in milliseconds, the time unit of the file */
  const timeOf = (frame) => Math.round((frame * 1000) / framesPerSecond);

  const head = element(0x1a45dfa3,
    element(0x4286, 1), element(0x42f7, 1), element(0x42f2, 4), element(0x42f3, 8),
    element(0x4282, 'webm'), element(0x4287, 2), element(0x4285, 2));
  const info = element(0x1549a966,
    element(0x2ad7b1, 1_000_000), element(0x4489, float(timeOf(count))),
    element(0x4d80, 'auth-service-worker demo'), element(0x5741, 'auth-service-worker demo'));
  const tracks = element(0x1654ae6b, element(0xae,
    element(0xd7, 1), element(0x73c5, 1), element(0x83, 1), element(0x9c, 0), element(0x86, 'V_VP8'),
    element(0xe0, element(0xb0, width), element(0xba, height))));

  // One cluster a second, because a block's time is a signed 16-bit distance from its cluster's.
  /** @type {{time: number, bytes: Buffer}[]} */
  const clusters = [];
  for (let first = 0; first < count; first += framesPerSecond) {
    const blocks = [];
    for (let frame = first; frame < Math.min(count, first + framesPerSecond); frame++) {
      const distance = unsigned(timeOf(frame) - timeOf(first), 2);
      blocks.push(element(0xa3, Buffer.from([0x81]), distance, Buffer.from([0x80]), frames[frame % frames.length]));
    }
    clusters.push({ time: timeOf(first), bytes: element(0x1f43b675, element(0xe7, timeOf(first)), ...blocks) });
  }

  /** @param {number} start where the first cluster lies in the segment */
  const cuesFrom = (start) => {
    let position = start;
    const points = clusters.map(({ time, bytes }) => {
      const point = element(0xbb, element(0xb3, time), element(0xb7, element(0xf7, 1), element(0xf1, position)));
      position += bytes.length;
      return point;
    });
    return element(0x1c53bb6b, ...points);
  };
  const cues = cuesFrom(info.length + tracks.length + cuesFrom(0).length);
  return Buffer.concat([head, element(0x18538067, info, tracks, cues, ...clusters.map(({ bytes }) => bytes))]);
}
