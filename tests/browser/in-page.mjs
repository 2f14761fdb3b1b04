// Functions that stories run in the page. Each is sent there as text, so it refers to nothing outside of itself.

/** Settles once a worker controls the page. @returns {Promise<boolean>} */
export const controlled = async () => {
  const container = navigator.serviceWorker;
  await container.ready;
  if (!container.controller)
    await new Promise((resolve) => container.addEventListener('controllerchange', resolve, { once: true }));
  return true;
};

/**
 * The worker's counts. Messages of a page arrive in order, so it has handled all that were sent before.
 * @returns {Promise<Record<string, number> | null>} null if the worker does not tell them
 */
export const workerStats = () =>
  new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = ({ data }) => resolve(data);
    setTimeout(resolve, 1000, null);
    navigator.serviceWorker.controller?.postMessage({ type: 'stats' }, [port2]);
  });

/** @param {string} url @returns {Promise<boolean>} whether the image shows */
export const showImage = (url) =>
  new Promise((resolve) => {
    const image = new Image();
    image.onload = () => resolve(image.naturalWidth > 0);
    image.onerror = () => resolve(false);
    image.src = url;
    document.body.append(image);
  });

/** Requests an image and does not wait for it. @param {string} url @returns {number} the time, by Date.now() */
export const startImage = (url) => {
  const image = new Image();
  document.body.append(image);
  const now = Date.now();
  image.src = url;
  return now;
};

/** @param {string[]} urls requested all at once @returns {Promise<number[]>} the width of each image, 0 of one that does not show */
export const shownWidths = (urls) =>
  Promise.all(
    urls.map(
      (src) =>
        new Promise((resolve) => {
          const image = new Image();
          image.onload = () => resolve(image.naturalWidth);
          image.onerror = () => resolve(0);
          image.src = src;
        }),
    ),
  );

/** Opens a stream and waits for three events. @param {string} url @returns {Promise<number>} how many came in 3 s */
export const streamEvents = (url) =>
  new Promise((resolve) => {
    let count = 0;
    const stream = new EventSource(url);
    const end = () => {
      stream.close();
      resolve(count);
    };
    stream.onmessage = () => void (++count === 3 && end());
    setTimeout(end, 3000);
  });

/** @returns {number} how many asks of the worker have reached this page */
export const askCount = () => asks.length;

/** @returns {string[]} the URLs of these asks */
export const askedURLs = () => asks;

/** @param {string} realmURL @param {string} token @returns {void} */
export const pushToken = (realmURL, token) => auth.syncTokenToServiceWorker(realmURL, token);

/** Stores tokens as a login of the app would, but does not tell the worker. @param {Record<string, string>} tokens */
export const storeTokens = (tokens, key = 'boxel-session') => localStorage.setItem(key, JSON.stringify(tokens));

/**
 * Has a worker of the page's, whose script an app serves (fetching-worker.mjs), fetch them all at once.
 * @param {string[]} urls
 * @param {{isShared?: boolean, isBlob?: boolean, isModule?: boolean}} kind
 * @returns {Promise<number[]>} the status of each response
 */
export const statusesInWorker = async (urls, { isShared, isBlob, isModule }) => {
  const served = `/fetching-worker.js?${Math.random()}`;
  const url = isBlob
    ? URL.createObjectURL(new Blob([await (await fetch(served)).text()], { type: 'text/javascript' }))
    : served;
  const options = /** @type {const} */ ({ type: isModule ? 'module' : 'classic' });
  const worker = isShared ? new SharedWorker(url, options).port : new Worker(url, options);
  const statuses = new Promise((resolve) => (worker.onmessage = resolve));
  worker.postMessage(urls);
  return (await statuses).data;
};
