// The functions that change elements of the page. It is a module of its own, since most boots do not need it.

export { repairImages, helpWindow, showInFrame } from './frames.js';
export { followReply } from './follow-reply.js';
export { boundWait, lookWhoResponds } from './host-worker.js';
export { useCrossOrigin, watchMedia } from './media.js';
export { reloadRealmImages } from './reload.js';
export { repairerOf } from './repairer.js';
