// Files of realms in places that no element serves: a new tab, a download, viewers and the clipboard.
import { authorisedFetch, currentState, placeOf } from './authorised-fetch.js';

/**
 * @typedef {object} FileOptions
 * @property {AbortSignal | undefined} [signal] aborts the request. The promise then rejects with an AbortError
 * @property {((progress: {loaded: number, total: number | undefined}) => void) | undefined} [onProgress] called as
 *   bytes arrive. `total` is undefined if the server does not send the size
 * @property {boolean | undefined} [trusted] keeps the type of each file. HTML, SVG and XML may then run scripts as part
 *   of your page, so do not set it for files that users have written. Without it, all files except images (but not
 *   SVG), audio, video, PDF and CSV are shown as plain text
 */

/**
 * The types that run no scripts. A blob: URL belongs to the page's origin, so its scripts would have the rights of the
 * page. Browsers take many types for HTML or XML, also those that end in `+xml`, and files without a type.
 */
const PASSIVE = /^(?:(?:image\/(?!svg)|audio\/|video\/)[\w.-]+|application\/pdf|text\/csv)(?=\s*(?:[;,]|$))/i;

/**
 * Makes a blob: URL of a file of a realm, for `<object>`, PDF viewers and the like. The URL is valid until the
 * page calls clearServiceWorkerTokens(), syncAllTokensToServiceWorker() or `URL.revokeObjectURL()`, or returns from the
 * back/forward cache.
 * @param {string | URL} url
 * @param {FileOptions} [options]
 * @returns {Promise<string>} rejects with an Error in plain words when there is no file. Its `status` is that of the
 *   response
 */
export async function authorisedURL(url, options = {}) {
  const { epoch } = currentState();
  const blob = await fileAt(url, options);
  const address = URL.createObjectURL(blob);
  epoch.onEnd(() => URL.revokeObjectURL(address));
  return address;
}

/**
 * Opens a file of a realm in a new tab. Call it in the handler of a click, before any `await`: it opens the tab at
 * once, so that no pop-up blocker stops it. The tab shows the file when it has arrived.
 * @param {string | URL} url
 * @param {FileOptions} [options]
 * @returns {Promise<Window>} rejects as authorisedURL does, and if the browser opens no tab. If there is a tab, it is
 *   then closed
 */
export async function openAuthorised(url, options) {
  const opened = window.open('about:blank', '_blank');
  if (!opened)
    throw new Error(
      'the browser did not open a tab. Call openAuthorised() in the handler of a click, before any await.',
    );
  try {
    opened.opener = null;
    opened.location.replace(await authorisedURL(url, options));
    return opened;
  } catch (error) {
    opened.close();
    throw error;
  }
}

/**
 * Saves a file of a realm.
 * @param {string | URL} url
 * @param {string} [name] default: the last part of the URL's path
 * @param {FileOptions & {to?: WritableStream}} [options] to: the file is written there while it arrives. For files that
 *   are too large for memory, for example `(await showSaveFilePicker()).createWritable()`
 * @returns {Promise<void>} settles when the file is written, or handed over to the browser. Rejects as authorisedURL
 *   does, and then aborts `to`
 */
export async function downloadAuthorised(url, name, options = {}) {
  const { to } = options;
  if (to) {
    const response = await okResponse(url, options).catch(async (error) => {
      await to.abort(error).catch(() => {});
      throw error;
    });
    const body = response.body ?? new Blob().stream();
    await body.pipeThrough(counting(response, options)).pipeTo(to, options.signal ? { signal: options.signal } : {});
    return;
  }
  const saved = name ?? lastPartOf(new URL(url, document.baseURI));
  const address = URL.createObjectURL(new Blob([await fileAt(url, options)], { type: 'application/octet-stream' }));
  const link = document.createElement('a');
  link.href = address;
  link.download = saved;
  link.click();
  // By then the browser has taken the file.
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

/** @param {URL} url @returns {string} the last part of its path, unchanged if its escapes are not UTF-8 */
function lastPartOf({ pathname }) {
  const part = pathname.replace(/^.*\//, '');
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** @param {string | URL} url @param {FileOptions} options @returns {Promise<Response>} */
async function okResponse(url, { signal }) {
  const response = await authorisedFetch(url, signal);
  if (response.ok) return response;
  const { status } = response;
  const isRejected = status === 401 || status === 403;
  const why = isRejected
    ? 'the token of its realm is missing or rejected, or does not allow it'
    : 'there is no such file, or its server failed';
  throw Object.assign(new Error(`${placeOf(url)} responded with ${status}: ${why}.`), { status });
}

/** @param {string | URL} url @param {FileOptions} options @returns {Promise<Blob>} */
async function fileAt(url, options) {
  const { epoch } = currentState();
  const response = await okResponse(url, options);
  const body = response.body?.pipeThrough(counting(response, options));
  const blob = await new Response(body ?? null).blob();
  if (currentState().epoch !== epoch) throw new Error(`${placeOf(url)} came for a user who has logged out meanwhile.`);
  const type = response.headers.get('content-type') ?? '';
  return new Blob([blob], { type: options.trusted ? type : passiveType(type) });
}

/** @param {string} type of a response @returns {string} */
function passiveType(type) {
  const [essence] = PASSIVE.exec(type) ?? ['text/plain'];
  const charset = /;\s*charset="?([\w-]+)/i.exec(type)?.[1];
  return charset ? `${essence};charset=${charset}` : essence;
}

/** @param {Response} response @param {FileOptions} options @returns {TransformStream<Uint8Array, Uint8Array>} */
function counting({ headers }, { onProgress }) {
  // The length is that of the bytes that are sent. If they are compressed, it says nothing of those that arrive here.
  const total = headers.has('content-encoding') ? undefined : Number(headers.get('content-length') ?? NaN) || undefined;
  let loaded = 0;
  return new TransformStream({
    transform(chunk, controller) {
      loaded += chunk.length;
      controller.enqueue(chunk);
      onProgress?.({ loaded, total });
    },
  });
}
