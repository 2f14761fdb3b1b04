// The script of status.html: a file of its own, since policies forbid inline scripts.
import { mountPanel } from './panel.js';

mountPanel(document.querySelector('#panel'));
