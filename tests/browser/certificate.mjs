// Makes a self-signed certificate for https://localhost. Each run makes its own, and its browsers accept it.
import { execFileSync } from 'node:child_process';
import { X509Certificate, createHash } from 'node:crypto';

/** @type {{key: string, cert: string} | undefined} */
let made;

/** Returns what a server of this run needs. */
export function certificate() {
  if (!made) {
    const how =
      'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost -keyout - -out -';
    const extension = ['-addext', 'subjectAltName=DNS:localhost'];
    const pem = execFileSync('openssl', [...how.split(' '), ...extension], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    made = { key: pem, cert: pem.slice(pem.indexOf('-----BEGIN CERTIFICATE')) };
  }
  return made;
}

/** Returns the hash of the certificate's public key. Chromium knows it by that hash. */
export function certificateHash() {
  const { publicKey } = new X509Certificate(certificate().cert);
  return createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest('base64');
}
