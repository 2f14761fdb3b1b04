// The file a site serves and registers. The other two lie beside it; one file with both in it,
// minified, is auth-service-worker.js of the npm package.
{
  // Paths are resolved against the worker's script, which may have imported this one from another folder.
  const url = /https?:\/\/[^\s)]+?(?=:\d+:\d+)/.exec(new Error().stack)?.[0] ?? location.href;
  self.authServiceWorkerOptions = { standalone: url === location.href, ...self.authServiceWorkerOptions };
  importScripts(new URL('auth-core.js', url), new URL('auth-worker.js', url));
}
