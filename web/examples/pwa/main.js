import { registerAuthServiceWorker, syncAllTokensToServiceWorker } from 'auth-service-worker';

registerAuthServiceWorker({
  workerURL: '/sw.js',
  type: 'module',
  tokens: () => JSON.parse(localStorage.getItem('tokens') ?? '{}'),
});

document.querySelector('#log-in').onclick = () => {
  const tokens = { 'https://realm.example/photos/': 'example-token' }; // Your login server makes it.
  localStorage.setItem('tokens', JSON.stringify(tokens));
  syncAllTokensToServiceWorker(tokens);
};
