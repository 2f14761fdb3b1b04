import { registerAuthServiceWorker } from 'auth-service-worker';
import { fromUserManager } from 'auth-service-worker/adapters';
import { UserManager, WebStorageStateStore } from 'oidc-client-ts';

const REALM = 'https://realm.example/photos/';

const manager = new UserManager({
  authority: 'https://login.example',
  client_id: 'app',
  redirect_uri: `${location.origin}/callback`,
  scope: 'openid offline_access',
  prompt: 'consent',
  // The adapter renews a token when an image needs it.
  automaticSilentRenew: false,
  userStore: new WebStorageStateStore({ store: localStorage }),
});

document.querySelector('#log-out').onclick = () => manager.removeUser();

if (location.pathname === '/callback') {
  await manager.signinRedirectCallback();
  location.replace('/');
} else if (!(await manager.getUser())) {
  await manager.signinRedirect();
} else {
  await registerAuthServiceWorker(fromUserManager(REALM, manager));
  document.querySelector('#image').src = `${REALM}cat.png`;
}
