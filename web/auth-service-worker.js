// The file a site serves and registers. The other two lie beside it; one file with both in it,
// minified, is auth-service-worker.js of the npm package.
{
  // Where this file is (js/worker/own-script.js): importScripts resolves paths against the script that was registered.
  const place = /^(?:\s*at (?:.*\()?|[^@\n]*@)(\S+?):\d+:\d+\)?$/m.exec(new Error().stack)?.[1];
  const url = new URL(place ?? '', location.href);
  self.authServiceWorkerOptions = { standalone: url.pathname === location.pathname, ...self.authServiceWorkerOptions };
  importScripts(new URL('auth-core.js', url).href, new URL('auth-worker.js', url).href);
}
