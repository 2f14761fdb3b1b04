// Editors from npm, each in a page with one protected image.

/** The editors that `makeEditors` makes. All have their text in a frame, and Jodit also in the page itself. */
const NAMES = ['jodit', 'jodit-in-page', 'suneditor', 'tinymce-5', 'tinymce-7', 'ckeditor-4'];

/** TinyMCE 5 loads all its parts before TinyMCE 7 takes its global name. */
const SCRIPTS = [
  'jodit/es2021/jodit.min.js',
  'suneditor/dist/suneditor.min.js',
  'ckeditor4/ckeditor.js',
  'tinymce5/tinymce.min.js',
  'tinymce5/themes/silver/theme.min.js',
  'tinymce5/icons/default/icons.min.js',
];
const LATER_SCRIPTS = [
  'tinymce/tinymce.min.js',
  'tinymce/models/dom/model.min.js',
  'tinymce/themes/silver/theme.min.js',
  'tinymce/icons/default/icons.min.js',
];

/** Runs in the page, before any module. */
function makeEditors() {
  const view = /** @type {any} */ (globalThis);
  const { Jodit, SUNEDITOR, CKEDITOR, tinymce, tinymce5 } = view;
  const jodit = (/** @type {string} */ name, /** @type {boolean} */ iframe) => {
    const editor = Jodit.make(`#${name}`, { iframe });
    return { insert: (/** @type {string} */ html) => editor.s.insertHTML(html), html: () => editor.value };
  };
  const tiny = (/** @type {string} */ id, /** @type {any} */ tinymce) => {
    void tinymce.init({ selector: `#${id}`, license_key: 'gpl', convert_urls: false, skin: false, content_css: false });
    return {
      insert: (/** @type {string} */ html) => tinymce.get(id).insertContent(html),
      html: () => tinymce.get(id).getContent(),
    };
  };
  const { $: sun } = SUNEDITOR.create(document.querySelector('#suneditor'), {
    plugins: SUNEDITOR.plugins,
    iframe: true,
    iframe_cssFileName: [],
  });
  CKEDITOR.config.versionCheck = false;
  // Otherwise CKEditor also edits Jodit’s element.
  CKEDITOR.disableAutoInline = true;
  const ck = CKEDITOR.replace('ckeditor-4', { allowedContent: true });
  // Without a range, the editor needs a selection, and it may have none yet.
  const endOf = (/** @type {any} */ editor) => {
    const range = editor.createRange();
    range.moveToElementEditEnd(editor.editable());
    return range;
  };
  view.editors = {
    jodit: jodit('jodit', true),
    'jodit-in-page': jodit('jodit-in-page', false),
    suneditor: { insert: (/** @type {string} */ html) => sun.html.insert(html), html: () => sun.html.get() },
    'tinymce-5': tiny('tinymce-5', tinymce5),
    'tinymce-7': tiny('tinymce-7', tinymce),
    'ckeditor-4': {
      insert: (/** @type {string} */ html) => ck.insertHtml(html, 'html', endOf(ck)),
      html: () => ck.getData(),
    },
  };
}

const scriptsOf = (/** @type {string[]} */ names) =>
  names.map((name) => `<script src="/node_modules/${name}"></script>`).join('');

/** @param {string} realm @returns {string} the HTML of a page; it makes the editors while it is parsed */
export const editorsPage = (realm) => `<!doctype html>
  ${scriptsOf(SCRIPTS)}<script>var tinymce5 = tinymce</script>${scriptsOf(LATER_SCRIPTS)}
  <body>
  ${NAMES.map((name) => `<textarea id="${name}">Text &lt;img src="${realm}${name}.png"> more</textarea>`).join('')}
  <script>(${makeEditors})()</script>`;

/** @param {string} realm @returns {void} */
export const insertIntoEditors = (realm) => {
  for (const [name, { insert }] of Object.entries(/** @type {any} */ (globalThis).editors)) {
    insert(`<img src="${realm}${name}-later.png">`);
  }
};

/** @returns {string[]} the URLs of the images that show in editors, sorted */
export const shownInEditors = () =>
  [document, ...[...document.querySelectorAll('iframe')].map(({ contentDocument }) => contentDocument)]
    .flatMap((inner) => [...(inner?.images ?? [])])
    .filter((image) => image.getBoundingClientRect().width === 64)
    .map(({ src }) => src)
    .sort();

/** @returns {[string, string[]][]} the URLs that each editor saves, sorted */
export const savedByEditors = () =>
  Object.entries(/** @type {Record<string, any>} */ (/** @type {any} */ (globalThis).editors)).map(
    ([name, { html }]) => [name, [...html().matchAll(/\b(https?|blob|data):[^"&]*/g)].map(([url]) => url).sort()],
  );

/** @param {string} realm @param {boolean} hasLater @returns {[string, string[]][]} what each editor is to save */
export const toBeSaved = (realm, hasLater) =>
  NAMES.map((name) => [name, (hasLater ? ['-later', ''] : ['']).map((end) => `${realm}${name}${end}.png`)]);
