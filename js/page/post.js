import { warn } from './warn.js';

/**
 * Posts a message, with a port if an answer is wanted.
 * @param {ServiceWorker} worker
 * @param {{type: string}} message
 * @param {(answer: any) => void} [onAnswer]
 * @returns {MessagePort | undefined} our end of the channel, until the answer. None if the message could not be sent:
 *   then it warns
 */
export function post(worker, message, onAnswer) {
  const { port1, port2 } = (onAnswer && new MessageChannel()) ?? {};
  try {
    worker.postMessage(message, port2 ? [port2] : []);
  } catch (error) {
    warn(`could not send ${message.type}. Realm URLs and tokens must be strings.`, error);
    port1?.close();
    return undefined;
  }
  if (port1) {
    port1.onmessage = ({ data }) => {
      port1.close();
      onAnswer?.(data);
    };
  }
  return port1;
}
