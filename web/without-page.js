// This page lies outside the worker's scope, so its requests go to the network as they are.
import { byId } from '/dom.js';
import { showShelf } from '/shelf.js';

Object.assign(window, { showRound: (/** @type {number} */ round) => showShelf(byId('shelf'), 'without', round) });
