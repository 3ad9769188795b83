// Certificates for tests: one authority that signs a broker and a client, and another one that signs a stranger.
// EC keys (P-256), PKCS#8 in PEM; the broker's names are localhost, 127.0.0.1 and ::1.
import { webcrypto } from 'node:crypto';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const YEAR_MS = 365 * 24 * 3600 * 1000;
const DAY_MS = 24 * 3600 * 1000;

/** PEM texts. */
export interface Certificates {
  readonly ca: string;
  readonly brokerCert: string;
  readonly brokerKey: string;
  readonly clientCert: string;
  readonly clientKey: string;
  /** An authority the broker does not know, and a client it signed. */
  readonly otherCa: string;
  readonly otherClientCert: string;
  readonly otherClientKey: string;
}

interface Issued {
  readonly cert: string;
  readonly key: string;
}

interface Wanted {
  readonly name: string;
  readonly usage: 'server' | 'client';
}

type X509 = typeof import('@peculiar/x509');

/** Makes all of them anew. The library is loaded on demand: brokers without TLS start faster. */
export async function makeCertificates(): Promise<Certificates> {
  await import('reflect-metadata');
  const x509 = await import('@peculiar/x509');
  x509.cryptoProvider.set(webcrypto);
  const [authority, other] = await Promise.all([
    newAuthority(x509, 'hopwire test CA'),
    newAuthority(x509, 'another CA'),
  ]);
  const [broker, client, stranger] = await Promise.all([
    authority.issue({ name: 'localhost', usage: 'server' }),
    authority.issue({ name: 'client', usage: 'client' }),
    other.issue({ name: 'stranger', usage: 'client' }),
  ]);
  return {
    ca: authority.cert,
    brokerCert: broker.cert,
    brokerKey: broker.key,
    clientCert: client.cert,
    clientKey: client.key,
    otherCa: other.cert,
    otherClientCert: stranger.cert,
    otherClientKey: stranger.key,
  };
}

interface Authority {
  readonly cert: string;
  readonly issue: (wanted: Wanted) => Promise<Issued>;
}

async function newAuthority(x509: X509, name: string): Promise<Authority> {
  const keys = await newKeys();
  const authority = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: newSerial(),
    name: `CN=${name}`,
    ...validity(),
    keys,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.BasicConstraintsExtension(true, 1, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  const issue = (wanted: Wanted): Promise<Issued> => issueWith(x509, keys.privateKey, authority, wanted);
  return { cert: authority.toString('pem'), issue };
}

async function issueWith(
  x509: X509,
  signingKey: webcrypto.CryptoKey,
  authority: InstanceType<X509['X509Certificate']>,
  { name, usage }: Wanted,
): Promise<Issued> {
  const keys = await newKeys();
  const { serverAuth, clientAuth } = x509.ExtendedKeyUsage;
  const names = [
    { type: 'dns', value: 'localhost' },
    { type: 'ip', value: '127.0.0.1' },
    { type: 'ip', value: '::1' },
  ] as const;
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: newSerial(),
    subject: `CN=${name}`,
    issuer: authority.subject,
    ...validity(),
    publicKey: keys.publicKey,
    signingKey,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([usage === 'server' ? serverAuth : clientAuth]),
      await x509.AuthorityKeyIdentifierExtension.create(authority),
      ...(usage === 'server' ? [new x509.SubjectAlternativeNameExtension([...names])] : []),
    ],
  });
  return { cert: certificate.toString('pem'), key: await pemOf(keys.privateKey) };
}

function newKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
}

async function pemOf(key: webcrypto.CryptoKey): Promise<string> {
  const base64 = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', key)).toString('base64');
  const lines = base64.match(/.{1,64}/g) ?? [];
  return `-----BEGIN PRIVATE KEY-----\n${lines.join('\n')}\n-----END PRIVATE KEY-----\n`;
}

/** Positive, so without the highest bit. */
function newSerial(): string {
  return `4${Buffer.from(webcrypto.getRandomValues(new Uint8Array(15))).toString('hex')}`.padEnd(32, '0');
}

/** From yesterday on, for clocks that differ. */
function validity(): { notBefore: Date; notAfter: Date } {
  return { notBefore: new Date(Date.now() - DAY_MS), notAfter: new Date(Date.now() + YEAR_MS) };
}
