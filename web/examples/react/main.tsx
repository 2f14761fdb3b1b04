import { clearServiceWorkerTokens, registerAuthServiceWorker, syncAllTokensToServiceWorker } from 'auth-service-worker';
import { useState } from 'react';
import { createRoot } from 'react-dom/client';

const REALM = 'https://realm.example/photos/';

const readTokens = (): Record<string, string> => JSON.parse(localStorage.getItem('tokens') ?? '{}');

// Outside of the components this runs once, before the first image is rendered.
registerAuthServiceWorker({ tokens: readTokens });

function App() {
  const [isLoggedIn, setLoggedIn] = useState(REALM in readTokens());

  const logIn = () => {
    const tokens = { [REALM]: 'example-token' }; // Your login server makes it.
    localStorage.setItem('tokens', JSON.stringify(tokens));
    syncAllTokensToServiceWorker(tokens);
    setLoggedIn(true);
  };
  const logOut = () => {
    localStorage.removeItem('tokens');
    clearServiceWorkerTokens();
    setLoggedIn(false);
  };

  if (!isLoggedIn)
    return (
      <button type="button" onClick={logIn}>
        Log in
      </button>
    );
  return (
    <>
      <button type="button" onClick={logOut}>
        Log out
      </button>
      <img src={`${REALM}cat.png`} alt="" />
    </>
  );
}

createRoot(document.querySelector('#app') as HTMLElement).render(<App />);
