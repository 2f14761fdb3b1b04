// Requests that the page sends itself, with a token: for what elements and links cannot do, and for pages without a
// worker.

export { authorisedURL, downloadAuthorised, openAuthorised } from './files.js';
export { showWithoutWorker } from './without-worker.js';
