// Checks that the tests notice mistakes. Makes each mutation of mutations.mjs in a copy of cpp/ and runs the unit tests
// and some schedules of the simulation against it. Needs the build of the native preset.
//   node tests/mutations/run.mjs [--quick] [WORD in the mutation's name]
// With --quick it makes one mutation in sixteen, stops at the first test that fails, and runs the simulation only if no
// test fails. It always checks that each mutation still applies.
import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { mutate } from './mutate.mjs';
import { mutations } from './mutations.mjs';

/** @typedef {import('./mutations.mjs').Mutation} Mutation */
/** @typedef {import('node:child_process').ExecFileException & {stdout?: string, stderr?: string}} Failure */

const SCHEDULES = 20_000;
const run = promisify(execFile);
const ROOT = join(import.meta.dirname ?? new URL('.', import.meta.url).pathname, '../..');
const NATIVE = join(ROOT, 'build/native');
const WORK = join(ROOT, 'build/mutations', String(process.pid));

const words = process.argv.slice(2).filter((word) => word !== '--quick');
const isQuick = process.argv.includes('--quick');
const chosen = mutations.filter(({ name }, i) => words.every((word) => name.includes(word)) && !(isQuick && i % 16));

const core = join(NATIVE, 'CMakeFiles/core.dir/cpp');
const files = /** @type {string[]} */ (readdirSync(join(ROOT, 'cpp'), { recursive: true })).filter((name) =>
  /\.(h|cpp)$/.test(name),
);
const sources = files.filter((file) => existsSync(join(core, `${file}.o`)));
const objectsOf = (/** @type {string} */ target, /** @type {string} */ folder) => {
  const at = join(NATIVE, `CMakeFiles/${target}.dir/tests/${folder}`);
  return readdirSync(at)
    .filter((file) => file.endsWith('.o') && existsSync(join(ROOT, 'tests', folder, file.slice(0, -2))))
    .map((file) => join(at, file));
};
const programs = {
  units: { objects: objectsOf('core_tests', 'cpp'), libraries: ['-lgtest_main', '-lgtest'] },
  simulation: {
    objects: [...objectsOf('simulation', 'simulation'), join(NATIVE, 'libsimulated.a')],
    libraries: [],
  },
};
const compiler = JSON.parse(readFileSync(join(NATIVE, 'compile_commands.json'), 'utf8'))[0].command.split(' ')[0];

/** Returns the sources that include the file, directly or through others. @param {string} file */
function sourcesThatSee(file) {
  const seen = new Set([file]);
  for (let size = 0; size !== seen.size; ) {
    size = seen.size;
    for (const name of files) {
      const text = readFileSync(join(ROOT, 'cpp', name), 'utf8');
      if ([...seen].some((header) => text.includes(`#include "${header}"`))) seen.add(name);
    }
  }
  return sources.filter((source) => seen.has(source));
}

/**
 * Compiles a mutated copy without optimisation, since compiling takes longer than running.
 * @param {string} folder
 * @param {string} header the file that was changed
 * @param {string[]} changed sources to compile from the folder
 * @returns {Promise<(name: keyof typeof programs) => Promise<string>>} links a program and tells where it is
 */
async function compile(folder, header, changed) {
  /** @type {Record<string, string>} */
  const compiled = {};
  for (const source of sources) compiled[source] = join(core, `${source}.o`);
  for (const source of changed) {
    compiled[source] = join(folder, `${source}.o`);
    const flags = [
      '-std=c++20',
      '-O0',
      '-w',
      '-DJSON_NO_IO',
      '-DJSON_NOEXCEPTION',
      '-isystem',
      join(NATIVE, 'include'),
    ];
    await run(compiler, [...flags, `-I${folder}`, '-c', join(folder, source), '-o', compiled[source]]);
  }
  // The code of a header is also compiled into its own test.
  const ownTest = `${basename(header ?? '', '.h')}_test.cpp`;
  const compiledTest = join(folder, `${ownTest}.o`);
  const hasOwnTest = header?.endsWith('.h') && existsSync(join(ROOT, 'tests/cpp', ownTest));
  if (hasOwnTest)
    await run(compiler, [
      '-std=c++20',
      '-O0',
      '-w',
      `-I${folder}`,
      '-c',
      join(ROOT, 'tests/cpp', ownTest),
      '-o',
      compiledTest,
    ]);
  return async (name) => {
    const { objects, libraries } = programs[name];
    const tests = hasOwnTest
      ? objects.map((test) => (basename(test) === `${ownTest}.o` ? compiledTest : test))
      : objects;
    // The mutated objects come first: if several objects have an inline function, the linker keeps the first one.
    const own = changed.map((source) => compiled[source]);
    const rest = sources.filter((source) => !changed.includes(source)).map((source) => compiled[source]);
    const program = join(folder, name);
    await run(compiler, [...own, ...rest, ...tests, ...libraries, '-lpthread', '-o', program]);
    return program;
  };
}

/**
 * Returns the output of the program if it fails; undefined if it succeeds.
 * @param {string} program
 * @param {string[]} args
 */
async function failureOf(program, args) {
  try {
    await run(program, args, { timeout: 60_000, maxBuffer: 1 << 28 });
    return undefined;
  } catch (error) {
    const { stdout = '', killed, signal } = /** @type {Failure} */ (error);
    return { output: stdout, how: killed ? 'hangs' : signal ? `dies of ${signal}` : '' };
  }
}

/** Says in words which tests notice. @param {Awaited<ReturnType<typeof compile>>} link */
async function noticedBy(link) {
  const units = await failureOf(await link('units'), ['--gtest_brief=1', ...(isQuick ? ['--gtest_fail_fast'] : [])]);
  const failed = [
    ...new Set([...(units?.output ?? '').matchAll(/^\[ {2}FAILED {2}\] (\S+?)(?: \(|$)/gm)].map(([, name]) => name)),
  ];
  const byUnits = !units
    ? '–'
    : failed.length
      ? `${failed[0]}${failed.length > 1 ? ` and ${failed.length - 1} more` : ''}`
      : units.how;
  if (units && isQuick) return { byUnits, bySimulation: '' };
  const simulation = await failureOf(await link('simulation'), ['--seeds', String(SCHEDULES)]);
  const [, seed] = simulation?.output.match(/^Seed (\d+)/m) ?? [];
  const reason = simulation?.how || simulation?.output.trim().split('\n').at(-1);
  return { byUnits, bySimulation: simulation ? `${reason}${seed ? ` (seed ${seed})` : ''}` : '–' };
}

/** @typedef {Mutation & {problem?: string, byUnits?: string, bySimulation?: string}} Judgement */
/** @param {Mutation} mutation @param {string} folder @returns {Promise<Judgement>} */
async function judge(mutation, folder) {
  const { text, problem } = mutate(join(ROOT, 'cpp'), mutation);
  if (text === undefined) return { ...mutation, problem };
  rmSync(folder, { recursive: true, force: true });
  cpSync(join(ROOT, 'cpp'), folder, { recursive: true });
  writeFileSync(join(folder, mutation.file), text);
  let link;
  try {
    link = await compile(folder, mutation.file, sourcesThatSee(mutation.file));
  } catch (error) {
    const { stderr = '' } = /** @type {Failure} */ (error);
    return {
      ...mutation,
      problem: `does not compile: ${stderr.split('\n').find((line) => line.includes('error')) ?? error}`,
    };
  }
  const { byUnits, bySimulation } = await noticedBy(link);
  const isCaught = byUnits !== '–' || !['–', ''].includes(bySimulation);
  rmSync(folder, { recursive: true, force: true });
  return { ...mutation, byUnits, bySimulation, problem: isCaught ? undefined : 'SURVIVES' };
}

const start = Date.now();
mkdirSync(WORK, { recursive: true });
const waiting = [...chosen];
let survivors = 0;
let simulated = 0;
for (const mutation of mutations.filter((each) => !chosen.includes(each))) {
  const { problem } = mutate(join(ROOT, 'cpp'), mutation);
  if (!problem) continue;
  survivors++;
  console.log(`${mutation.name.padEnd(45)} ${problem}`);
}
await Promise.all(
  Array.from({ length: Math.min(2, availableParallelism()) }, async (_, worker) => {
    for (let mutation; (mutation = waiting.shift()); ) {
      const { name, byUnits, bySimulation, problem } = await judge(mutation, join(WORK, String(worker)));
      if (problem) survivors++;
      if (bySimulation && bySimulation !== '–') simulated++;
      console.log(
        `${name.padEnd(45)} ${problem ?? `units: ${byUnits}${bySimulation === '' ? '' : ` · simulation: ${bySimulation}`}`}`,
      );
    }
  }),
);
rmSync(WORK, { recursive: true, force: true });
const seconds = Math.round((Date.now() - start) / 1000);
console.log(
  `${chosen.length} mutations, ${survivors} not caught${isQuick ? '' : `, ${simulated} caught by the simulation`}, ${seconds} s`,
);
process.exit(survivors || !chosen.length ? 1 : 0);
