// Images that style sheets and style attributes name.

/** @typedef {{style: CSSStyleDeclaration, base: string}} Styled base: what its URLs are relative to */

/**
 * Takes the declarations that name a wanted image away and sets them again. In one task, so that nothing
 * is painted between; with a layout between, without which WebKit keeps the broken image.
 * @param {import('./set-again.js').Root[]} roots
 * @param {(url: string) => boolean} isWanted
 */
export function setStylesAgain(roots, isWanted) {
  /** @type {(() => void)[]} */
  const restores = [];
  for (const { style, base } of roots.flatMap(stylesOf)) {
    // Not an iterator: the descriptors of Firefox's @font-face have none.
    for (const name of Array.from(style)) {
      const value = style.getPropertyValue(name);
      if (!urlsIn(value, base).some(isWanted)) continue;
      const priority = style.getPropertyPriority(name);
      style.setProperty(name, 'none', priority);
      restores.push(() => style.setProperty(name, value, priority));
    }
  }
  if (restores.length > 0) void document.body?.offsetTop;
  for (const restore of restores) restore();
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
