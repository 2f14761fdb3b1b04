// Runs the soak; tests/browser/soak says how.
import { parseArgs } from 'node:util';
import { engineNamed } from './launcher.mjs';
import { soak } from './soak.mjs';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '600' },
    engines: { type: 'string', default: 'chromium,firefox' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
  },
});

for (const engine of values.engines.split(',').map(engineNamed)) {
  const { faults, ...counts } = await soak(engine, Number(values.seconds), Number(values.seed));
  const text = Object.entries(counts).map(([name, count]) => `${count} ${name}`).join(', ');
  console.log(`${engine}, seed ${values.seed}, ${values.seconds} s: ${text}, ${faults.length} faults`);
  for (const fault of faults) console.log(`  ${fault}`);
  if (faults.length > 0) process.exitCode = 1;
}
