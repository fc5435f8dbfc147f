import {execFileSync} from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

const settings = `[ req ]
distinguished_name = dn
prompt = no
[ dn ]
CN = Test TSA
[ ext ]
extendedKeyUsage = critical,timeStamping
basicConstraints = CA:TRUE
[ tsa ]
default_tsa = t
[ t ]
serial = ./serial
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
`;

/** A time stamp authority of our own (RFC 3161), in a directory: its certificate, and what it answers a request with. */
export function makeAuthority(directory: string, name = 'tsa'): {ca: string; reply(request: string): Buffer} {
  const at = path.join(directory, name);
  fs.mkdirSync(at);
  fs.writeFileSync(`${at}/cnf`, settings);
  fs.writeFileSync(`${at}/serial`, '01\n');
  const openssl = (...args: string[]) =>
    execFileSync('openssl', args, {cwd: at, stdio: ['ignore', 'pipe', 'ignore']});
  const key = ['-newkey', 'rsa:2048', '-nodes', '-keyout', 'key', '-out', 'ca.pem', '-days', '30'];
  openssl('req', '-x509', ...key, '-config', 'cnf', '-extensions', 'ext');
  const signer = ['-signer', 'ca.pem', '-inkey', 'key', '-config', 'cnf', '-section', 't'];
  return {ca: `${at}/ca.pem`, reply: (request) => openssl('ts', '-reply', '-queryfile', request, ...signer)};
}
