// The classic worker script: expects createAuthCore, and takes options a site may have set before.
import { anyCoreOf } from './any-core.js';
import { listen } from './listeners.js';

const scope = /** @type {import('./listeners.js').Scope} */ (/** @type {unknown} */ (self));
listen(scope, anyCoreOf(scope), scope.authServiceWorkerOptions);
