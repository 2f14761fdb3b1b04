// What the package does to elements of the page: a module of its own, which most boots do without.

export { helpDocument, showInFrame } from './frames.js';
export { useCrossOrigin, watchMedia } from './media.js';
export { reloadRealmImages } from './reload.js';
export { repair } from './repair.js';
