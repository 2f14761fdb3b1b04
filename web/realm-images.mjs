// The images of each realm, and who may see them.
import { readFile } from 'node:fs/promises';
import { landscapePng } from './png-image.mjs';
import { planSvg, posterSvg } from './svg-image.mjs';
import { webmVideo } from './webm-video.mjs';

/** @typedef {'alice' | 'bob'} User */
/** @typedef {'image' | 'background' | 'video'} Kind */
/** @typedef {{name: string, type: string, kind: Kind, bytesFor: (user: User) => Buffer}} RealmImage */
/** @typedef {{path: string, note: string, users: User[] | 'everyone', images: RealmImage[]}} Realm */

/** @type {User[]} */
export const users = ['alice', 'bob'];

/** The number of the video's frames, which are shown over and over. */
export const videoFrames = 24;

/** @param {string} name */
const fileOf = (name) => readFile(new URL(`./pictures/${name}`, import.meta.url));

/** @param {string} name @param {Kind} kind @param {Buffer} bytes @returns {RealmImage} */
function image(name, kind, bytes) {
  const types = { png: 'image/png', jpg: 'image/jpeg', svg: 'image/svg+xml', webm: 'video/webm' };
  const ending = /** @type {keyof typeof types} */ (name.slice(name.lastIndexOf('.') + 1));
  return { name, type: types[ending], kind, bytesFor: () => bytes };
}

/**
 * Makes an image with one URL and other bytes for each user.
 * @param {string} name
 * @param {Kind} kind
 * @param {Record<User, Buffer>} bytes
 * @returns {RealmImage}
 */
const personalImage = (name, kind, bytes) => ({
  ...image(name, kind, bytes.alice),
  bytesFor: (user) => bytes[user],
});

/** @returns {Promise<Realm[]>} a realm inside of another one has its own token, as /team/films/ in /team/ */
export async function makeRealms() {
  const frames = await Promise.all(
    Array.from({ length: videoFrames }, (_, frame) => fileOf(`tide-${String(frame).padStart(2, '0')}.webp`)),
  );
  return [
    {
      path: '/public/',
      note: 'open to everyone',
      users: 'everyone',
      images: [
        image(
          'welcome.svg',
          'image',
          posterSvg({
            title: 'Welcome',
            line: 'no token needed here',
            ink: '#233',
            paper: '#dfe9e4',
            accent: '#5d8f83',
          }),
        ),
        image(
          'coast.png',
          'background',
          landscapePng({
            seed: 3,
            sky: [122, 170, 196],
            horizon: [236, 229, 212],
            near: [38, 74, 84],
            sun: [0.3, 0.2],
          }),
        ),
      ],
    },
    {
      path: '/me/',
      note: 'each user sees their own',
      users,
      images: [
        personalImage('portrait.svg', 'image', {
          alice: posterSvg({
            title: 'Alice',
            line: 'her own page',
            ink: '#fff4e8',
            paper: '#a8452f',
            accent: '#f0a868',
          }),
          bob: posterSvg({ title: 'Bob', line: 'his own page', ink: '#eef4ff', paper: '#25406b', accent: '#7fb2e5' }),
        }),
        personalImage('view.png', 'background', {
          alice: landscapePng({
            seed: 8,
            sky: [228, 142, 106],
            horizon: [255, 221, 178],
            near: [88, 36, 52],
            sun: [0.68, 0.3],
          }),
          bob: landscapePng({
            seed: 14,
            sky: [44, 74, 128],
            horizon: [186, 214, 232],
            near: [16, 30, 62],
            sun: [0.26, 0.24],
          }),
        }),
      ],
    },
    {
      path: '/alice/photos/',
      note: 'only Alice',
      users: ['alice'],
      images: [
        image('dunes.jpg', 'image', await fileOf('dunes.jpg')),
        image('meadow.jpg', 'image', await fileOf('meadow.jpg')),
        image('night.jpg', 'background', await fileOf('night.jpg')),
        image(
          'ridge.png',
          'image',
          landscapePng({
            seed: 21,
            sky: [94, 120, 110],
            horizon: [222, 230, 208],
            near: [26, 52, 40],
            sun: [0.8, 0.16],
          }),
        ),
      ],
    },
    {
      path: '/team/',
      note: 'Alice and Bob',
      users,
      images: [
        image(
          'harbour.png',
          'image',
          landscapePng({ seed: 33, sky: [86, 76, 128], horizon: [244, 196, 180], near: [40, 28, 66], sun: [0.5, 0.3] }),
        ),
        image('plan.svg', 'background', planSvg({ ink: '#30415a', paper: '#f3efe6', accent: '#d98a5b' })),
      ],
    },
    {
      path: '/team/films/',
      note: 'inside /team/, with a token of its own',
      users,
      images: [image('tide.webm', 'video', await webmVideo(frames, 12, 12, 640, 360))],
    },
  ];
}
