// A Content-Security-Policy, as far as it concerns this worker: https://www.w3.org/TR/CSP3/

/** What a directive falls back to when a policy lacks it, in order. @type {Record<string, string[]>} */
const FALLBACKS = {
  'script-src': ['default-src'],
  'connect-src': ['default-src'],
  'img-src': ['default-src'],
  'worker-src': ['child-src', 'script-src', 'default-src'],
};

export class SitePolicy {
  /** The sources by directive, of each policy in the header. @type {Map<string, string[]>[]} */
  #policies;
  #self;

  /** @param {string | null} header @param {string} self the origin of the document or script with this policy */
  constructor(header, self) {
    this.#self = self;
    this.#policies = (header ?? '').split(',').map((policy) => {
      const directives = policy
        .trim()
        .split(/\s*;\s*/)
        .map((directive) => directive.split(/\s+/));
      // Of two equal directives the first counts.
      return new Map(directives.reverse().map(([name, ...sources]) => [name.toLowerCase(), sources]));
    });
  }

  /** @param {string} directive @param {string} url @param {boolean} [onAnyPath] of the URL's origin */
  allows(directive, url, onAnyPath = false) {
    return this.#sourcesOf(directive).every((sources) =>
      sources.some((source) => this.#matches(source, new URL(url), onAnyPath)),
    );
  }

  /** Whether it allows anything of the URL's origin. @param {string} directive @param {string} url */
  allowsSomeOf(directive, url) {
    return this.allows(directive, url, true);
  }

  allowsWasm() {
    return this.#sourcesOf('script-src').every(
      (sources) => sources.includes("'wasm-unsafe-eval'") || sources.includes("'unsafe-eval'"),
    );
  }

  /** Of each policy that has the directive or what it falls back to. @param {string} directive */
  #sourcesOf(directive) {
    const names = [directive, ...FALLBACKS[directive]];
    return this.#policies.flatMap((policy) => {
      const name = names.find((each) => policy.has(each));
      return name ? [/** @type {string[]} */ (policy.get(name))] : [];
    });
  }

  /** @param {string} source @param {URL} url @param {boolean} onAnyPath */
  #matches(source, url, onAnyPath) {
    if (source === "'self'") return url.origin === this.#self;
    if (source === '*') return url.protocol.startsWith('http');
    if (/^[a-z][a-z\d+.-]*:$/i.test(source)) return url.protocol === source.toLowerCase();
    const [, scheme, wildcard, host, port, path] =
      /^(?:([a-z][a-z\d+.-]*):\/\/)?(\*\.)?([^:/]+)(?::(\d+|\*))?(\/.*)?$/i.exec(source) ?? [];
    if (!host) return false;
    // http in a policy allows https as well.
    const protocol = scheme ? `${scheme.toLowerCase()}:` : new URL(this.#self).protocol;
    if (url.protocol !== protocol && !(protocol === 'http:' && url.protocol === 'https:')) return false;
    const name = host.toLowerCase();
    if (wildcard ? !url.hostname.endsWith(`.${name}`) : url.hostname !== name) return false;
    if (port !== '*' && url.port !== (port ?? '') && !isDefaultPort(url.protocol, port)) return false;
    return !path || onAnyPath || (path.endsWith('/') ? url.pathname.startsWith(path) : url.pathname === path);
  }
}

/** @param {string} protocol @param {string | undefined} port */
const isDefaultPort = (protocol, port) => port === (protocol === 'https:' ? '443' : '80');
