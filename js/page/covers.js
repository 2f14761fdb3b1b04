/** @param {ServiceWorkerRegistration | undefined} registration @returns {boolean} whether the page is in its scope */
export const covers = (registration) => !!registration && !!globalThis.location?.href.startsWith(registration.scope);
