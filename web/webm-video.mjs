// A video of single images: a lossy WebP file is one key frame of VP8 in a RIFF container, and VP8 is what WebM holds.
// Every frame is a key frame, so a player can seek to any of them.
import { BufferTarget, EncodedPacket, EncodedVideoPacketSource, Output, WebMOutputFormat } from 'mediabunny';

/** A player can seek to the beginning of each cluster. */
const SECONDS_PER_CLUSTER = 1;

/** @param {Buffer} file a lossy WebP file @returns {Buffer} its VP8 key frame */
export function vp8FrameOfWebp(file) {
  for (let at = 12; at + 8 <= file.length; ) {
    const size = file.readUInt32LE(at + 4);
    if (file.toString('latin1', at, at + 4) === 'VP8 ') return file.subarray(at + 8, at + 8 + size);
    at += 8 + size + (size & 1);
  }
  throw new Error('not a lossy WebP file');
}

/**
 * @param {Buffer[]} webpFiles one turn of the video @param {number} turns
 * @param {number} framesPerSecond @param {number} width @param {number} height
 * @returns {Promise<Buffer>} a WebM file
 */
export async function webmVideo(webpFiles, turns, framesPerSecond, width, height) {
  const frames = webpFiles.map(vp8FrameOfWebp);
  const target = new BufferTarget();
  const output = new Output({ format: new WebMOutputFormat({ minimumClusterDuration: SECONDS_PER_CLUSTER }), target });
  const source = new EncodedVideoPacketSource('vp8');
  output.addVideoTrack(source, { frameRate: framesPerSecond });
  await output.start();
  for (let frame = 0; frame < frames.length * turns; frame++) {
    const packet = new EncodedPacket(
      frames[frame % frames.length],
      'key',
      frame / framesPerSecond,
      1 / framesPerSecond,
    );
    await source.add(packet, { decoderConfig: { codec: 'vp8', codedWidth: width, codedHeight: height } });
  }
  await output.finalize();
  return Buffer.from(/** @type {ArrayBuffer} */ (target.buffer));
}
