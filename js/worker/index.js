// The classic worker script: expects createAuthCore, and takes options a site may have set before.
import { listen } from './listeners.js';

const scope = /** @type {import('./listeners.js').Scope} */ (/** @type {unknown} */ (self));
listen(scope, scope.createAuthCore, scope.authServiceWorkerOptions);
