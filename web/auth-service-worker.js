// The file that a site serves and registers. The other two files are beside it. The npm package's
// auth-service-worker.js is one minified file with all three.
{
  // Finds where this file is (js/worker/own-script.js), since importScripts resolves paths against the registered
  // script.
  const place = /^(?:\s*at (?:.*\()?|[^@\n]*@)(\S+?):\d+:\d+\)?$/m.exec(new Error().stack)?.[1];
  const url = new URL(place ?? '', location.href);
  self.authServiceWorkerOptions = { standalone: url.pathname === location.pathname, ...self.authServiceWorkerOptions };
  importScripts(new URL('auth-core.js', url).href, new URL('auth-worker.js', url).href);
}
