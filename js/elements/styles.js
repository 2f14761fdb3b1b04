// Finds the images that style sheets and style attributes name.

/** Properties whose images are requested with CORS: https://drafts.fxtf.org/css-masking/#priv-sec */
const CORS = /mask|shape-outside/;

/** The parts of selectors with which querySelector finds nothing: pseudo-elements, and pseudo-classes for states. */
const STATES =
  /::?(before|after|first-line|first-letter)\b|::[\w-]+(\(.*?\))?|:(hover|active|focus(-\w+)?|target|checked)\b/g;

/** @typedef {{style: CSSStyleDeclaration, base: string}} Styled base: the URL that its URLs are relative to */

/**
 * @param {import('./reload-element.js').Root} root
 * @returns {import('./reload-element.js').Use[]}
 */
export const usesInStyles = (root) =>
  stylesOf(root).flatMap(({ style, base }) =>
    // Array.from, since the descriptors of Firefox's @font-face have no iterator. Elements of other XML have no style.
    Array.from(style ?? []).flatMap((longhand) => {
      // If a shorthand has var(), only the shorthand has a text:
      // https://drafts.csswg.org/css-variables/#pending-substitution-value
      const name = style.getPropertyValue(longhand) ? longhand : longhand.replace(/-(image|source)$/, '');
      const urls = urlsIn(style.getPropertyValue(name), base);
      return urls.length > 0
        ? [{ urls, crossOrigin: CORS.test(name) ? 'anonymous' : null, detach: () => detach(style, name) }]
        : [];
    }),
  );

/** @param {CSSStyleDeclaration} style @param {string} name @returns {() => void} gives it back */
function detach(style, name) {
  const value = style.getPropertyValue(name);
  const priority = style.getPropertyPriority(name);
  style.setProperty(name, 'none', priority);
  return () => style.setProperty(name, value, priority);
}

/** @param {string} value @param {string} base @returns {string[]} */
function urlsIn(value, base) {
  return [...value.matchAll(/url\((["']?)(?!#)(.*?)\1\)/g)].flatMap(([, , url]) => {
    try {
      // WebKit escapes the value of a custom property.
      return [new URL(url.replaceAll('\\', ''), base).href];
    } catch {
      return [];
    }
  });
}

/** @param {import('./reload-element.js').Root} root @returns {Styled[]} */
function stylesOf(root) {
  const sheets = [...root.styleSheets, ...(root.adoptedStyleSheets ?? [])].flatMap((sheet) =>
    stylesOfSheet(root, sheet),
  );
  const elements = [
    .../** @type {NodeListOf<HTMLElement>} */ (root.querySelectorAll('[style*="url("],[style*=image-set]')),
  ];
  return [...sheets, ...elements.map(({ style, baseURI }) => ({ style, base: baseURI }))];
}

/** @param {import('./reload-element.js').Root} root @param {CSSStyleSheet} sheet @returns {Styled[]} */
function stylesOfSheet(root, sheet) {
  try {
    if (sheet.disabled || !isForNow(root, sheet.media)) return [];
    return stylesOfRules(root, sheet.cssRules, sheet.href ?? sheet.ownerNode?.baseURI ?? document.baseURI);
  } catch {
    // A style sheet of another origin may not be read.
    return [];
  }
}

/** @param {import('./reload-element.js').Root} root @param {CSSRuleList} rules @param {string} base @returns {Styled[]} */
function stylesOfRules(root, rules, base) {
  return [.../** @type {Iterable<any>} */ (rules)].flatMap(
    ({ style, cssRules, styleSheet, selectorText, type, media }) => [
      // Fonts are no images.
      ...(style && type !== CSSRule.FONT_FACE_RULE && isUsed(root, style.cssText, selectorText)
        ? [{ style, base }]
        : []),
      ...(cssRules && isForNow(root, media) ? stylesOfRules(root, cssRules, base) : []),
      ...(styleSheet ? stylesOfSheet(root, styleSheet) : []),
    ],
  );
}

/**
 * @param {import('./reload-element.js').Root} root
 * @param {MediaList} [media]
 * @returns {boolean} false if browsers request nothing for these media, such as print
 */
const isForNow = (root, media) =>
  !media?.mediaText ||
  !!(root.ownerDocument ?? /** @type {Document} */ (root)).defaultView?.matchMedia(media.mediaText).matches;

/**
 * @param {import('./reload-element.js').Root} root
 * @param {string} text of a rule's declarations
 * @param {string | undefined} selector
 * @returns {boolean} false if browsers have requested nothing for the rule
 */
function isUsed(root, text, selector) {
  if (!text.includes('url(')) return false;
  // A nested rule, or one about elements outside of the root, cannot be checked.
  if (!selector || /&|:host|::slotted|::part/.test(selector)) return true;
  try {
    return !!root.querySelector(selector.replace(STATES, ''));
  } catch {
    return true;
  }
}
