// Reads a Content-Security-Policy, as far as it concerns this worker: https://www.w3.org/TR/CSP3/

/** The directives that count when a policy lacks one, in order. @type {Record<string, string[]>} */
const FALLBACKS = {
  'script-src': ['default-src'],
  'connect-src': ['default-src'],
  'img-src': ['default-src'],
  'worker-src': ['child-src', 'script-src', 'default-src'],
};

/** The scheme in a policy, then that of a URL it allows: https://w3c.github.io/webappsec-csp/#match-schemes */
const ALLOWED_SCHEME = /^(.+:)\1$|^(http:https|ws:(wss|https?)|wss:https):$/i;

export class SitePolicy {
  /** For each policy in the header, the sources by directive. @type {Map<string, string[]>[]} */
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
      // If a directive comes twice, the first one counts.
      return new Map(directives.reverse().map(([name, ...sources]) => [name.toLowerCase(), sources]));
    });
  }

  /** @param {string} directive @param {string} url @param {boolean} [onAnyPath] any path of its origin is enough */
  allows(directive, url, onAnyPath = false) {
    return this.#listsOf(directive).every(
      ({ name, sources }) =>
        // It allows what a script loads. If no list is for workers, they count as scripts.
        (directive === 'worker-src' && name === 'script-src' && sources.includes("'strict-dynamic'")) ||
        sources.some((source) => this.#matches(source, new URL(url), onAnyPath)),
    );
  }

  /** Whether it allows anything of the URL's origin. @param {string} directive @param {string} url */
  allowsSomeOf(directive, url) {
    return this.allows(directive, url, true);
  }

  allowsWasm() {
    return this.#listsOf('script-src').every(
      ({ sources }) => sources.includes("'wasm-unsafe-eval'") || sources.includes("'unsafe-eval'"),
    );
  }

  /** Those of the directive, or of what counts in its place, in each policy. @param {string} directive */
  #listsOf(directive) {
    const names = [directive, ...FALLBACKS[directive]];
    return this.#policies.flatMap((policy) => {
      const name = names.find((each) => policy.has(each));
      return name ? [{ name, sources: /** @type {string[]} */ (policy.get(name)) }] : [];
    });
  }

  /** @param {string} source @param {URL} url @param {boolean} onAnyPath */
  #matches(source, url, onAnyPath) {
    if (source === "'self'") return url.origin === this.#self;
    if (source === '*') return url.protocol.startsWith('http');
    if (/^[a-z][a-z\d+.-]*:$/i.test(source)) return ALLOWED_SCHEME.test(source + url.protocol);
    const [, scheme, wildcard, host, port, path] =
      /^(?:([a-z][a-z\d+.-]*):\/\/)?(\*\.)?([^:/]+)(?::(\d+|\*))?(\/.*)?$/i.exec(source) ?? [];
    if (!host) return false;
    const allowed = scheme ? `${scheme}:` : new URL(this.#self).protocol;
    if (!ALLOWED_SCHEME.test(allowed + url.protocol)) return false;
    const name = host.toLowerCase();
    if (wildcard ? !url.hostname.endsWith(`.${name}`) : url.hostname !== name) return false;
    if (port !== '*' && url.port !== (port ?? '') && !isDefaultPort(url.protocol, port)) return false;
    return !path || onAnyPath || (path.endsWith('/') ? url.pathname.startsWith(path) : url.pathname === path);
  }
}

/** Parts of HTML that have no elements, at least while scripts are on. */
const NO_ELEMENTS = /<!--.*?-->|<(script|style|template|noscript|title)\b.*?<\/\1\s*>/gis;
const META = /<meta\s(?:"[^"]*"|'[^']*'|[^"'>])*>/gi;
const ATTRIBUTE = /([\w-]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))/g;
/** @type {Record<string, string>} */
const CHARACTERS = { '#39': "'", '#x27': "'", apos: "'", quot: '"', '#34': '"', amp: '&' };

/** @param {string} html @returns {string[]} the policies in the `meta` elements of its head */
export function policiesIn(html) {
  const [head] = html.replace(NO_ELEMENTS, '').split(/<body\b|<\/head\b/i);
  return [...head.matchAll(META)].flatMap(([meta]) => {
    const attributes = new Map(
      [...meta.matchAll(ATTRIBUTE)].map(([, name, ...values]) => [
        name.toLowerCase(),
        values.find((each) => each !== undefined) ?? '',
      ]),
    );
    const policy = attributes.get('content') ?? '';
    return /^content-security-policy$/i.test(attributes.get('http-equiv') ?? '')
      ? [policy.replace(/&(#?\w+);/g, (reference, name) => CHARACTERS[name.toLowerCase()] ?? reference)]
      : [];
  });
}

/** @param {string} protocol @param {string | undefined} port */
const isDefaultPort = (protocol, port) => port === (protocol === 'https:' ? '443' : '80');
