// How long the page works on a reply, in ms from the arrival of the ask. The worker waits 200 ms from the fetch event,
// and some of this time has passed when the ask arrives. After `pending` the worker waits 3000 ms.

/** The limit for reading the tokens if a refresh may follow. Half of the time is left for the refresh. */
export const READ_CAP_MS = 1400;
export const REPLY_CAP_MS = 2800;
