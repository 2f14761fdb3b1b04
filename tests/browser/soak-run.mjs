// Runs a soak; tests/browser/soak says how.
import { parseArgs } from 'node:util';
import { engineNamed } from './launcher.mjs';
import { soak } from './soak.mjs';
import { soakUsers } from './users-soak.mjs';

const soaks = { life: soak, users: soakUsers };

const { values } = parseArgs({
  options: {
    kind: { type: 'string', default: 'life' },
    seconds: { type: 'string', default: '600' },
    engines: { type: 'string', default: 'chromium,firefox' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
  },
});
const run = Object.entries(soaks).find(([kind]) => kind === values.kind)?.[1];
if (!run) throw new Error(`no soak is called ${values.kind}; there are ${Object.keys(soaks).join(', ')}`);

for (const engine of values.engines.split(',').map(engineNamed)) {
  const { faults, ...counts } = await run(engine, Number(values.seconds), Number(values.seed));
  const text = Object.entries(counts)
    .map(([name, count]) => `${count} ${name}`)
    .join(', ');
  console.log(`${engine}, ${values.kind}, seed ${values.seed}, ${values.seconds} s: ${text}, ${faults.length} faults`);
  for (const fault of faults) console.log(`  ${fault}`);
  if (faults.length > 0) process.exitCode = 1;
}
