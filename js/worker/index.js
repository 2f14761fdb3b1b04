// The classic worker script. It expects createCoreModule, and takes the options that a site may have set before.
import { anyCoreOf } from './any-core.js';
import { listen } from './listeners.js';
import { optionsOf } from './options.js';
import { ownScriptURL } from './own-script.js';

const scope = /** @type {import('./listeners.js').Scope} */ (/** @type {unknown} */ (self));
const ownScript = ownScriptURL(scope);
listen(scope, anyCoreOf(scope, ownScript), optionsOf(scope, ownScript));
