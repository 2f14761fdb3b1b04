// The adapters with the libraries themselves: oidc-client-ts and oidc-provider, with tokens that live for seconds.
import { build } from 'esbuild';
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
// @ts-expect-error It has no types.
import { Provider } from 'oidc-provider';
import { controlled, showImage } from './in-page.mjs';
import { startApp, startServer } from './servers.mjs';
import { png, useBrowser } from './story.mjs';
import { until } from './until.mjs';

const TOKEN_S = 3;

/** The app's script, with oidc-client-ts in it. @param {string} issuer @param {string} realm */
async function appScript(issuer, realm) {
  const { outputFiles } = await build({
    stdin: {
      resolveDir: fileURLToPath(new URL('../../js', import.meta.url)),
      contents: `
        import { UserManager, WebStorageStateStore } from 'oidc-client-ts';
        import { registerAuthServiceWorker } from '/page.js';
        import { fromUserManager } from '/adapters.js';
        globalThis.manager = new UserManager({
          authority: '${issuer}', client_id: 'app', redirect_uri: location.origin + '/callback', scope: 'openid offline_access',
          prompt: 'consent', automaticSilentRenew: false, userStore: new WebStorageStateStore({ store: localStorage }),
        });
        if (location.pathname === '/callback') {
          await manager.signinRedirectCallback();
          location.replace('/');
        } else if (!(await manager.getUser())) {
          await manager.signinRedirect();
        } else {
          await registerAuthServiceWorker(fromUserManager('${realm}', manager));
        }`,
    },
    bundle: true,
    write: false,
    format: 'esm',
    external: ['/page.js', '/adapters.js'],
    logLevel: 'error',
    target: 'es2022',
  });
  return outputFiles[0].text;
}

describe('oidc-client-ts with oidc-provider', () => {
  const browser = useBrowser();

  test('a login, a token that expires, a refresh, and a logout', async (t) => {
    /** @type {any} */
    let provider;
    const realms = await startServer(async (_path, { headers, method }) => {
      const cors = { 'Access-Control-Allow-Origin': '*', 'Access-Control-Allow-Headers': 'Authorization' };
      if (method === 'OPTIONS') return { status: 204, headers: cors };
      const token = await provider.AccessToken.find(headers.authorization?.replace('Bearer ', '') ?? '');
      return token?.isValid ? { status: 200, headers: cors, ...png } : { status: 401, headers: cors };
    });
    t.after(() => realms.close());
    const idp = createServer((request, response) => provider.callback()(request, response));
    await new Promise((resolve) => idp.listen(0, '127.0.0.1', () => resolve(undefined)));
    t.after(() => void (idp.close(), idp.closeAllConnections()));
    const issuer = `http://localhost:${/** @type {import('node:net').AddressInfo} */ (idp.address()).port}`;
    const realm = `${realms.origin}/photos/`;
    const html =
      '<!doctype html><title>App</title><link rel="icon" href="data:,"><script type="module" src="/app.js"></script>';
    const app = await startApp(
      {
        '/': html,
        '/callback': html,
        '/app.js': { status: 200, type: 'text/javascript', body: await appScript(issuer, realm) },
      },
      'self-contained',
    );
    t.after(() => app.close());
    provider = new Provider(issuer, {
      clients: [
        {
          client_id: 'app',
          token_endpoint_auth_method: 'none',
          redirect_uris: [`${app.origin}/callback`],
          grant_types: ['authorization_code', 'refresh_token'],
          application_type: 'native',
        },
      ],
      clientBasedCORS: () => true,
      ttl: { AccessToken: TOKEN_S, Session: 600, Grant: 600, Interaction: 600, IdToken: 600, RefreshToken: 600 },
      issueRefreshToken: async () => true,
    });

    const tab = await browser.openTab();
    t.after(() => tab.close());
    await tab.goto(`${app.origin}/`);
    // The provider's own forms: who it is, and that the app may know.
    const here = () => tab.evaluate(() => location.href).catch(() => '');
    // Once a document: the provider refuses a form that comes twice.
    const send = () =>
      tab
        .evaluate(() => {
          const form = document.forms[0];
          if (!form || form.dataset.sent) return;
          form.dataset.sent = 'yes';
          for (const input of form.querySelectorAll('input')) if (input.type !== 'hidden') input.value = 'ada';
          form.submit();
        })
        .catch(() => {});
    await until('the end of the login', async () => {
      const href = await here();
      if (href.startsWith(`${issuer}/interaction/`)) await send();
      if (href !== `${app.origin}/`) return false;
      return tab
        .evaluate(() => Object.keys(localStorage).some((key) => key.startsWith('oidc.user:')))
        .catch(() => false);
    });
    await tab.evaluate(controlled);
    assert.equal(await tab.evaluate(showImage, `${realm}1.png`), true);
    const [first] = realms.log.authorizationsOf('/photos/1.png');
    assert.match(first ?? '', /^Bearer ./);

    await new Promise((resolve) => setTimeout(resolve, TOKEN_S * 1000 + 1100));
    assert.equal(await tab.evaluate(showImage, `${realm}2.png`), true, 'after a refresh');
    const [refused, renewed, ...others] = realms.log.authorizationsOf('/photos/2.png');
    assert.deepEqual([refused, others], [first, []]);
    assert.notEqual(renewed, first);

    await tab.evaluate(() => /** @type {any} */ (globalThis).manager.removeUser());
    assert.equal(await tab.evaluate(showImage, `${realm}3.png`), false, 'after the logout');
    assert.deepEqual([...new Set(realms.log.authorizationsOf('/photos/3.png'))], [undefined]);
  });
});
