// What a SASL mechanism is. Public, so that Kerberos or cloud signers can be small packages of others.

/** What an exchange may use of the connection. */
export interface SaslExchange {
  /** Host the client asked for. */
  readonly host: string;
  readonly port: number;
  /** Sends one token and resolves with the broker's answer. */
  send(token: Buffer): Promise<Buffer>;
}

/** One way to prove who we are, as a value: `sasl: scramSha512({ username, password })`. */
export interface SaslMechanism {
  /** As the broker lists it, e.g. `SCRAM-SHA-512`. */
  readonly name: string;
  /** Resolves when both sides are satisfied. Secrets must appear in no error. */
  authenticate(exchange: SaslExchange): Promise<void>;
}

/** A value, or a function that is asked for it anew at each login. */
export type Credential = string | (() => string | Promise<string>);
