import { readFile } from 'node:fs/promises';
import { filmWebm } from '../../web/webm-film.mjs';

const FRAMES = 24;

/** @param {number} turns how often its two seconds are repeated */
export async function makeFilm(turns) {
  const frames = await Promise.all(
    Array.from({ length: FRAMES }, (_, number) =>
      readFile(new URL(`../../web/pictures/tide-${String(number).padStart(2, '0')}.webp`, import.meta.url)),
    ),
  );
  return { type: 'video/webm', body: await filmWebm(frames, turns, 12, 640, 360) };
}
