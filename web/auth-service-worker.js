// The file a site serves and registers. The other two lie beside it; one file with both in it,
// minified, is auth-service-worker.js of the npm package.
importScripts('auth-core.js', 'auth-worker.js');
