// The Vite plugin.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { earlyScript, workerFiles } from './files.js';
import { WORKER_FILES } from './shipped-files.js';

/**
 * @typedef {object} AuthServiceWorkerViteOptions
 * @property {boolean | import('./files.js').EarlyOptions | undefined} [early] whether to put the early responder into
 *   the HTML: false by default
 */

/** A base that is relative or of another origin: it is no path of the page's origin. */
const NO_PATH = /^(\.|$|([a-z]+:)?\/\/)/;

/** @param {string} [base] as the app gives it @returns {string} as Vite uses it: with a slash at both ends */
const pathOf = (base = '/') =>
  NO_PATH.test(base) ? '/' : new URL(base, 'https://app.example').pathname.replace(/\/?$/, '/');

/**
 * Serves the worker in development and writes it into builds, below Vite's `base`. The page registers it from there,
 * and for that scope. With `early`, puts the early responder first into the HTML, before any policy in the HTML. Does
 * nothing in the build of a library: the app that uses the library serves the worker.
 * @param {AuthServiceWorkerViteOptions} [options]
 * @returns {import('vite').Plugin}
 */
export default function authServiceWorker({ early = false } = {}) {
  /** @type {import('vite').ResolvedConfig} */
  let resolved;
  let hasHTML = false;
  const inline = () =>
    earlyScript({
      workerURL: `${pathOf(resolved.base)}auth-service-worker.js`,
      ...(early === true ? {} : early || {}),
    });
  return {
    name: 'auth-service-worker',

    config: ({ base, build }, { command }) => ({
      // An app that uses a library has a base of its own.
      ...(!(command === 'build' && build?.lib) && {
        define: { 'globalThis.AUTH_SERVICE_WORKER_BASE': JSON.stringify(pathOf(base)) },
      }),
      // page.js loads its other modules from its own folder.
      optimizeDeps: { exclude: ['auth-service-worker'] },
    }),

    configResolved(config) {
      resolved = config;
    },

    configureServer(server) {
      server.middlewares.use(async (request, response, next) => {
        try {
          // Not parsed as a URL, since `//` is none.
          const [path] = (request.url ?? '').split(/[?#]/);
          const name = WORKER_FILES.find((each) => [`/${each}`, resolved.base + each].includes(path));
          if (!name) return next();
          const source = await readFile(new URL(name, import.meta.url), 'utf8');
          response.setHeader('Content-Type', 'text/javascript');
          response.setHeader('Cache-Control', 'no-cache');
          response.end(source);
        } catch (error) {
          next(error);
        }
      });
    },

    // This runs after the plugins that make precaches, since a worker's own script must not be in one.
    closeBundle: {
      order: 'post',
      sequential: true,
      async handler() {
        // The configuration is that of the environment that is built: a build may have several, each with its own
        // folder.
        const { command, consumer, root, build } = this.environment.config;
        if (command !== 'build' || consumer !== 'client' || !build.write || build.lib) return;
        if (early && !hasHTML)
          resolved.logger.warn(
            'auth-service-worker: this build has no index.html, so the option `early` did nothing. Put the output of ' +
              '"npx auth-service-worker early" first into the <head> that your framework makes.',
          );
        const base = pathOf(resolved.base);
        if (base !== '/' && !hasHTML)
          resolved.logger.warn(
            `auth-service-worker: this build has no index.html, so the plugin does not know where your pages are. With ` +
              `Vite's option \`base\`, the worker gets only the requests of pages below ${base}. If your pages are ` +
              `elsewhere, for example at /, run "npx auth-service-worker init FOLDER" with the folder that your site ` +
              `serves as its root, and set the options workerURL: '/auth-service-worker.js' and scope: '/'. If they are ` +
              `below ${base}, ignore this.`,
          );
        for (const { name, source } of await workerFiles()) {
          const path = resolve(root, build.outDir, name);
          await mkdir(dirname(path), { recursive: true });
          await writeFile(path, source);
        }
      },
    },

    writeBundle(_options, bundle) {
      hasHTML ||= Object.keys(bundle).some((name) => name.endsWith('.html'));
    },

    // Frameworks that make the HTML themselves warn of a plugin with this hook.
    ...(early && {
      transformIndexHtml: {
        order: 'pre',
        async handler() {
          const { script } = await inline();
          // First in the head: a policy in a `meta` element counts for what follows it.
          return [{ tag: 'script', children: script, injectTo: 'head-prepend' }];
        },
      },
    }),
  };
}
