import { isTesting } from '@embroider/macros';
import window from 'ember-window-mock';
import * as auth from 'auth-service-worker';

const withStorage = (services) => ({ ...services, storage: window.localStorage });
export * from 'auth-service-worker';
export const createTokenRequestHandler = (services) => auth.createTokenRequestHandler(withStorage(services));
export const registerAuthServiceWorker = (services) =>
  auth.registerAuthServiceWorker({ ...withStorage(services), isEnabled: !isTesting() });
