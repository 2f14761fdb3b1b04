import { isTesting } from '@embroider/macros';
import window from 'ember-window-mock';
import * as auth from 'auth-service-worker';
import { SessionLocalStorageKey } from './local-storage-keys';

type Tokens = Record<string, string | undefined>;
export type AuthServiceWorkerDeps = auth.AuthServiceWorkerDeps & {
  realmService: { realms?: ReadonlyMap<string, { readonly token: string | undefined }> };
};

// A refresh of one realm leaves only its token in storage. The service has the tokens of the others.
const withTokens = (services: AuthServiceWorkerDeps) => ({
  ...services,
  // Boxel's function logs out of the realm first. While a server is down, this would only lose the session.
  reauthenticate: (realmURL: string, cause: auth.RefreshCause) =>
    cause.reason === 'unreachable' ? undefined : services.realmService.reauthenticate(realmURL, cause),
  tokens: (): Tokens | undefined => {
    const stored = window.localStorage.getItem(SessionLocalStorageKey);
    if (!stored) return undefined;
    const known = [...(services.realmService.realms ?? [])].map(([realmURL, { token }]) => [realmURL, token]);
    return { ...Object.fromEntries(known), ...JSON.parse(stored) };
  },
});
export const createTokenRequestHandler = (services: AuthServiceWorkerDeps) =>
  auth.createTokenRequestHandler(withTokens(services));

// As before, tests of the app have no auth service worker.
export const isServiceWorkerSupported = () => !isTesting() && auth.isServiceWorkerSupported();
export async function registerAuthServiceWorker(services: AuthServiceWorkerDeps): Promise<void> {
  if (!isTesting()) await auth.registerAuthServiceWorker(withTokens(services));
}
export function syncTokenToServiceWorker(realmURL: string, token: string | undefined): void {
  if (!isTesting()) auth.syncTokenToServiceWorker(realmURL, token);
}
export function syncAllTokensToServiceWorker(tokens: Record<string, string>): void {
  if (!isTesting()) auth.syncAllTokensToServiceWorker(tokens);
}
export function clearServiceWorkerTokens(): void {
  if (!isTesting()) auth.clearServiceWorkerTokens();
}
