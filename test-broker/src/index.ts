// Public names of @hopwire/test-broker.
export type { Denials } from './embedded/access.ts';
export type { Exchange } from './embedded/exchange.ts';
export type { ListenerName } from './embedded/listener.ts';
export type { TestBrokerOptions } from './embedded/options.ts';
export { type GroupDescription, type NewRecord, TestBroker } from './embedded/test-broker.ts';
export { type Certificates, makeCertificates } from './harness/certificates.ts';
export { SERVE_HELP, type ServeOptions, serve } from './serve.ts';
export type { RequestPlace, Verb, VerbAction, VerbOptions } from './verbs.ts';
