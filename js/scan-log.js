// Counts the images that a server rejected with 401, from its access log.

/**
 * @typedef {'late' | 'expired' | 'broken'} Kind of a rejection. The image showed soon after, `late` with its first token
 *   or `expired` with another one, or it did not show
 */
/**
 * @typedef {object} Counts
 * @property {number} requests the GET and HEAD requests of images
 * @property {Record<Kind, number>} refused the 401 responses among them, by kind
 */
/**
 * @typedef {object} Scan
 * @property {number} lines
 * @property {number} unread lines in no known format
 * @property {Counts} before those before the deploy, or of all lines if there is no deploy
 * @property {Counts} after those after the deploy
 */
/**
 * @typedef {object} ScanOptions
 * @property {RegExp} [images] matches the paths of images. Default: paths that end like names of image files
 * @property {RegExp} [refresh] matches the paths at which the app gets new tokens, if they are in the same log
 * @property {number} [withinMs] the time in which a rejected image must show: 30,000 by default
 * @property {number} [deployedAt] the time of the deploy, in ms since 1970
 */
/** @typedef {{at: number, client: string, method: string, url: string, status: number}} Line */

const IMAGES = /\.(avif|bmp|gif|ico|jpe?g|png|svg|webp)$/i;
const WITHIN_MS = 30_000;
/** A client that was shown an image within this time before has had a token. */
const SESSION_MS = 30 * 60_000;

/**
 * Reads a log line by line, so its size does not matter. The lines must be in the order of their times, or nearly so.
 * @param {AsyncIterable<string> | Iterable<string>} lines in the combined format of nginx and Apache, or JSON
 * @param {ScanOptions} [options]
 * @returns {Promise<Scan>}
 */
export async function scanLog(lines, { images = IMAGES, refresh, withinMs = WITHIN_MS, deployedAt = Infinity } = {}) {
  const scan = { lines: 0, unread: 0, before: noCounts(), after: noCounts() };
  const countsAt = (/** @type {number} */ at) => (at < deployedAt ? scan.before : scan.after);
  /** Rejected images that may still show, by client and URL. */
  const waiting = /** @type {RecentMap<Rejected>} */ (
    new RecentMap(({ at, times }) => (countsAt(at).refused.broken += times))
  );
  /** When an image was last shown to a client. */
  const shownTo = /** @type {RecentMap<{at: number}>} */ (new RecentMap());
  /** When a client last got a token. */
  const refreshedBy = /** @type {RecentMap<{at: number}>} */ (new RecentMap());

  let latest = -Infinity;
  for await (const text of lines) {
    if (text.trim() === '') continue;
    scan.lines++;
    const line = readLine(text);
    if (!line) {
      scan.unread++;
      continue;
    }
    const { at, client, method, url, status } = line;
    // A much older line begins an older log. Lines of one log may be late by the time that a request takes.
    const isOlder = at < latest - SESSION_MS;
    if (isOlder) for (const recent of [waiting, shownTo, refreshedBy]) recent.dropOlder(Infinity);
    latest = isOlder ? at : Math.max(latest, at);
    waiting.dropOlder(at - withinMs);
    for (const recent of [shownTo, refreshedBy]) recent.dropOlder(at - SESSION_MS);
    const [path] = url.split('?');
    // Status 0 means that the client went away.
    const isSuccess = status >= 200 && status < 400;
    if (refresh?.test(path) && method !== 'OPTIONS' && isSuccess) refreshedBy.set(client, { at });
    if (!images.test(path) || !['GET', 'HEAD'].includes(method)) continue;

    countsAt(at).requests++;
    const key = `${client} ${url}`;
    const rejected = waiting.get(key);
    if (status === 401) {
      const hadToken = shownTo.get(client) !== undefined;
      waiting.set(key, {
        at,
        times: (rejected?.times ?? 0) + 1,
        firstAt: rejected?.firstAt ?? at,
        hadToken: rejected?.hadToken ?? hadToken,
      });
    } else if (isSuccess) {
      shownTo.set(client, { at });
      if (!rejected) continue;
      waiting.delete(key);
      const isExpired = refresh ? (refreshedBy.get(client)?.at ?? -1) >= rejected.firstAt : rejected.hadToken;
      countsAt(rejected.at).refused[isExpired ? 'expired' : 'late'] += rejected.times;
    }
  }
  waiting.dropOlder(Infinity);
  return scan;
}

/** @typedef {{at: number, times: number, firstAt: number, hadToken: boolean}} Rejected */

/** @returns {Counts} */
const noCounts = () => ({ requests: 0, refused: { late: 0, expired: 0, broken: 0 } });

/**
 * A map of recent events. A long log needs no more memory than a short one.
 * @template {{at: number}} Value
 */
class RecentMap {
  /** The values, oldest first. @type {Map<string, Value>} */
  #values = new Map();
  #onDrop;

  /** @param {(value: any) => void} [onDrop] */
  constructor(onDrop = () => {}) {
    this.#onDrop = onDrop;
  }

  /** @param {string} key */
  get(key) {
    return this.#values.get(key);
  }

  /** @param {string} key @param {Value} value */
  set(key, value) {
    this.#values.delete(key);
    this.#values.set(key, value);
  }

  /** @param {string} key */
  delete(key) {
    this.#values.delete(key);
  }

  /** @param {number} at */
  dropOlder(at) {
    for (const [key, value] of this.#values) {
      if (value.at >= at) return;
      this.#values.delete(key);
      this.#onDrop(value);
    }
  }
}

/** Address, two names, time, request, status, size, and in the combined format referrer and browser. */
const COMBINED = /^(\S+) \S+ .*?\[([^\]]+)\] "(\w+) (\S+)[^"]*" (\d{3}) \S+(?: "(?:[^"\\]|\\.)*" "((?:[^"\\]|\\.)*)")?/;

/** @param {string} text @returns {Line | undefined} */
function readLine(text) {
  const line = text.startsWith('{') ? readJson(text) : readCombined(text);
  return line && Number.isFinite(line.at) && Number.isInteger(line.status) && line.url && typeof line.url === 'string'
    ? line
    : undefined;
}

/** @param {string} text @returns {Line | undefined} */
function readCombined(text) {
  const [, address, time, method, url, status, browser = ''] = COMBINED.exec(text) ?? [];
  // The time looks like this: 10/Oct/2000:13:55:36 -0700
  return address === undefined
    ? undefined
    : {
        at: Date.parse(time.replaceAll('/', ' ').replace(':', ' ')),
        client: `${address} ${browser}`,
        method,
        url,
        status: Number(status),
      };
}

/**
 * Reads the fields by the names that nginx, Caddy and Traefik give them.
 * @param {string} text
 * @returns {Line | undefined}
 */
function readJson(text) {
  try {
    const line = JSON.parse(text);
    const all = { ...line, ...(typeof line.request === 'object' && line.request) };
    const first = (/** @type {string[]} */ ...names) =>
      names.map((name) => all[name]).find((value) => (value ?? '') !== '');
    const [method, url] = typeof line.request === 'string' ? line.request.split(' ') : [];
    const time = first('ts', 'time_iso8601', 'time', 'StartUTC', '@timestamp', 'msec');
    return {
      // The time is in seconds since 1970, or a date.
      at: Number.isFinite(Number(time)) ? Number(time) * 1000 : Date.parse(time),
      client: `${first('remote_addr', 'client_ip', 'remote_ip', 'ClientHost')} ${all.headers?.['User-Agent'] ?? first('http_user_agent', 'request_User-Agent') ?? ''}`,
      method: method ?? first('request_method', 'method', 'RequestMethod'),
      url: url ?? first('request_uri', 'uri', 'RequestPath'),
      status: Number(first('status', 'DownstreamStatus')),
    };
  } catch {
    return undefined;
  }
}

/** @type {Record<Kind, string>} */
const KIND_TEXTS = {
  late: 'first without a token, then shown',
  expired: 'token expired, then shown',
  broken: 'not shown',
};

const EXPIRED_BY_ORDER =
  'the client was shown an image in the half hour before the 401. With --refresh, the guess is better.';
const EXPIRED_BY_REFRESH = 'the client got a new token between the 401 and the image.';

/**
 * @param {Scan} scan
 * @param {ScanOptions} [options] the options of the scan
 * @returns {string} a table, and how sure its numbers are
 */
export function describeScan({ lines, unread, before, after }, { deployedAt, refresh, withinMs = WITHIN_MS } = {}) {
  const columns =
    deployedAt === undefined
      ? [['all', before]]
      : [
          ['before', before],
          ['after', after],
        ];
  const row = (/** @type {string} */ name, /** @type {(counts: any) => string} */ cell) =>
    [name.padEnd(36), ...columns.map(([, counts]) => cell(counts).padStart(18))].join('');
  const share = (/** @type {number} */ count, /** @type {number} */ of) =>
    `${count} (${of ? ((100 * count) / of).toFixed(2) : '0.00'} %)`;
  const total = (/** @type {Counts} */ { refused }) => Object.values(refused).reduce((sum, count) => sum + count, 0);
  return [
    `${lines} lines${unread ? `, of which ${unread} could not be read` : ''}`,
    ['images'.padEnd(36), ...columns.map(([name]) => String(name).padStart(18))].join(''),
    row('requests', ({ requests }) => String(requests)),
    row('responses with 401', (counts) => share(total(counts), counts.requests)),
    ...Object.entries(KIND_TEXTS).map(([kind, text]) =>
      row(`  ${text}`, (counts) => share(counts.refused[kind], counts.requests)),
    ),
    '',
    'A log does not tell which requests had a token, so the kinds are guesses from the order of the responses.',
    `shown: the same client got the same URL within ${withinMs / 1000} s of the 401.`,
    `token expired: ${refresh ? EXPIRED_BY_REFRESH : EXPIRED_BY_ORDER}`,
    "A client is an address and a browser's name. People behind one proxy may count as one client.",
  ].join('\n');
}
