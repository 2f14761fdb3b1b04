// The script of status.html: a file of its own, since policies forbid inline scripts.
import { mountPanel } from './panel.js';

mountPanel(document.querySelector('#panel'));
// Said, not only implied by the colour scheme, so that tools that judge contrast see it in Firefox, too.
Object.assign(document.body.style, { background: 'Canvas', color: 'CanvasText' });
