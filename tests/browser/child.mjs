// Starts programs that end when this one ends, however that happens.
import { spawn } from 'node:child_process';
import { once } from 'node:events';

const END_PATIENCE_MS = 5000;

/** This program of util-linux is on every Debian. With it, the kernel kills a program when its parent is gone. */
const setpriv = '/usr/bin/setpriv';

/**
 * Does the same for a program that another one will start.
 * @param {string} program @param {string[]} args
 * @returns {{binary: string, args: string[]}}
 */
export const dyingWithParent = (program, args) => ({
  binary: setpriv,
  args: ['--pdeathsig', 'KILL', program, ...args],
});

export class Child {
  #process;

  /**
   * @param {string} program
   * @param {string[]} args
   * @param {Record<string, string>} [env] added to this program's own
   */
  constructor(program, args, env) {
    const wrapped = dyingWithParent(program, args);
    this.#process = spawn(wrapped.binary, wrapped.args, {
      stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
      env: { ...process.env, ...env },
    });
    /** Rejects when the program ends by itself. @type {Promise<never>} */
    this.failure = once(this.#process, 'exit').then(([code, signal]) => {
      throw new Error(`${program} ended with ${code ?? signal}`);
    });
    this.failure.catch(() => {});
  }

  get pid() {
    return this.#process.pid;
  }

  /** @returns {Promise<string>} the first that the program writes to its file descriptor 3 */
  async firstWord() {
    const pipe = /** @type {import('node:stream').Readable} */ (this.#process.stdio[3]);
    const [word] = await Promise.race([once(pipe, 'data'), this.failure]);
    return String(word).trim();
  }

  async kill() {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const ended = once(this.#process, 'exit');
    this.#process.kill();
    const timer = setTimeout(() => this.#process.kill('SIGKILL'), END_PATIENCE_MS);
    await ended;
    clearTimeout(timer);
  }
}
