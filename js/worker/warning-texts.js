// What to tell a developer of each warning of the core, by the names of Warning in cpp/step.h and in its order.

/** @type {Record<string, string>} */
export const warningTexts = {
  realmRefused:
    'refused a realm URL; it must be an absolute http or https URL of at most 8192 characters, without credentials, query or fragment.',
  tokenRefused: 'refused a token; it must be 1 to 16384 characters of visible ASCII, without spaces.',
  realmsFull: 'refused a realm; there are 100,000 already, on 10,000 hosts, or their tokens take 64 MiB.',
  messageIgnored: 'ignored a message of unknown type or wrong shape.',
  replyIgnored: "ignored a page's reply: it came too late, or its shape is wrong.",
  replyRefused: "refused a page's reply: its realm does not cover the URL that was asked about.",
  optionsIgnored:
    "ignored an option of the wrong type: credentials must be 'omit', 'same-origin' or 'include', and the others true or false.",
  messageTooLarge:
    'did not read the lists of a message or reply of more than 4 MiB, 100,000 tokens or 10,000 origins; the tokens it was to replace are gone. ' +
    'Sync fewer tokens.',
  waitersFull: 'sent a request without asking for its token; 10,000 others wait for an answer already.',
  syncRefused: 'took all tokens away; the tokens of a sync-tokens message must be an object of tokens by realm URL.',
  hostForbidden:
    "cannot fetch from a host: connect-src in the Content-Security-Policy header of the worker's script forbids it. Its " +
    'requests are left alone from now on, without a token. Add the origins of your realms to connect-src.',
};
