// Mistakes that one could make in js/. Mistakes of each kind once leaked tokens or images. Each is one edit: `from`
// occurs exactly once in the file. `tests` are the tests of tests/js that have to notice it.

/** @typedef {{name: string, file: string, from: string, to: string, tests: string[]}} JSMutation */

/**
 * @param {string[]} tests
 * @param {[name: string, file: string, from: string, to: string][]} edits
 * @returns {JSMutation[]}
 */
const noticedBy = (tests, edits) => edits.map(([name, file, from, to]) => ({ name, file, from, to, tests }));

/** @type {JSMutation[]} */
export const mutations = [
  ...noticedBy(
    ['core-exports', 'page-matcher'],
    [
      [
        'a view of memory that has grown is kept',
        'core-memory.js',
        'if (this.#module.HEAPU8 !== this.#heap) {',
        'if (false) {',
      ],
    ],
  ),
  ...noticedBy(
    ['worker-state'],
    [
      ['all scopes share one state', 'worker/state-store.js', 'this.#key = scope;', "this.#key = scope && 'all';"],
      ['each message is a write', 'worker/state-store.js', 'this.#waiting ??= (this', 'this.#waiting = (this'],
      ['the app waits for the worker to delete its databases', 'worker/state-store.js', 'db.close();', ''],
      [
        'what the worker hears after the app has deleted all databases is lost',
        'worker/state-store.js',
        'this.#opened = undefined;',
        '',
      ],
      ['a write that fails is none', 'worker/state-store.js', 'this.hasFailed = true;', ''],
      [
        'an older state stays where a newer one finds no room',
        'worker/state-store.js',
        'await set(this.#key, UNREADABLE, this.#store)',
        'await Promise.resolve()',
      ],
      [
        'what was deleted for want of room was never there',
        'worker/state-store.js',
        'return text ?? spare ?? earlier;',
        'return text ?? earlier;',
      ],
      [
        'what cannot be read is nothing',
        'worker/state-keeper.js',
        'this.#store.hasFailed = true;\n        this.#core.stateUnavailable();',
        "this.#core.stateLoaded('');",
      ],
      ['what cannot be read is not read again', 'worker/state-keeper.js', 'this.#store.hasFailed = true;', ''],
      [
        'nothing keeps the worker alive',
        'worker/state-keeper.js',
        'if (saved) event.waitUntil(saved);',
        'void [saved, event];',
      ],
      [
        'what was read while it waited stays',
        'worker/state-keeper.js',
        'if (this.#mayBeOld) this.#isAsked = false;',
        'void this.#mayBeOld;',
      ],
      ['acknowledges before it is written', 'worker/effects.js', '[claiming, state.saved]', '[claiming]'],
      [
        'acknowledges what a core that died was told',
        'worker/effects.js',
        'core.life === life && !',
        '(life || true) && !',
      ],
      ['acknowledges what storage does not take', 'worker/effects.js', '&& !state.hasFailed &&', '&&'],
      ['what has failed is not tried again', 'worker/listeners.js', 'state.retry();', ''],
      [
        'numbers of clients are kept',
        'worker/listeners.js',
        'if (client && core.isForgotten(client)) clients.forget(client);',
        '',
      ],
    ],
  ),
  ...noticedBy(
    ['worker-user-change', 'boundary'],
    [
      [
        'what is not stored replaces what is cached',
        'worker/request-info.js',
        '(isStorable ? 2 : 0)',
        '(isStorable ? 2 : 2)',
      ],
      [
        'requests without a token never revalidate',
        'worker/effects.js',
        'if (revalidates) return fetch(revalidatingRequest(original));',
        '',
      ],
      [
        'requests with a token never revalidate',
        'worker/authed-request.js',
        'cache: revalidates && !PAST_THE_CACHE.includes(cache) ? revalidating(url) : cache,',
        'cache: revalidates ? cache : cache,',
      ],
      [
        'Firefox uses what is immutable',
        'worker/authed-request.js',
        "keepsImmutable && url.startsWith('https:') ? 'reload'",
        "keepsImmutable && url.startsWith('https:') ? 'no-cache'",
      ],
    ],
  ),
  ...noticedBy(
    ['page-epoch', 'page-sync', 'page-lifecycle'],
    [
      ['a prerendered page tells its tokens', 'page/token-push.js', 'if (isPrerendering()) return;', ''],
      [
        'a prerendered page tells what the app says',
        'page/token-push.js',
        'if (worker && !isPrerendering())',
        'if (worker)',
      ],
      [
        'what began before the logout goes on',
        'page/epoch.js',
        'this.#isOver ? undefined : effect(...args)',
        'effect(...args)',
      ],
      [
        'an ask is answered with what was found before the logout',
        'page/asks.js',
        'const isOfNow = epoch === state.epoch;',
        'const isOfNow = epoch !== undefined;',
      ],
      [
        'what is read late is held',
        'page/epoch.js',
        'if (changes === this.#changes) this.#held',
        'if (changes <= this.#changes) this.#held',
      ],
      [
        'another spelling of a realm is another realm to the page',
        'page/tokens.js',
        'normalURL(serialisedRealm(realmURL) ?? realmURL)',
        'serialisedRealm(realmURL) ?? realmURL',
      ],
      ['a logout ends nothing', 'page/token-push.js', 'if (isWhole) { this.#beginEpoch();', 'if (isWhole) {'],
      [
        'the back/forward cache ends nothing',
        'page/token-push.js',
        'this.#beginEpoch(); this.#backlog.clear(); this.#push();',
        'this.#push();',
      ],
      [
        'what was said before a logout in another tab is repeated',
        'page/token-push.js',
        'this.#backlog.clear(); this.#saidElsewhereAt',
        'this.#saidElsewhereAt',
      ],
      [
        'a token is repeated that a refresh has replaced',
        'page/asks.js',
        'reading.isRefreshed ? news : undefined',
        'news && []',
      ],
      [
        'a removal is forgotten for a refresh that was on its way',
        'page/token-log.js',
        'known ? known.token : this.isWhole',
        'known || this.isWhole',
      ],
      [
        'a refresh outlasts what the app said while there was no worker',
        'page/token-push.js',
        '[latest, epoch.log, this.#backlog]',
        '[latest, this.#backlog]',
      ],
      ['a logout in another tab ends nothing', 'page/token-push.js', 'this.#beginEpoch(true);', ''],
      [
        'a list has a token that the app has replaced while it was read',
        'page/asks.js',
        'const list = log.asOfNow(tokens, reading.since);',
        'const list = tokens;',
      ],
      [
        'an answer is a token that the app has replaced while it was read',
        'page/asks.js',
        "if ('token' in reply && !reading.isRefreshed) {",
        "if (false && 'token' in reply) {",
      ],
      [
        'a removal that a refresh begins with counts against its token',
        'page/asks.js',
        "'token' in reply && !reading.isRefreshed",
        "'token' in reply",
      ],
      [
        'a removal that a refresh begins with counts against what is read after it',
        'refresh/index.js',
        'read ? { tokens: read, since: now } :',
        'read ? { tokens: read } :',
      ],
      [
        'a new worker is told a token that was refreshed while it was read',
        'page/token-push.js',
        'all.addTokens(epoch.log.asOfNow(tokens, now));',
        'all.addTokens(tokens);',
      ],
      [
        'what the app says again is as old as before',
        'page/token-log.js',
        'this.#set(realmURL, token).at = ++this.now;',
        'this.#set(realmURL, token);',
      ],
      [
        'what is missing after a logout in another tab stays',
        'page/token-push.js',
        '{ hasLasted: elapsed() - this.#saidElsewhereAt < MISSING_MS }',
        '{ hasLasted: false }',
      ],
      [
        'what is missing counts as removed only if the second look does not fail',
        'page/token-push.js',
        'this.#lookAgain(missing, 2 * pause);',
        '{}',
      ],
      [
        'what is still missing is told only by the look after 5 s',
        'page/token-push.js',
        'missing.hasLasted = true; if ((await this.#readAgain(options)) === undefined)',
        'missing.hasLasted = true; if ((await this.#readAgain(options)) === undefined && !(missing.hasLasted = false))',
      ],
      ['what is back is looked for', 'page/token-push.js', ' || ![...this.#missing.values()].includes(missing)', ''],
      [
        'what is missing stays if the page registers again',
        'page/token-push.js',
        'const look = this.#state.epoch.guard(async () => { const { options } = this.#state;',
        'const { options } = this.#state; const look = this.#state.epoch.guard(async () => { if (options !== this.#state.options) return;',
      ],
      [
        'what is missing is repeated',
        'page/token-push.js',
        '// So no repetition brings them back. this.#backlog.withdraw(this.#missing.keys());',
        '',
      ],
      [
        'what is missing is told to the next worker',
        'page/token-push.js',
        'this.#backlog.withdraw(this.#missing.keys());\n      await this.register',
        'await this.register',
      ],
      [
        'what was said before a logout in another tab is told to the next worker',
        'page/token-push.js',
        'epoch.log.said(epoch.begin)',
        'epoch.log.said()',
      ],
      [
        'what was said before a logout in another tab is all that there is',
        'page/token-push.js',
        'epoch.log.isWhole && !epoch.begin',
        'epoch.log.isWhole',
      ],
      [
        'what is missing is told to a worker of version 1',
        'page/token-push.js',
        '!this.#missing.has(realmURL) && epoch',
        'epoch',
      ],
      [
        'a refresh for the user before answers',
        'refresh/refresher.js',
        '!token || token === before;',
        '!token || !!token;',
      ],
      [
        'a refresh for the user before brings its token',
        'refresh/refresher.js',
        'if (said && said !== before && said !== token) return said;',
        'void said;',
      ],
      [
        'what the page held outlives what the app says',
        'page/token-push.js',
        'epoch.dropHeld();\n    this.#hasTokenCome',
        'this.#hasTokenCome',
      ],
      ['removals are lost with many realms', 'page/token-log.js', 'this.add([], true);', ''],
    ],
  ),
  ...noticedBy(
    ['wire-text', 'worker', 'page-sync'],
    [
      ['a lone surrogate spoils the message', 'worker/wire-text.js', ".replace(/\\p{Surrogate}/gu, '\\ufffd')", ''],
      [
        'a list that is too long is mapped',
        'worker/wire-text.js',
        'if (value.length > LIMITS.hosts) throw TOO_LARGE;',
        'if (value.length > 2 * LIMITS.hosts) throw TOO_LARGE;',
      ],
      ['tokens of any size are copied', 'worker/wire-text.js', 'if (left < 0) throw TOO_LARGE;', ''],
      [
        'what does not parse has no length',
        'worker/wire-text.js',
        'Math.max(given.length, url?.length ?? 0)',
        'url?.length ?? 0',
      ],
      [
        'the parser gets hosts of any length',
        'worker/wire-text.js',
        'hasLongHost(given) ? undefined : parseRealmURL',
        'parseRealmURL',
      ],
      [
        'bytes are a list of tokens',
        'worker/wire-text.js',
        "typeof value === 'object' && Object.prototype.toString.call(value) === '[object Object]'",
        "typeof value === 'object' && value !== null",
      ],
      [
        'what does not parse is a realm',
        'worker/wire-text.js',
        "realmURL(key, count) ?? ''",
        'realmURL(key, count) ?? key',
      ],
      [
        'a getter among the tokens spoils all',
        'page/tokens.js',
        'const token = realm && usableToken(realm, () => /** @type {any} */ (value)[realmURL]);',
        'const given = /** @type {any} */ (value)[realmURL];\n      const token = realm && usableToken(realm, () => given);',
      ],
      ['a list is one message, however long', 'page/token-log.js', 'if (length > left) {', 'if (parts.length === 0) {'],
    ],
  ),
  ...noticedBy(
    ['page-sync', 'page-register', 'page-replies', 'page-early', 'page-lifecycle'],
    [
      [
        'any worker in control gets the tokens',
        'page/own-workers.js',
        'worker && (hasShownVersion2(worker) || isOfScript(worker.scriptURL, this.scriptURL));',
        'worker && (hasShownVersion2(worker) || true);',
      ],
      [
        'any worker may ask',
        'page/asks.js',
        'workers.has(source, scriptURLOf(options));',
        '!!workers.has && !!scriptURLOf(options);',
      ],
      [
        'a worker with other options is not answered',
        'page/own-workers.js',
        'withoutQuery(scriptURL) === withoutQuery(new URL(registered, scriptURL).href);',
        'scriptURL === new URL(registered, scriptURL).href;\nvoid withoutQuery;',
      ],
      [
        'a worker of another folder is answered in a srcdoc',
        'page/own-workers.js',
        'withoutQuery(scriptURL) === withoutQuery(new URL(registered, scriptURL).href);',
        'withoutQuery(scriptURL).endsWith(withoutQuery(registered));',
      ],
      ['the early responder tells any worker', 'early.js', '!isOwn(worker) || ', ''],
    ],
  ),
  ...noticedBy(
    ['worker', 'boundary'],
    [
      ['a page of any origin is one of the app', 'worker/request-info.js', 'referrer.startsWith(root) && ', ''],
      ['an origin as the referrer is a page', 'worker/request-info.js', ' && referrer.length > root.length', ''],
      [
        'a policy that shortens no referrer proves something',
        'worker/request-info.js',
        'if (!SHORTENING_POLICIES.includes(referrerPolicy)) return false;',
        'void [SHORTENING_POLICIES, referrerPolicy];',
      ],
    ],
  ),
  ...noticedBy(
    ['worker-user-change'],
    [
      [
        'a late reply reaches the next core',
        'worker/ask-channels.js',
        'if (this.#core.life === life) this.#core',
        'this.#core',
      ],
    ],
  ),
  ...noticedBy(
    ['worker'],
    [
      [
        'a navigation that starts the worker needs no option',
        'worker/listeners.js',
        '!isFromApp(request) && !authorizesNavigations) {',
        '!isFromApp(request)) {',
      ],
    ],
  ),
  ...noticedBy(
    ['worker-asks'],
    [
      [
        'a page that answers late stays silent',
        'worker/ask-channels.js',
        'else this.#late.add(port);',
        'else port.close();',
      ],
      ['a pending is the last word', 'worker/ask-channels.js', 'data?.type !== PENDING', 'true'],
      ['ports wait for late answers without a bound', 'worker/ask-channels.js', 'this.#closeLate(MAX_LATE);', ''],
      ['ports outlive their core', 'worker/ask-channels.js', 'this.#closeLate(0);', ''],
    ],
  ),
  ...noticedBy(
    ['page-package'],
    [
      [
        'a failure is held for ever where elements.js cannot be loaded',
        'page/failures.js',
        '(elements ? use(elements) : this.#releaseAll())',
        'elements && use(elements)',
      ],
    ],
  ),
  ...noticedBy(
    ['page-version-2'],
    [
      [
        'a refresh does not say of which realm',
        'refresh/index.js',
        'wantsRefresh ? refreshingReply(realmURL) : undefined',
        '',
      ],
      [
        'a worker of another build is not spoken of',
        'page/hello.js',
        "if (answer.build !== BUILD) advise('other-version', [answer.build, BUILD]);",
        'void [advise, BUILD];',
      ],
      [
        'a token is refreshed for the server of another app',
        'refresh/realm-of-url.js',
        'named.some((realm) => originOf(realm) === origin)',
        '(named.some((realm) => originOf(realm) === origin) || true)',
      ],
      [
        'an app that lists no realm gets those of others',
        'refresh/realm-of-url.js',
        'named.length === 0 && !options.realms',
        'named.length === 0',
      ],
      [
        'the app is asked for a realm as the worker writes it',
        'refresh/realm-of-url.js',
        '[...own, hint] : own',
        '[hint, ...own] : own',
      ],
    ],
  ),
  ...noticedBy(
    ['page-authorised'],
    [
      [
        'a request has a token that the app has removed while it was read',
        'authorised/authorised-fetch.js',
        'const tokens = log.asOfNow(read, now);',
        'const tokens = read;',
      ],
      [
        'a stored token counts after a logout elsewhere, though it was not read again',
        'page/epoch.js',
        'next.log.doubt();',
        '',
      ],
      [
        'SVG is taken for an image',
        'authorised/files.js',
        'image\\/(?!svg)|audio\\/|video\\/)[\\w.-]+',
        'image\\/|audio\\/|video\\/)[\\w.+-]+',
      ],
      ['a stream is left open', 'authorised/files.js', 'await to.abort(error)', 'await Promise.resolve(error)'],
      [
        'a token goes to a URL outside of its realm',
        'authorised/authorised-fetch.js',
        'realmURL && coveringRealm([realmURL], target) ? realmURL : undefined',
        'realmURL',
      ],
      [
        'images of no realm are requested',
        'authorised/without-worker.js',
        '(await isInRealm(url))',
        '(await isInRealm(url), true)',
      ],
      [
        'images stay away after the app has said all its tokens anew',
        'authorised/without-worker.js',
        'if (!epoch.log.isWhole || epoch.log.realms().length > 0) showBroken();',
        '',
      ],
      [
        'images of the user before are requested at the logout',
        'authorised/without-worker.js',
        'if (!epoch.log.isWhole || epoch.log.realms().length > 0) showBroken();',
        'showBroken();',
      ],
      [
        'an image that was rejected once stays so after the login',
        'elements/image-sheets.js',
        'if (help.missing.get(url) === now()) return false;',
        'if (help.missing.has(url)) return false;',
      ],
      [
        'an image that was rejected is requested for each element',
        'elements/image-sheets.js',
        'if (help.missing.get(url) === now()) return false;',
        '',
      ],
      ['files without a type stay so', 'authorised/files.js', "?? ['text/plain']", "?? [type && 'text/plain']"],
    ],
  ),
  ...noticedBy(
    ['page-final-reply'],
    [
      ['a dialog is shown again while it is open', 'refresh/refresher.js', 'elapsed() < known.until', 'elapsed() < 0'],
      [
        'a login that hangs stands in the way of all that follow',
        'refresh/refresher.js',
        'elapsed() < known.until && ',
        '',
      ],
      [
        'the dialog of the user before is waited for',
        'refresh/refresher.js',
        'elapsed() < known.until && isSameUser(known, before)',
        'elapsed() < known.until',
      ],
    ],
  ),
  ...noticedBy(
    ['page-copies'],
    [
      [
        'each copy of the package has a state',
        'page/found-state.js',
        "Symbol.for('auth-service-worker')",
        "Symbol('auth-service-worker')",
      ],
      [
        'each copy of the package answers',
        'page/asks.js',
        'if (!port || state.answered.has(port)) return;',
        'if (!port) return;',
      ],
      ['each registration hears each ask', 'page/register.js', 'if (isFirst) container', 'container'],
    ],
  ),
  ...noticedBy(
    ['worker-user-change'],
    [
      [
        'a part of a film that revalidates becomes the whole film',
        'worker/effects.js',
        ' && isPartial(original)',
        ' && false',
      ],
      [
        'a server without CORS has no more films after a logout',
        'worker/effects.js',
        '.catch(() =>\n          fetch(revalidatingRequest(original)),\n        )',
        '',
      ],
    ],
  ),
  ...noticedBy(
    ['worker-answers'],
    [
      [
        'a redirect or a path that a policy forbids counts against the host',
        'worker/listeners.js',
        'if (policy.allowsSomeOf(effectiveDirective, blockedURI)) pathPolicies.set(originalPolicy, policy);\n    else core',
        'core',
      ],
      [
        'a path that a policy forbids is requested all the same',
        'worker/listeners.js',
        'const token = isForbidden ? 0 : core',
        'const token = core',
      ],
    ],
  ),
  ...noticedBy(
    ['page-early'],
    [
      [
        'a prerendered page tells tokens early',
        'early.js',
        ' || /** @type {any} */ (document).prerendering === true',
        '',
      ],
      ['what was told early counts after a logout', 'page/token-log.js', 'if (this.isWhole) return;', ''],
      [
        'what was told early replaces what the app said',
        'page/token-log.js',
        'if (!this.#entryOf(realmURL)) this.#set',
        'this.#set',
      ],
      [
        'what the app says of a token that was told early does not count',
        'page/token-log.js',
        '(known.isStored && !known.isEarly)',
        'known.isStored',
      ],
      ['what was told early is never taken back', 'page/register.js', 'state.epoch.log.addEarly(early.told);', ''],
      ['what was told early comes back', 'page/register.js', 'if (isFirst) state', 'state'],
      ['the app hears of failures before the package', 'early.js', 'event.stopImmediatePropagation();', ''],
      ['a printed script ignores its attributes', 'files.js', '{...${options},...${DATASET}}', '${options}'],
      [
        'the package does not hear what was held',
        'early.js',
        'return failed .splice(0)',
        'return failed\n      .splice(0, 0)',
      ],
      [
        'what was held is held for ever where there is no package',
        'early.js',
        "setTimeout(() => end().map((element) => element.dispatchEvent(new Event('error'))), LIMIT_MS);",
        'void LIMIT_MS;',
      ],
      [
        'what shows by then has failed',
        'early.js',
        'element.currentSrc === url && element.complete !== false && !element.naturalWidth',
        'element.currentSrc === url && element.complete !== false',
      ],
      [
        'an image that was replaced has failed',
        'early.js',
        'element.currentSrc === url && element.complete',
        'element.complete',
      ],
      [
        'failures of all images are held',
        'early.js',
        'if (!stored().some(([realmURL]) => target.currentSrc.startsWith(realmURL))) return;',
        'void target;',
      ],
      [
        'failures are held under a worker that did not ask',
        'early.js',
        '|| (isOwn(container.controller) && !asks.length)',
        '',
      ],
      [
        'the early responder looks for its worker at the <base>',
        'early.js',
        'new URL(workerUrl, location.href)',
        'new URL(workerUrl, document.baseURI)',
      ],
    ],
  ),
  ...noticedBy(
    ['page-lifecycle'],
    [
      ['the login of another app ends what this one does', 'page/token-push.js', ' && !isOfOtherApp', ''],
      [
        'a login in a tab of an older version is ignored',
        'page/token-push.js',
        'scope && data?.scope && data.scope !== scope',
        'scope && data?.scope !== scope',
      ],
      [
        'tabs make each other read tokens without a pause',
        'page/token-push.js',
        'if (attempt(() => options.tokens, Boolean)) this.#pace.want(); else this.#readAgain(options);',
        'this.#readAgain(options);',
      ],
      ['reads of tokens overlap', 'page/pace.js', 'if (!this.#isBusy) void', 'void'],
      [
        'reads that bring nothing new do not become rare',
        'page/pace.js',
        'Math.min(2 * pause || FIRST_PAUSE_MS, last)',
        'FIRST_PAUSE_MS',
      ],
      [
        'a new token waits for half a minute where tokens are quick to read',
        'page/pace.js',
        'isThenable(read) ? LAST_PAUSE_MS : LAST_QUICK_PAUSE_MS',
        'LAST_QUICK_PAUSE_MS && LAST_PAUSE_MS',
      ],
      [
        'a login in another tab waits for the pause',
        'page/token-push.js',
        'this.#pace = this.#newPace();\n    this',
        'this',
      ],
      ['Firefox cuts off long answers', 'page/token-push.js', 'keepAlive(state);', ''],
      ['a page that is disabled keeps the worker', 'page/keep-alive.js', 'isDisabled ? undefined : workers', 'workers'],
      ['workers of version 1 hear of version 2', 'page/keep-alive.js', 'worker && hasShownVersion2(worker)', 'worker'],
    ],
  ),
  ...noticedBy(
    ['page-before-register'],
    [
      [
        'the page throws where the user has blocked the data of the site',
        'page/platform.js',
        'return channel; } catch { return undefined;',
        'return channel;\n  } catch (error) {\n    throw error;',
      ],
    ],
  ),
  ...noticedBy(
    ['page-register'],
    [
      [
        'a page that is disabled answers',
        'page/register.js',
        'state.options && void state.handler',
        'void state.handler',
      ],
      [
        'a page that is disabled tells what it was reading',
        'page/token-push.js',
        'end() { this.#beginEpoch();',
        'end() {',
      ],
      [
        'a page that is disabled repeats its tokens',
        'page/token-push.js',
        'this.#backlog.withdraw(this.#backlog.realms());',
        '',
      ],
      [
        'a registration that has been replaced is used',
        'page/token-push.js',
        'if (options === this.#state.options) this.useRegistration',
        'this.useRegistration',
      ],
      [
        'a registration that has been replaced ends the wait',
        'page/register.js',
        'if (state?.options === used) endWait',
        'if (state) endWait',
      ],
      [
        'tokens of options that have been replaced are told',
        'page/token-push.js',
        ' || options !== this.#state.options) return undefined;',
        ') return undefined;',
      ],
      ['a page that is disabled tells its tokens', 'page/register.js', 'state.options = undefined;', ''],
      ['whenControlled() waits for no worker', 'page/register.js', 'state.hasNoWorker = true;', ''],
    ],
  ),
  ...noticedBy(
    ['page-copies'],
    [
      [
        'a second copy of the package has no policy',
        'page/token-push.js',
        'registerWorker(this.#container, options, this.#state)',
        'registerWorker(this.#container, options, {})',
      ],
    ],
  ),
  ...noticedBy(
    ['page-failures'],
    [
      ['a new worker mends nothing', 'page/token-push.js', 'this.failures.controllerChanged();', ''],
      ['the app hears of failures at once', 'page/failures.js', 'event.stopImmediatePropagation();', 'void event;'],
      ["another app's frame is helped", 'page/failures.js', ' || this.isOfOther(element.ownerDocument)', ''],
      ['what the page tells is held', 'page/failures.js', 'event.isTrusted && this', 'this'],
      [
        'failures are held for ever',
        'page/failures.js',
        'setTimeout(() => this.held.get(element) === failure && this.release(element), LIMIT_MS);',
        'void [LIMIT_MS, failure];',
      ],
      [
        'a failure ends the wait of the next one',
        'page/failures.js',
        'this.held.get(element) === failure && this.release(element)',
        'failure && this.release(element)',
      ],
      [
        'a failure that was held early gets lost',
        'page/failures.js',
        "if (!this.hold(element, true)) element.dispatchEvent(new Event('error'));",
        'this.hold(element, true);',
      ],
      [
        'failures are held where no worker comes',
        'page/failures.js',
        'this.isWaiting = false; this.#releaseAll();',
        'this.isWaiting = false;',
      ],
      [
        'a page that was claimed before is not mended',
        'page/failures.js',
        '(this.#wasWaiting || this.#showsBroken())',
        'this.#wasWaiting',
      ],
      [
        'a page whose tokens take time is not mended when the worker takes control',
        'page/failures.js',
        'if (!hasRead) return;',
        'void hasRead;',
      ],
      [
        'the page is said to have read its tokens before it has',
        'page/token-push.js',
        'this.failures.takenOver(!this.#reading);',
        'this.failures.takenOver(true);',
      ],
      [
        'a page that came through the worker is mended',
        'page/failures.js',
        'if (navigation?.workerStart > 0) return false;',
        'void navigation;',
      ],
      [
        'control that the early responder had is forgotten',
        'page/failures.js',
        'if (wasControlled) this.#isNew = false;',
        'void wasControlled;',
      ],
      [
        'an element that is no image ends all repairs',
        'elements/reload-element.js',
        '.filter(({ href }) => href?.baseVal)',
        '',
      ],
      [
        'an element without a style ends all repairs',
        'elements/styles.js',
        'Array.from(style ?? [])',
        'Array.from(style)',
      ],
      [
        'a repair that throws holds failures for 5 s',
        'elements/mender.js',
        '} finally { for (const element of held) {',
        '} catch (error) {\n      throw error;\n    }\n    {\n      for (const element of held) {',
      ],
      [
        'a token mends nothing where one has expired',
        'page/token-log.js',
        '!(known && expiryOf(known) > Date.now())',
        '!known',
      ],
      ['a token mends where one is valid', 'page/token-log.js', ' && !(known && expiryOf(known) > Date.now())', ''],
      [
        'a refresh that comes late mends nothing',
        'page/token-push.js',
        'this.#hasTokenCome ||= isLate;',
        'void isLate;',
      ],
      [
        'a renewal that takes long mends',
        'refresh/refresher.js',
        'realmURL, token, now, !ending',
        'realmURL, token, now, true',
      ],
      ['a token that comes mends nothing', 'page/failures.js', "if (globalThis.document) this.#repair('token');", ''],
    ],
  ),
  ...noticedBy(
    ['page-frames'],
    [
      [
        'the src of an element changes',
        'elements/image-sheets.js',
        'const selector = selectorOf(image);',
        'const selector = selectorOf(image);\n    image.src = loaded.src;',
      ],
      [
        'an image is taken back once it shows',
        'elements/image-sheets.js',
        'await loaded.decode();',
        'await loaded.decode();\n    URL.revokeObjectURL(loaded.src);',
      ],
      ['what has no currentSrc is requested', 'elements/frames.js', 'if (!image.currentSrc) return false;', ''],
      [
        'a failure in a frame is held for 5 s',
        'elements/mender.js',
        'if (!isShown) setTimeout(() => this.#decide(element), GRACE_MS);',
        '',
      ],
      [
        'printing waits for no image',
        'elements/frames.js',
        'await Promise.all( loading.map(',
        'void Promise.all( loading.map(',
      ],
      ['frames that come later are not watched', 'page/watch-frames.js', "node.localName === 'iframe' ? [node] :", ''],
      [
        'a frame whose document begins anew is not listened to',
        'page/watch-frames.js',
        'if (outer !== document && records.some(({ target }) => target === outer)) onDocument(outer);',
        '',
      ],
      [
        'the worker is not started for a frame that gets other HTML',
        'page/watch-frames.js',
        "if (records.some(({ type }) => type === 'attributes')) onFrame();",
        '',
      ],
      ['the worker is not started for a frame', 'page/watch-frames.js', 'if (frames.length > 0) onFrame();', ''],
      [
        'what has failed in a window to print stays broken',
        'elements/frames.js',
        'await helpDocument(inner, isOnRealmOrigin); } catch',
        '} catch',
      ],
      [
        'failures in a window to print are not heard',
        'elements/frames.js',
        'failures?.listen(/** @type {Window} */ (inner.defaultView));',
        '',
      ],
      [
        'frames in a window to print are not watched',
        'elements/frames.js',
        'failures?.watchFrames(inner, () => {});',
        '',
      ],
      ['images that no element shows any more stay', 'elements/image-sheets.js', 'dropUnused(help);', ''],
      [
        'images of the user before stay',
        'elements/image-sheets.js',
        'const revoke = (loaded) => void loaded.then((image) => image && URL.revokeObjectURL(image.src));',
        'const revoke = (loaded) => void loaded;',
      ],
    ],
  ),
  ...noticedBy(
    ['page-lifecycle'],
    [
      [
        'a registration that is gone stays away',
        'page/token-push.js',
        'if (said.some(([, token]) => token)) void this.#registerAgain();',
        '',
      ],
      [
        'each token registers the worker again',
        'page/token-push.js',
        'if (found?.scope === registration.scope) return;',
        'void found;',
      ],
    ],
  ),
  ...noticedBy(
    ['page-register'],
    [
      [
        'a getter of tokens that throws ends all',
        'page/tokens.js',
        'function readTokens(options) {',
        'function readTokens({ ...options }) {',
      ],
      [
        'a getter of tokens that throws is heard by the page',
        'page/tokens.js',
        'mayHoldTokens = (options, key) =>',
        'mayHoldTokens = ({ ...options }, key) =>',
      ],
      [
        'a getter of realms that throws ends all',
        'page/options.js',
        'readRealms = (options) =>',
        'readRealms = ({ ...options }) =>',
      ],
      [
        'nothing is said of public realms that are no list',
        'page/hello.js',
        "(error) => advise('no-public-realms', [], error),",
        '',
      ],
      [
        'a getter of realmsComplete that throws ends all',
        'page/hello.js',
        '!!attempt(() => options.realmsComplete === true, Boolean)',
        'options.realmsComplete === true',
      ],
      [
        'a getter of refreshesBeforeExpiry that throws ends all',
        'page/token-push.js',
        'attempt(() => options.refreshesBeforeExpiry, Boolean)',
        'options.refreshesBeforeExpiry',
      ],
      [
        'a getter of refreshesBeforeExpiry that throws ends no renewal',
        'refresh/renewal.js',
        'attempt(() => options.refreshesBeforeExpiry, Boolean)',
        'options.refreshesBeforeExpiry',
      ],
      [
        'a getter of debug that throws ends the registration',
        'page/register.js',
        'attempt(() => used.debug, Boolean)',
        'used.debug',
      ],
      [
        'where Trusted Types are required, a plain string is registered',
        'page/own-workers.js',
        'return keeper.policy?.createScriptURL(url) ?? url;',
        'return url;',
      ],
      [
        'a policy that cannot be made ends the registration',
        'page/own-workers.js',
        '} catch { // An older copy',
        '} catch (error) {\n    throw error;\n    // An older copy',
      ],
      [
        'the worker is looked for at the <base>',
        'page/own-workers.js',
        'parsedURL(url, globalThis.location?.href)',
        'parsedURL(url, globalThis.document?.baseURI ?? globalThis.location?.href)',
      ],
      [
        'the scope is relative to the <base>',
        'page/own-workers.js',
        'scope: addressOf(scopeOf(options)),',
        'scope: scopeOf(options),',
      ],
    ],
  ),
  ...noticedBy(
    ['worker-module'],
    [
      ['inside another worker it takes over pages', 'worker/module.js', 'standalone: false', 'standalone: true'],
      [
        'what is to be authorised is answered',
        'worker/listeners.js',
        'if (options?.answersRequests !== false) scope',
        'scope',
      ],
      ['authorize() gives no answer', 'worker/module.js', 'return answer;', 'return undefined;'],
    ],
  ),
  ...noticedBy(
    ['adapters'],
    [
      [
        'a getter that hangs hides all tokens',
        'adapters.js',
        'await withTimeout(LATE_MS, Promise.all(gets));',
        'await Promise.all(gets);',
      ],
      ['a late token of a getter is lost', 'adapters.js', 'else if (token) tellLate?.(realmURL, token);', ''],
      [
        'a late token of a getter comes back after a logout',
        'adapters.js',
        'const tellLate = epoch?.guard((',
        'const tellLate = epoch && ((',
      ],
      [
        'a late token of a getter replaces what the app has said since',
        'adapters.js',
        'if (epoch.log.news({ [realmURL]: token }, since).length === 0) return;',
        '',
      ],
      [
        'a getter that fails brings back a token of before a logout elsewhere',
        'adapters.js',
        'epoch?.log.sureTokenOf',
        'epoch?.log.tokenOf',
      ],
      [
        'a late token of a getter is not one of its place',
        'adapters.js',
        'epoch.log.addTokens({ [realmURL]: token });',
        '',
      ],
      [
        'a realm whose getter is slow loses its token',
        'adapters.js',
        '[realmURL, epoch?.log.sureTokenOf(realmURL)]',
        '[realmURL, /** @type {string | undefined} */ (undefined)]',
      ],
    ],
  ),
  ...noticedBy(
    ['check-site'],
    [
      [
        "check forbids a worker that 'strict-dynamic' allows",
        'site-policy.js',
        `sources.includes("'strict-dynamic'")`,
        'false',
      ],
      ["check takes 'strict-dynamic' where a list is for workers", 'site-policy.js', "name === 'script-src' &&", ''],
      ['check looks at no meta element', 'check-site.js', ', ...policiesIn(html)]', ']'],
      ['check takes the text of a script for elements', 'site-policy.js', "html.replace(NO_ELEMENTS, '')", 'html'],
    ],
  ),
  ...noticedBy(
    ['scan-log'],
    [
      [
        'scan: an older log shows what waits in a newer one',
        'scan-log.js',
        'const isOlder = at < latest - SESSION_MS;',
        'const isOlder = false;',
      ],
      [
        'scan: a line that is late begins another log',
        'scan-log.js',
        'const isOlder = at < latest - SESSION_MS;',
        'const isOlder = at < latest;',
      ],
      ['scan: a client that went away has its image', 'scan-log.js', 'status >= 200 && status < 400', 'status < 400'],
      ['scan: a URL that is no text ends it', 'scan-log.js', " && typeof line.url === 'string'", ''],
      ['scan: a status that is null is 0', 'scan-log.js', "(value ?? '') !== ''", 'value !== undefined'],
    ],
  ),
  ...noticedBy(
    ['page-styles'],
    [
      ['images for print are requested: rules', 'elements/styles.js', 'cssRules && isForNow(root, media)', 'cssRules'],
      [
        'images for print are requested: sheets',
        'elements/styles.js',
        'if (sheet.disabled || !isForNow(root, sheet.media)) return [];',
        'if (sheet.disabled) return [];',
      ],
      [
        'images of a shorthand with var() stay broken',
        'elements/styles.js',
        "longhand.replace(/-(image|source)$/, '')",
        'longhand',
      ],
      ['the source of a border image is no image', 'elements/styles.js', '-(image|source)$', '-image$'],
      ['strings in image-set() stay broken', 'elements/styles.js', ',[style*=image-set]', ''],
      ['images of a sheet that is turned off are requested', 'elements/styles.js', 'sheet.disabled || ', ''],
      [
        'a sheet that has loaded is taken off the page',
        'elements/repair.js',
        'sheetAgain(element, mender);',
        "detach(element, 'href')();",
      ],
      ['a sheet that the app has changed is loaded again', 'elements/repair.js', ' || link.disabled)', ')'],
      ['a sheet stays broken where its copy has failed', 'elements/repair.js', 'mender.mayHaveFailed(link);', ''],
      [
        'the copy of a sheet stays',
        'elements/repair.js',
        'link.addEventListener(type, end, { once: true });',
        'void type;',
      ],
      ['no image for some media is requested', 'elements/styles.js', '.matchMedia(media.mediaText).matches', '.closed'],
    ],
  ),
  ...noticedBy(
    ['page-shadow-roots'],
    [
      ['no shadow root in a shadow root is found', 'elements/shadow-roots.js', '      watch(shadowRoot);\n', ''],
      [
        'a shadow root that is there already is not found',
        'elements/shadow-roots.js',
        "root.querySelectorAll('*').forEach(look);",
        '',
      ],
      [
        'a shadow root inside of what comes later is not found',
        'elements/shadow-roots.js',
        "node.querySelectorAll('*').forEach(look);",
        '',
      ],
      [
        'a shadow root of a class that is defined later is not found',
        'elements/shadow-roots.js',
        '() => look(element),',
        '() => {},',
      ],
      ['a name that no class can have is an error', 'elements/shadow-roots.js', '        () => {},\n', ''],
      ['shadow roots are watched for ever', 'elements/shadow-roots.js', 'observer.disconnect();', '{}'],
      ['a text that comes later is an element', 'elements/shadow-roots.js', 'if (node.nodeType !== 1) continue;', ''],
    ],
  ),
  ...noticedBy(
    ['page-failures'],
    [
      [
        'no failure in a shadow root is heard',
        'elements/mender.js',
        'if (failures.isWaiting && globalThis.document)',
        'if (false)',
      ],
    ],
  ),
  ...noticedBy(
    ['page-bin', 'check-site'],
    [
      ['init stores backslashes on Windows', 'bin.js', "place.folder.replaceAll(sep, '/')", 'place.folder'],
      ['init does not read a byte order mark', 'bin.js', ".replace(/^\\uFEFF/, '')", ''],
      ['a folder with a space has no quotes', 'bin.js', '`"${folder}"`', 'folder'],
      ['a folder without a space has quotes', 'bin.js', '/^[\\w./\\\\:-]+$/.test(folder)', 'false'],
      [
        'a copy of a read-only file is read-only',
        'bin.js',
        'await writeFile(to, await readFile(from));',
        "await (await import('node:fs/promises')).copyFile(from, to);",
      ],
      ['a worker of your own is an old copy', 'check-site.js', 'found === version || isOwn', 'found === version'],
      [
        'an old copy is a worker of your own',
        'check-site.js',
        "!found && !url.pathname.endsWith('/auth-service-worker.js')",
        '!found',
      ],
      [
        'an old copy under another name is a worker of your own',
        'check-site.js',
        '!found && !url.pathname.endsWith',
        '!url.pathname.endsWith',
      ],
    ],
  ),
  ...noticedBy(
    ['vite'],
    [
      [
        'a path that is no URL ends the server of Vite',
        'vite.js',
        "const [path] = (request.url ?? '').split(/[?#]/);",
        "const { pathname: path } = new URL(request.url ?? '', 'http://localhost');",
      ],
      ['what fails in the server of Vite ends it', 'vite.js', 'next(error);', 'throw error;'],
      [
        'the early responder hears a worker below a relative base',
        'vite.js',
        'workerURL: `${pathOf(resolved.base)}auth',
        'workerURL: `${resolved.base}auth',
      ],
      ['a base of assets only has no warning', 'vite.js', "if (base !== '/' && !hasHTML)", 'if (false)'],
      ['a base of pages has a warning', 'vite.js', "if (base !== '/' && !hasHTML)", "if (base !== '/')"],
      ['each build without HTML has a warning', 'vite.js', "if (base !== '/' && !hasHTML)", 'if (!hasHTML)'],
      ['a library has the base of its own build', 'vite.js', "!(command === 'build' && build?.lib) && ", ''],
      ['a library has the files of the worker', 'vite.js', ' || build.lib) return;', ') return;'],
      ['a base of Vite needs its last slash', 'vite.js', ".pathname.replace(/\\/?$/, '/')", '.pathname'],
      [
        'a build of Vite writes the worker by the config that was resolved last',
        'vite.js',
        '= this.environment.config;',
        "= { ...resolved, consumer: resolved.build.ssr ? 'server' : 'client' };",
      ],
    ],
  ),
  ...noticedBy(
    ['page-renewal'],
    [
      [
        'tokens are read when none is new',
        'refresh/renewal.js',
        'const stored = isAnyNew ? this.#refresher.storedTokens() : undefined;',
        'const stored = isAnyNew || true ? this.#refresher.storedTokens() : undefined;',
      ],
      [
        'tokens are read once for each realm',
        'refresh/renewal.js',
        'this.#dueOf(realmURL, token, stored?.[realmURL], now)',
        'this.#dueOf(realmURL, token, this.#refresher.storedTokens()?.[realmURL] ?? stored?.[realmURL], now)',
      ],
      [
        'tokens that take time are read again',
        'refresh/refresher.js',
        'if (this.#isReadSlow) return undefined;',
        'void this.#isReadSlow;',
      ],
    ],
  ),
  ...noticedBy(
    ['adapters'],
    [
      [
        "the next user of the library gets the last one's images",
        'adapters.js',
        'if (known !== undefined && sub !== known) clearServiceWorkerTokens();',
        '',
      ],
      ['each user of the library is the first', 'adapters.js', 'known ??= user?.profile?.sub;', ''],
    ],
  ),
  ...noticedBy(
    ['page-failures'],
    [
      [
        'a token that comes just after the reply is lost',
        'refresh/index.js',
        'void refresh.then(epoch.guard(pushLate));',
        'void pushLate;',
      ],
      [
        'a token that is the reply is told a second time',
        'refresh/index.js',
        'late && late.token !== found?.token && refresher',
        'late && refresher',
      ],
      [
        'a platform without entries of navigations ends the registration',
        'page/failures.js',
        "getEntriesByType?.('navigation') ?? []",
        "getEntriesByType('navigation')",
      ],
      [
        'an image named images ends the registration',
        'page/failures.js',
        "document.querySelectorAll('img')",
        'document.images',
      ],
    ],
  ),
  ...noticedBy(
    ['page-register', 'page-epoch', 'page-early'],
    [
      [
        'an element of a user chooses the worker',
        'page/own-workers.js',
        "typeof base === 'string' ? base : '/'",
        "/** @type {string} */ (base) ?? '/'",
      ],
      ['the base of a bundler is ignored', 'page/own-workers.js', "typeof base === 'string' ? base : '/'", "'/'"],
      ['an element of a user is the early responder', 'page/early-asks.js', "typeof end === 'function' &&", 'end &&'],
      [
        'an image of a user makes the page a prerendered one',
        'page/token-push.js',
        '(globalThis.document)?.prerendering === true',
        '(globalThis.document)?.prerendering',
      ],
      [
        'an image of a user silences the early responder',
        'early.js',
        '(document).prerendering === true)',
        '(document).prerendering)',
      ],
    ],
  ),
  ...noticedBy(
    ['worker-version-2'],
    [
      [
        "the worker's clock stands still while the machine sleeps",
        'worker/core-runner.js',
        'start += lag;',
        'start += 0;',
      ],
      [
        "the worker's clock runs backwards",
        'worker/core-runner.js',
        'if (lag > MAX_LAG_MS) start += lag;',
        'if (Math.abs(lag) > MAX_LAG_MS) start += lag;',
      ],
    ],
  ),
  ...noticedBy(
    ['page-authorised', 'page-frames', 'inspect-tokens'],
    [
      [
        'the page opens files without the cookies that the worker sends',
        'authorised/authorised-fetch.js',
        "found ? credentialsOf(options.worker) : 'same-origin'",
        "'same-origin'",
      ],
      [
        'the page sends cookies without a token',
        'authorised/authorised-fetch.js',
        "found ? credentialsOf(options.worker) : 'same-origin'",
        'credentialsOf(options.worker)',
      ],
      [
        'images of frames lack the cookies that the worker sends',
        'elements/frames.js',
        "{ credentials: options?.worker?.credentials ?? 'same-origin' }",
        "{ credentials: 'same-origin' }",
      ],
      [
        'a diagnosis lacks the cookies that the worker sends',
        'inspect/diagnose.js',
        'credentialsOf(options)',
        'credentialsOf(undefined)',
      ],
      [
        'a credentials mode that no browser knows ends requests',
        'worker/options.js',
        'options?.credentials && CREDENTIALS.includes(options.credentials) ?',
        'options?.credentials ?',
      ],
    ],
  ),
  ...noticedBy(
    ['worker-answers', 'page-authorised'],
    [
      [
        'a response that a second request replaces keeps its connection',
        'worker/effects.js',
        'void entry.outcome?.then(({ body }) => body?.cancel()).catch(() => {});',
        '',
      ],
      [
        'a 401 that the page asks again about keeps its connection',
        'authorised/authorised-fetch.js',
        'void response.body?.cancel().catch(() => {});',
        '',
      ],
    ],
  ),
  ...noticedBy(
    ['worker-decisions', 'inspect'],
    [
      [
        'a look at one image switches the decisions on for good',
        'worker/effects.js',
        'log.keep(data.keepMs)',
        'log.keep()',
      ],
      [
        'a look at one image ends the decisions of who watches',
        'worker/decision-log.js',
        'if (this.isOn && !this.#end) return;',
        '',
      ],
      ['an earlier look ends a later one', 'worker/decision-log.js', 'clearTimeout(this.#end);', ''],
      [
        'the look of any page switches the decisions on for good',
        'inspect/diagnose.js',
        'await requested(url, true, LOOK_MS)',
        'await requested(url, true)',
      ],
    ],
  ),
  ...noticedBy(
    ['package-lint'],
    [
      ['bundlers drop the worker', 'package.json', '"./auth-service-worker.js",\n', ''],
      ['bundlers drop the early responder', 'package.json', '"./early.js",\n', ''],
      ['bundlers drop the split worker', 'package.json', '"./status.js", "./split/*.js"', '"./status.js"'],
    ],
  ),
];
