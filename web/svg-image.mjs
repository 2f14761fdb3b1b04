/** @param {string} text */
const escaped = (text) => text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);

/**
 * A poster: a word, a line below it, and rings around a corner.
 * @param {{title: string, line: string, ink: string, paper: string, accent: string}} poster
 * @returns {Buffer} an SVG file
 */
export function posterSvg({ title, line, ink, paper, accent }) {
  const rings = Array.from(
    { length: 9 },
    (_, ring) =>
      `<circle cx="640" cy="0" r="${60 + ring * 44}" fill="none" stroke="${accent}" stroke-width="${16 - ring * 1.5}" opacity="${(1 - ring * 0.09).toFixed(2)}"/>`,
  );
  return Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" width="640" height="400" viewBox="0 0 640 400">
<rect width="640" height="400" fill="${paper}"/>
${rings.join('\n')}
<g font-family="Charter, Georgia, 'DejaVu Serif', serif" fill="${ink}">
<text x="44" y="306" font-size="64">${escaped(title)}</text>
<text x="46" y="350" font-size="25" opacity=".75">${escaped(line)}</text>
</g>
</svg>
`);
}

/**
 * A floor plan: the same rooms every time.
 * @param {{ink: string, paper: string, accent: string}} colours
 * @returns {Buffer} an SVG file
 */
export function planSvg({ ink, paper, accent }) {
  const grid = Array.from(
    { length: 31 },
    (_, n) => `<path d="M${n * 20 + 20} 20V380M20 ${Math.min(n * 20 + 20, 380)}H620"/>`,
  );
  return Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" width="640" height="400" viewBox="0 0 640 400">
<rect width="640" height="400" fill="${paper}"/>
<g stroke="${ink}" stroke-width="1" opacity=".12" fill="none">${grid.join('')}</g>
<g stroke="${ink}" stroke-width="7" fill="none" stroke-linejoin="round">
<path d="M80 70H560V330H380M330 330H80V70M300 70V160M300 210V330M300 190H420M480 190H560"/>
</g>
<g stroke="${ink}" stroke-width="2" fill="none" opacity=".6">
<path d="M330 330A50 50 0 0 1 380 280V330M300 160A50 50 0 0 0 250 210H300M420 190A60 60 0 0 1 480 130V190"/>
</g>
<g fill="${accent}">
<rect x="110" y="100" width="120" height="60" rx="8"/><circle cx="170" cy="260" r="38"/>
<rect x="340" y="100" width="54" height="54" rx="27"/><rect x="430" y="240" width="100" height="56" rx="8"/>
</g>
</svg>
`);
}
