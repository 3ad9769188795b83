// One credential: who we are for which broker, and how we prove it.
import { CredentialError } from '../errors.ts';
import { parseHost } from '../kafka-url.ts';
import { withoutPassword } from '../masked.ts';

export const mechanisms = ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512', 'OAUTHBEARER'] as const;
export type Mechanism = (typeof mechanisms)[number];

export interface AuthOptions {
  user: string;
  password?: string;
  /** `host` or `host:port`; none: fits every broker. */
  host?: string;
  /** False: plain TCP. */
  ssl?: boolean;
  /** SASL mechanism, dashes or underscores, any case. */
  method?: string;
  tokenEndpoint?: string;
  sslCaLocation?: string;
  /** Profile name, for `--profile`. */
  name?: string;
  scope?: string;
  tokenCommand?: string;
  /** Further keys of the file; kept when it is rewritten. */
  others?: Readonly<Record<string, unknown>>;
}

/**
 * A credential. What may be or hold a secret (the password, keys that we do not know, a token's address and command) lies in
 * private fields behind getters, which neither `inspect` nor JSON shows.
 */
export class Auth {
  readonly username: string;
  readonly hostname: string | undefined;
  readonly ssl: boolean;
  readonly mechanism: Mechanism;
  readonly sslCaLocation: string | undefined;
  readonly name: string | undefined;
  readonly scope: string | undefined;
  readonly #password: string;
  readonly #tokenEndpoint: string | undefined;
  readonly #tokenCommand: string | undefined;
  readonly #others: Readonly<Record<string, unknown>>;

  constructor(options: AuthOptions) {
    if (!options.user) throw new CredentialError('a credential needs a username');
    this.username = options.user;
    this.#password = options.password ?? '';
    this.hostname = options.host ? checkedHost(options.host) : undefined;
    this.ssl = options.ssl ?? true;
    this.#tokenEndpoint = options.tokenEndpoint || undefined;
    this.#tokenCommand = options.tokenCommand || undefined;
    const implied = this.tokenEndpoint || this.tokenCommand ? 'OAUTHBEARER' : 'SCRAM-SHA-512';
    this.mechanism = options.method ? mechanismNamed(options.method) : implied;
    this.sslCaLocation = options.sslCaLocation || undefined;
    this.name = options.name || undefined;
    this.scope = options.scope || undefined;
    this.#others = options.others ?? {};
  }

  get password(): string {
    return this.#password;
  }

  get tokenEndpoint(): string | undefined {
    return this.#tokenEndpoint;
  }

  get tokenCommand(): string | undefined {
    return this.#tokenCommand;
  }

  /** Further keys of the file. */
  get others(): Readonly<Record<string, unknown>> {
    return this.#others;
  }

  get protocol(): 'SASL_SSL' | 'SASL_PLAINTEXT' {
    return this.ssl ? 'SASL_SSL' : 'SASL_PLAINTEXT';
  }

  equals(other: Auth): boolean {
    return JSON.stringify([this, this.#hidden]) === JSON.stringify([other, other.#hidden]);
  }

  get #hidden(): unknown {
    return [this.#password, this.#tokenEndpoint ?? null, this.#tokenCommand ?? null, this.#others];
  }

  /** Who and where, for people: `user` or `user for host`. */
  describe(): string {
    return this.hostname === undefined ? this.username : `${this.username} for ${this.hostname}`;
  }
}

/** The mechanism a text means. Throws CredentialError with the choices. */
export function mechanismNamed(text: string): Mechanism {
  const wanted = text.toUpperCase().replaceAll('_', '-');
  const found = mechanisms.find((name) => name === wanted);
  if (!found) {
    throw new CredentialError(`unknown mechanism ${JSON.stringify(text)}; choose from ${mechanisms.join(', ')}`);
  }
  return found;
}

function checkedHost(host: string): string {
  const shown = withoutPassword(host);
  try {
    parseHost(host, shown);
  } catch (cause) {
    throw new CredentialError(`bad hostname ${JSON.stringify(shown)}; host or host:port is expected`, { cause });
  }
  return host;
}
