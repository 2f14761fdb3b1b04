// Counts what became of the requests with a token, from the worker's start on.
import { TIME_ENDS } from '../protocol.js';

/** @param {number} status */
export const isUnauthorised = (status) => status === 401 || status === 403;

export class Counts {
  sent = 0;
  retried = 0;
  refreshes = 0;
  refused = 0;
  failed = 0;
  unauthorised = 0;
  images = 0;
  imagesUnauthorised = 0;
  /** How many responses took how long, by the classes of TIME_ENDS. */
  times = Array(TIME_ENDS.length + 1).fill(0);

  /** Counts what a page gets for a request with a token. @param {import('./request-ledger.js').Entry} entry */
  settled({ event, status, at }) {
    const isImage = event.request.destination === 'image';
    if (isImage) ++this.images;
    if (isUnauthorised(status)) {
      ++this.unauthorised;
      if (isImage) ++this.imagesUnauthorised;
    }
    ++this.times[TIME_ENDS.filter((end) => end <= performance.now() - at).length];
  }
}
