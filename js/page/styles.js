// Images that style sheets and style attributes name.

/** @typedef {{style: CSSStyleDeclaration, base: string}} Styled base: what its URLs are relative to */

/**
 * @param {import('./set-again.js').Root} root
 * @returns {import('./set-again.js').Use[]}
 */
export const usesInStyles = (root) =>
  stylesOf(root).flatMap(({ style, base }) =>
    // Not an iterator: the descriptors of Firefox's @font-face have none.
    Array.from(style).flatMap((name) => {
      const urls = urlsIn(style.getPropertyValue(name), base);
      return urls.length > 0 ? [{ urls, takeAway: () => takeAway(style, name) }] : [];
    }),
  );

/** @param {CSSStyleDeclaration} style @param {string} name @returns {() => void} gives it back */
function takeAway(style, name) {
  const value = style.getPropertyValue(name);
  const priority = style.getPropertyPriority(name);
  style.setProperty(name, 'none', priority);
  return () => style.setProperty(name, value, priority);
}

/** @param {string} value @param {string} base @returns {string[]} */
function urlsIn(value, base) {
  return [...value.matchAll(/url\((["']?)(?!#)(.*?)\1\)/g)].flatMap(([, , url]) => {
    try {
      // WebKit escapes what stands in a custom property.
      return [new URL(url.replaceAll('\\', ''), base).href];
    } catch {
      return [];
    }
  });
}

/** @param {import('./set-again.js').Root} root @returns {Styled[]} */
function stylesOf(root) {
  const sheets = [...root.styleSheets, ...(root.adoptedStyleSheets ?? [])].flatMap(stylesOfSheet);
  const elements = [.../** @type {NodeListOf<HTMLElement>} */ (root.querySelectorAll('[style*="url("]'))];
  return [...sheets, ...elements.map(({ style, baseURI }) => ({ style, base: baseURI }))];
}

/** @param {CSSStyleSheet} sheet @returns {Styled[]} */
function stylesOfSheet(sheet) {
  try {
    return stylesOfRules(sheet.cssRules, sheet.href ?? document.baseURI);
  } catch {
    // Of another origin: it may not be read.
    return [];
  }
}

/** @param {CSSRuleList} rules @param {string} base @returns {Styled[]} */
function stylesOfRules(rules, base) {
  return [.../** @type {Iterable<any>} */ (rules)].flatMap(({ style, cssRules, styleSheet }) => [
    ...(style ? [{ style, base }] : []),
    ...(cssRules ? stylesOfRules(cssRules, base) : []),
    ...(styleSheet ? stylesOfSheet(styleSheet) : []),
  ]);
}
