// A login server: oidc-provider with its own pages for development. It accepts any name and password.
// @ts-expect-error It has no types.
import { Provider } from 'oidc-provider';

/**
 * @param {string} issuer the server's own URL
 * @param {string} app origin of the app
 * @param {number} tokenSeconds how long an access token is valid
 */
export const makeProvider = (issuer, app, tokenSeconds) =>
  new Provider(issuer, {
    clients: [
      {
        client_id: 'app',
        token_endpoint_auth_method: 'none',
        redirect_uris: [`${app}/callback`],
        grant_types: ['authorization_code', 'refresh_token'],
        application_type: 'native',
      },
    ],
    clientBasedCORS: () => true,
    ttl: { AccessToken: tokenSeconds, Session: 600, Grant: 600, Interaction: 600, IdToken: 600, RefreshToken: 600 },
    issueRefreshToken: async () => true,
  });
