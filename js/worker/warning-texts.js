// For each warning of the core, the text for developers. Names and order are those of Warning in cpp/base/step.h.

/** @type {Record<string, string>} */
export const warningTexts = {
  realmRefused:
    'refused a realm URL: it must be http or https, of at most 8192 characters, without credentials, query or fragment.',
  tokenRefused: 'refused a token: it must be 1 to 16384 characters of visible ASCII.',
  realmsFull:
    'refused a realm: the worker has 100,000 realms, 10,000 hosts, or 64 MiB of tokens. Remove realms that are not needed.',
  messageIgnored: 'ignored a message of unknown type or wrong shape.',
  replyIgnored: "ignored a page's reply: it came too late, or its shape is wrong.",
  replyRefused:
    "refused a page's reply: its realm does not cover the URL that was asked about. Return from realmOf() a realm that the URL begins with.",
  optionsIgnored:
    "ignored an option of the wrong type: credentials must be 'omit', 'same-origin' or 'include', and all others true or false.",
  messageTooLarge:
    'a message or reply is too large. It may have at most 4 MiB, 100,000 tokens and 10,000 origins. The worker forgot the tokens that the message should replace. Send fewer.',
  waitersFull: 'did not hold a request for a token: 10,000 other requests wait for one, or 256 asks are open.',
  syncRefused: 'forgot all tokens: `tokens` of a sync-tokens message must be an object of realm URLs and their tokens.',
  hostForbidden:
    "cannot fetch from a host: add the origins of your realms to connect-src in the Content-Security-Policy header of the worker's script. Until then, requests to it go out without a token.",
};
