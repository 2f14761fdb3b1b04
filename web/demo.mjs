import { access } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { filesServed, startAppServer } from './app-server.mjs';
import { startRealmServer } from './realm-server.mjs';

const usage = `web/demo [--port N] [--single]                         start the demo and print its address
web/demo --check [--screenshot FILE] [--port N] [--single]   try it in headless Chromium
  --image FILE   with --check: writes the image of README.md, .github/demo.webp
  --port N   port of the app, 4200 otherwise; the realms get the next one
  --single   the self-contained worker file instead of the one that imports two others`;

const defaultPort = 4200;

function readOptions() {
  try {
    return parseArgs({
      options: {
        check: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
        image: { type: 'string' },
        port: { type: 'string' },
        screenshot: { type: 'string' },
        single: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    console.error(`${/** @type {Error} */ (error).message}\n${usage}`);
    process.exit(2);
  }
}

const options = readOptions();
if (options.help) {
  console.log(usage);
  process.exit();
}
for (const file of filesServed(options.single).values()) {
  await access(file).catch(() => {
    console.error(`${fileURLToPath(file)} is missing: web/demo builds it, node web/demo.mjs alone does not.`);
    process.exit(1);
  });
}

// A check may run beside a demo that someone is looking at, so it takes any free ports.
const port = Number(options.port ?? (options.check ? 0 : defaultPort));
if (!Number.isInteger(port) || port < 0 || port > 65534) {
  console.error(`--port ${options.port} is no port\n${usage}`);
  process.exit(2);
}
const realmServer = await startRealmServer(port && port + 1);
const app = await startAppServer(port, realmServer, options.single);

if (options.check) {
  const { checkDemo } = await import('./demo-check.mjs');
  const screenshot = options.screenshot ?? fileURLToPath(new URL('../build/demo.png', import.meta.url));
  const good = await checkDemo(app.origin, realmServer, screenshot, options.image);
  app.close();
  realmServer.close();
  process.exitCode = good ? 0 : 1;
} else {
  console.log(`The demo is at ${app.origin}/app/ and its realms at ${realmServer.origin}. Ctrl-C ends it.`);
}
