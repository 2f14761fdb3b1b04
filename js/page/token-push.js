// Brings the page's tokens to the worker.
import { CHANNEL, EPOCH_BEGAN, epochBegan, setRealmToken } from '../protocol.js';
import { AckedPosts, post } from './posts.js';
import { Hello } from './hello.js';
import { importElements, importRefresh } from './lazy-modules.js';
import { Failures } from './failures.js';
import { keepAlive } from './keep-alive.js';
import { isDisabled } from './page-state.js';
import { openChannel, setTimeout } from './platform.js';
import { attempt, isThenable, whenRead } from './async.js';
import { SourceWatch } from './source-watch.js';
import { readInOrder, readTokens } from './tokens.js';
import { partsOf, TokenLog } from './token-log.js';
import { HELLO_CAP_MS, hasShownVersion2, wasSaidHello } from './version-2.js';
import { registerWorker } from './own-workers.js';

/** @typedef {import('./token-log.js').Said} Said */

/**
 * Where there is no prerendering, an image of this name is a property of the document. TypeScript has no `prerendering`
 * yet: https://wicg.github.io/nav-speculation/prerendering.html
 */
const isPrerendering = () => /** @type {any} */ (globalThis.document)?.prerendering === true;

/**
 * Guarantees: what the app says reaches a worker in the order in which it was said, at once or when there is a worker.
 * It is repeated until a worker of version 2 has taken it in. What the app's storage says never overrides what the app
 * said later. Nothing throws.
 */
export class TokenPush {
  failures;
  hello;
  /** Resolves when a worker controls the page, or when none will. @type {Promise<void> | undefined} */
  wait;
  /** Ends the wait: a worker controls the page, or none will. */
  endWait = () => {};

  #container;
  #state;
  #workers;
  #source;
  /** What the app has said while no worker has acknowledged it. Tokens from later refreshes replace those in it. */
  #backlog = new TokenLog();
  #acked = new AckedPosts(
    () => this.#repeat(),
    () => this.#taken(),
  );
  /** Whether the backlog is of before the page was disabled. */
  #isBacklogOld = false;
  /** An object that stands for the read whose tokens will be pushed. @type {object | undefined} */
  #reading;
  /** Whether there is a new token for a realm whose images may have failed without it. */
  #hasTokenCome = false;
  /** The worker that has all tokens. @type {ServiceWorker | undefined} */
  #pushedTo;
  /** The channel to the app's other tabs. @type {BroadcastChannel | undefined} */
  #otherTabs;
  #isRegistering = false;

  /** @param {ServiceWorkerContainer} container @param {import('./page-state.js').PageState} state */
  constructor(container, state) {
    this.#container = container;
    this.#state = state;
    const workers = (this.#workers = state.workers);
    this.failures = new Failures(workers, (url) => this.hello.hasRealmOn(url));
    this.hello = new Hello(workers);
    this.#source = new SourceWatch(state, this);
    this.beginWait();
    container.addEventListener('controllerchange', () => {
      this.failures.controllerChanged();
      this.#push();
    });
    container.ready?.then(
      (registration) => {
        // The app registers the worker itself, or has not registered it yet.
        if (!workers.registration && workers.has(registration.active)) this.useRegistration(registration);
        else this.#pushToNew();
      },
      () => {},
    );
    // Workers have none of these events.
    globalThis.addEventListener?.(
      'pageshow',
      (event) => /** @type {PageTransitionEvent} */ (event).persisted && this.#returned(),
    );
    this.#otherTabs = openChannel(CHANNEL, (data) => {
      const scope = workers.registration?.scope;
      const isOfOtherApp = scope && data?.scope && data.scope !== scope;
      if (data?.type === EPOCH_BEGAN && !isOfOtherApp) this.#saidElsewhere();
    });
    // While a page is prerendered, Chromium keeps what the page posts to a worker. A logout may come before the page is
    // shown.
    if (isPrerendering()) document.addEventListener('prerenderingchange', () => this.#push(), { once: true });
    if (globalThis.document) this.failures.watchFrames(document, () => this.sayHello());
    keepAlive(state);
  }

  /** Begins to wait for a worker, also after a wait that ended without one. */
  beginWait() {
    if (this.#workers.controller || (this.wait && this.failures.isWaiting)) return;
    this.failures.isWaiting = true;
    this.wait = new Promise((resolve) => {
      this.endWait = () => {
        resolve();
        if (!this.#workers.controller) this.failures.givenUp();
      };
    });
  }

  /**
   * Pushes the app's tokens, now and to each new worker.
   * @param {import('./options.js').AuthServiceWorkerOptions} options
   */
  async useOptions(options) {
    // Not before register(), since it makes Chromium fetch localStorage.
    this.#source.begin();
    this.hello.useRealms(options, () => this.sayHello());
    if (attempt(() => options.refreshesBeforeExpiry, Boolean) || this.#state.renewal)
      void importRefresh().then((module) => module?.useRenewal(options, this.#state));
    // Images may fail before there is a worker to push them to.
    if (!this.#workers.receiver) whenRead(readTokens(options), (tokens) => this.hello.learn(Object.keys(tokens ?? {})));
    this.#push();
  }

  /**
   * @param {import('./options.js').AuthServiceWorkerOptions} options
   * @returns {Promise<ServiceWorkerRegistration>} not used if other options have replaced these meanwhile
   */
  async register(options) {
    const registration = await registerWorker(this.#container, options, this.#state);
    if (options === this.#state.options) this.useRegistration(registration);
    return registration;
  }

  /** From now on, no earlier token reaches the worker. Messages that take tokens away still go out. */
  end() {
    const missing = this.#source.missing();
    this.#beginEpochUnheard();
    this.hello.useRealms({}, () => {});
    this.#backlog.withdraw(this.#backlog.realms());
    // Nobody will look again whether they are still missing.
    this.#backlog.add(missing.map((realmURL) => [realmURL]));
    this.#isBacklogOld = true;
    this.#repeat();
  }

  /**
   * Uses a registration: its active worker gets the tokens, even while it does not control the page.
   * @param {ServiceWorkerRegistration} registration
   */
  useRegistration(registration) {
    this.#workers.registration = registration;
    if (!this.#workers.coverPage) this.endWait();
    this.#pushToNew();
    // For a page outside of the scope, such as a login page, `ready` never resolves.
    (registration.installing ?? registration.waiting)?.addEventListener('statechange', () => this.#pushToNew());
    if (!this.#workers.controller) void importElements().then((elements) => elements?.boundWait(registration));
  }

  /** @param {Said[]} said what the app says @param {boolean} [isWhole] these are all tokens there are */
  send(said, isWhole) {
    if (isWhole) {
      this.#beginEpoch();
      this.#otherTabs?.postMessage(epochBegan(this.#workers.registration?.scope));
    }
    const { epoch } = this.#state;
    epoch.log.changes++;
    // An app whose refresh fails removes tokens again and again. That is no reason to try the next refresh at once.
    if (said.some(([realmURL, token]) => token && token !== epoch.log.tokenOf(realmURL))) epoch.log.gains++;
    epoch.dropHeld();
    this.#hasTokenCome ||= epoch.log.hasNew(said);
    const latest = new TokenLog();
    for (const log of [latest, epoch.log, this.#backlog]) log.add(said, isWhole);
    const worker = this.#workers.receiver;
    if (worker && !isPrerendering()) this.#post(worker, latest);
    if (said.some(([, token]) => token)) void this.#registerAgain();
    this.#source.lookFor(said);
  }

  /**
   * Registers again if `Clear-Site-Data: "storage"` has removed the registration, as at a logout. No event tells of
   * that.
   */
  async #registerAgain() {
    const { options } = this.#state;
    const { registration } = this.#workers;
    if (!registration || !options || this.#isRegistering) return;
    this.#isRegistering = true;
    try {
      const found = await this.#container.getRegistration(registration.scope);
      // Meanwhile the app may have disabled the package, or given other options.
      if (found?.scope === registration.scope || options !== this.#state.options) return;
      const { epoch } = this.#state;
      // The next worker has heard nothing of what the previous one was told.
      this.#backlog.add(epoch.log.said(epoch.begin), epoch.log.isWhole && !epoch.begin);
      this.withdraw(this.#source.missing());
      await this.register(options);
    } catch {
      // The app's next token tries again.
    } finally {
      this.#isRegistering = false;
    }
  }

  /**
   * To be called when the page has replied to an ask.
   * @param {boolean} isForgotten the worker was stopped and started again, and no longer knows the page
   * @param {boolean} lacksTokens the reply had no room for the tokens. A hello brings them in parts
   * @param {Said[]} [news] a token that a refresh has brought
   */
  replied(isForgotten, lacksTokens, news = []) {
    this.#backlog.renew(news);
    this.#source.lookFor(news);
    this.#learn();
    if (lacksTokens) this.#push();
    else if (isForgotten) this.sayHello();
  }

  /**
   * Tells the worker what is new in tokens that were read.
   * @param {import('./tokens.js').StoredTokens} tokens
   * @param {number} since the value of TokenLog's `now` when the read began
   */
  tellRead(tokens, since) {
    this.tellNews(tokens ?? {}, since);
    this.#state.epoch.log.addTokens(tokens, since);
    // Some may have been doubtful.
    this.#learn();
  }

  /** From now on, no repetition brings these realms' tokens back. @param {Iterable<string>} realmURLs */
  withdraw(realmURLs) {
    this.#backlog.withdraw(realmURLs);
  }

  /**
   * Tells the worker what is new in tokens that the app has brought.
   * @param {import('../protocol.js').Tokens} tokens
   * @param {number} since the value of TokenLog's `now` when the tokens were asked for
   * @param {boolean} [isLate] images have failed without the tokens
   */
  tellNews(tokens, since, isLate = false) {
    const news = this.#state.epoch.log.news(tokens, since);
    if (news.length === 0) return;
    this.#hasTokenCome ||= isLate;
    this.send(news);
  }

  /** @param {ServiceWorker} [worker] @param {import('../protocol.js').Tokens} [tokens] the app's */
  sayHello(worker = this.#workers.receiver, tokens) {
    if (!worker || isDisabled(this.#state)) return;
    this.hello.sayHello(worker, tokens);
    if (!this.#workers.controller) return;
    this.endWait();
    this.failures.takenOver(!this.#reading);
  }

  /** @param {boolean} [isElsewhere] see Epoch.end() */
  #beginEpoch(isElsewhere) {
    this.#state.epoch = this.#state.epoch.end(isElsewhere);
    this.#reading = undefined;
    this.#source.epochBegan();
    this.#acked.drop();
  }

  /**
   * The page is back from the back/forward cache. Meanwhile the app may have had another user, and this page did not
   * hear of it.
   */
  #returned() {
    this.#beginEpochUnheard();
    this.#backlog.clear();
    this.#push();
  }

  /**
   * Begins an epoch of which the worker does not hear. It may still have the tokens of the token source. Once the source
   * has them no more, they are taken back.
   */
  #beginEpochUnheard() {
    const told = this.#state.epoch.log.ofSource();
    this.#beginEpoch();
    const { epoch } = this.#state;
    epoch.log.addEarly(told);
    epoch.log.doubt(false);
    epoch.begin = epoch.log.now;
  }

  #pushToNew() {
    if (!this.#pushedTo || this.#workers.receiver !== this.#pushedTo) this.#push();
  }

  #push() {
    if (isPrerendering()) return;
    const { receiver: worker, registration } = this.#workers;
    if (!worker) {
      // A worker of another script may be an older worker of the app. While it gets messages, Chromium lets the next
      // one wait.
      const active = registration?.active;
      if (active && !wasSaidHello(active)) void this.hello.sayHello(active).then(() => this.#pushToNew());
      return;
    }
    this.#pushedTo = worker;
    const reading = (this.#reading = {});
    // This comes before the read, which may hang.
    this.#acked.drop();
    this.#post(worker, this.#backlog);
    const { epoch, options } = this.#state;
    const { now } = epoch.log;
    const hold = epoch.holder();
    const read = options && readInOrder(epoch, options);
    if (isThenable(read)) this.sayHello(worker);
    const tell = epoch.guard((/** @type {import('./tokens.js').StoredTokens} */ tokens) => {
      if (this.#reading !== reading) return;
      this.#reading = undefined;
      hold(tokens);
      this.#tellAll(worker, tokens, now);
      if (!this.#acked.isWaiting) this.#clearBacklog();
    });
    whenRead(read, tell);
  }

  /**
   * Tells the worker the app's tokens, and what the app has said since. They come with the hello, which takes no token
   * away.
   * @param {ServiceWorker} worker
   * @param {import('./tokens.js').StoredTokens} tokens
   * @param {number} now the value of TokenLog's `now` when the read of the tokens began
   */
  #tellAll(worker, tokens, now) {
    const { epoch } = this.#state;
    // These tokens are newer. Told in this way, they are repeated as well.
    if (this.#isBacklogOld) this.tellNews(tokens ?? {}, 0);
    this.#isBacklogOld = false;
    epoch.log.addTokens(tokens, now);
    // This comes before the hello, which must not bring back a token that is missing.
    if (tokens === undefined) this.#source.readFailed();
    else this.#source.noteMissing(tokens ?? {});
    const all = new TokenLog();
    if (!this.#backlog.isWhole) all.addTokens(epoch.log.asOfNow(tokens, now));
    all.add(this.#backlog.said());
    const entries = Object.entries(all.tokens());
    this.#learn();
    for (const part of entries.length > 0 ? partsOf(entries) : [undefined]) this.sayHello(worker, part);
    const unposted = entries.filter(([realmURL]) => !this.#backlog.tokenOf(realmURL));
    const tellVersion1 = epoch.guard(() => {
      if (hasShownVersion2(worker) || worker !== this.#workers.receiver) return;
      for (const [realmURL] of unposted) {
        const token = !this.#source.isMissing(realmURL) && epoch.log.tokenOf(realmURL);
        if (token) post(worker, setRealmToken(realmURL, token));
      }
    });
    setTimeout(tellVersion1, HELLO_CAP_MS);
  }

  /**
   * The app has synced or cleared all its tokens in another tab. Work under way here may be for the previous user, so
   * it is dropped. The worker may have a removed token again from this tab, whose storage showed the change too late.
   */
  #saidElsewhere() {
    const wasReading = !!this.#reading;
    this.#beginEpoch(true);
    const { epoch, options } = this.#state;
    epoch.log.doubt(isDisabled(this.#state) || !!attempt(() => options?.tokens, Boolean));
    this.#backlog.clear();
    this.#source.saidElsewhere();
    // A new worker that the tokens were being read for has none of them.
    if (wasReading) this.#push();
    else this.#source.mayHaveChanged();
  }

  /**
   * While the package is disabled, no token goes out.
   * @param {ServiceWorker} worker
   * @param {TokenLog} log
   * @param {boolean} [isRepeat]
   */
  #post(worker, log, isRepeat) {
    this.#learn();
    const messages = isDisabled(this.#state) ? log.removals() : log.messages();
    if (hasShownVersion2(worker)) {
      this.#acked.post(worker, messages, isRepeat);
    } else {
      for (const message of messages) post(worker, message);
      this.#taken();
    }
  }

  /** To be called when something was said of tokens. */
  #learn() {
    this.hello.learn(this.#state.epoch.log.realms());
    this.#state.renewal?.plan();
  }

  #repeat() {
    const worker = this.#workers.receiver;
    if (!worker) return;
    this.#acked.drop();
    this.#post(worker, this.#backlog, true);
  }

  /** What was posted need not be posted again. */
  #clearBacklog() {
    if (!isDisabled(this.#state)) this.#backlog.clear();
  }

  #taken() {
    // If tokens are being read now, they may be older than the backlog. It will be told together with them.
    if (!this.#reading) this.#clearBacklog();
    if (this.#hasTokenCome) this.failures.tokenCame();
    this.#hasTokenCome = false;
  }
}
