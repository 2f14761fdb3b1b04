// The script of status.html. It is a file of its own, since policies forbid inline scripts.
import { mountPanel } from './panel.js';

mountPanel(document.querySelector('#panel'));
// The colour scheme implies these colours. Set explicitly, they also reach tools that judge contrast in Firefox.
Object.assign(document.body.style, { background: 'Canvas', color: 'CanvasText' });
