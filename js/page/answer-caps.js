// How long an ask is answered for, from when it arrives, in ms. The worker waits 200 ms from the fetch event on, and has used
// some of them by then; after `pending`, 3000 ms.

/** Where a refresh may follow, the tokens' read leaves it as much. */
export const READ_CAP_MS = 1400;
export const ANSWER_CAP_MS = 2800;
