// Stands in for the parts of @embroider/macros, ember-window-mock and local-storage-keys.ts in Boxel's build.
export const isTesting = () => false;
export default window;
export const SessionLocalStorageKey = 'boxel-session';
