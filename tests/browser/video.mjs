import { readFile } from 'node:fs/promises';
import { webmVideo } from '../../web/webm-video.mjs';

const FRAMES = 24;

/** @param {number} turns how often its two seconds are repeated */
export async function makeVideo(turns) {
  const frames = await Promise.all(
    Array.from({ length: FRAMES }, (_, number) =>
      readFile(new URL(`../../web/pictures/tide-${String(number).padStart(2, '0')}.webp`, import.meta.url)),
    ),
  );
  return { type: 'video/webm', body: await webmVideo(frames, turns, 12, 640, 360) };
}
