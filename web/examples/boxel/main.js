// These services are Boxel's own: they know the realms and log in to them.
import { registerAuthServiceWorker, syncTokenToServiceWorker } from './auth-service-worker-registration';

const REALM = 'https://realm.example/photos/';

const realmService = {
  realmOf: (url) => (url.href.startsWith(REALM) ? REALM : undefined),
  async reauthenticate(realmURL) {
    const token = 'example-token'; // The realm's server makes it.
    const session = JSON.parse(localStorage.getItem('boxel-session') ?? '{}');
    localStorage.setItem('boxel-session', JSON.stringify({ ...session, [realmURL]: token }));
    syncTokenToServiceWorker(realmURL, token);
    return token;
  },
};
const matrixService = { isLoggedIn: true };

registerAuthServiceWorker({ realmService, matrixService });

// Boxel logs in to a realm before it shows its files.
await realmService.reauthenticate(REALM);
document.body.append(Object.assign(new Image(), { src: `${REALM}cat.png` }));
