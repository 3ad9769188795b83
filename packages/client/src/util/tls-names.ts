// The options of Node's tls.connect and tls.createSecureContext: a name that is nearly one of these is a mistake, and others
// may be newer than we are. https://nodejs.org/api/tls.html#tlsconnectoptions-callback

export const TLS_NAMES: readonly string[] = [
  ...['ca', 'cert', 'key', 'passphrase', 'pfx', 'crl', 'servername', 'rejectUnauthorized', 'checkServerIdentity'],
  ...['minVersion', 'maxVersion', 'secureProtocol', 'ciphers', 'honorCipherOrder', 'sigalgs', 'ecdhCurve', 'dhparam'],
  ...['ALPNProtocols', 'ALPNCallback', 'SNICallback', 'secureContext', 'secureOptions', 'session', 'sessionTimeout'],
  ...['sessionIdContext', 'ticketKeys', 'minDHSize', 'requestOCSP', 'requestCert', 'isServer', 'server', 'enableTrace'],
  ...['pskCallback', 'pskIdentityHint', 'clientCertEngine', 'privateKeyEngine', 'privateKeyIdentifier', 'timeout'],
  ...['handshakeTimeout', 'highWaterMark', 'allowPartialTrustChain', 'allowHalfOpen', 'maxFragment', 'host', 'port'],
  ...['path', 'socket', 'lookup', 'localAddress', 'localPort', 'family', 'hints', 'keepAlive', 'noDelay'],
];
