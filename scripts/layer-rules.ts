// The arrows: what each package may import, and which way imports point inside `protocol` and `client`.
// A rule is loosened here, with its reason, or not at all.
import { builtinModules } from 'node:module';
import { posix } from 'node:path';
import { type Import, importsOf } from './imports.ts';
import { isTest, type Source } from './source-tree.ts';

/** An allowed import from outside the package. */
interface Outside {
  /** Package name, or `node:` and the name of a built-in module; `node:*` is every one of them. */
  readonly name: string;
  /** Only from files whose path inside `src/` begins so. */
  readonly only?: readonly string[];
  /** Only as `import('...')`, when the user asks for it. */
  readonly dynamic?: true;
}

interface PackageRule {
  readonly name: string;
  readonly outside: readonly Outside[];
  /** Folder (or file) in `src/` -> those it may import; what they import may be imported too. */
  readonly layers?: Readonly<Record<string, readonly string[]>>;
}

const any = (...names: string[]): Outside[] => names.map((name) => ({ name }));

/** By folder. */
export const rules: Readonly<Record<string, PackageRule>> = {
  'packages/protocol': {
    name: '@hopwire/protocol',
    outside: [
      ...any('node:buffer'),
      { name: 'node:zlib', only: ['records/compression/'] },
      { name: '@noble/hashes', only: ['sasl/'] },
    ],
    layers: {
      'version-range': [],
      errors: ['version-range'],
      'error-codes': [],
      constants: [],
      steps: [],
      wire: ['errors'],
      api: ['wire'],
      records: ['wire', 'steps'],
      group: ['wire'],
      sasl: ['wire'],
      apis: ['api', 'constants', 'error-codes', 'records', 'group'],
      frame: ['apis'],
      index: ['frame', 'sasl'],
    },
  },
  'packages/client': {
    name: '@hopwire/client',
    // node:util for promisify: pure, like the language.
    outside: any(
      '@hopwire/protocol',
      'node:net',
      'node:tls',
      'node:crypto',
      'node:diagnostics_channel',
      'node:events',
      'node:util',
    ),
    layers: {
      types: [],
      version: [],
      thrown: [],
      errors: ['types', 'thrown'],
      events: ['types'],
      diagnostics: ['events'],
      util: ['errors', 'events', 'diagnostics'],
      sasl: ['util'],
      'options-producer': ['sasl'],
      'consumer-record': ['types'],
      'options-consumer': ['sasl', 'consumer-record'],
      options: ['options-producer', 'options-consumer'],
      network: ['options', 'version'],
      cluster: ['network'],
      producer: ['cluster'],
      group: ['cluster'],
      consumer: ['group'],
      admin: ['cluster'],
      share: ['cluster'],
      telemetry: ['cluster'],
      kafka: ['producer', 'consumer', 'admin', 'share', 'telemetry'],
      index: ['kafka'],
      compat: ['index'],
    },
  },
  'packages/hop': {
    name: '@hopwire/hop',
    outside: any(
      '@hopwire/client',
      'node:*',
      'avsc',
      'fast-xml-parser',
      'proper-lockfile',
      'saxes',
      'smol-toml',
      'uuid',
      'bson',
    ),
  },
  'packages/cli': {
    name: '@hopwire/cli',
    outside: [
      ...any('@hopwire/hop', '@hopwire/client', 'node:*', 'commander', '@clack/prompts', 'picocolors'),
      // `commands/wire` imports `wire/` only when asked for.
      { name: '@hopwire/protocol', only: ['wire/'] },
      { name: '@hopwire/test-broker', only: ['commands/broker', 'commands/conformance'], dynamic: true },
    ],
  },
  'test-broker': {
    name: '@hopwire/test-broker',
    outside: [
      ...any('@hopwire/protocol', 'node:*', '@peculiar/x509', 'reflect-metadata'),
      { name: 'testcontainers', dynamic: true },
      { name: '@testcontainers/kafka', dynamic: true },
    ],
  },
  // It replaces the seams of both, so it may look inside them.
  simulator: {
    name: '@hopwire/simulator',
    outside: [
      ...any('@hopwire/client', '@hopwire/protocol', '@hopwire/test-broker', 'node:*'),
      { name: 'esbuild', only: ['mutations/'] },
    ],
  },
};

const builtins: ReadonlySet<string> = new Set(builtinModules);

/** One line for each import that points against an arrow. Tests are left out. */
export function violationsOf(folder: string, sources: readonly Source[]): string[] {
  const rule = rules[folder];
  if (!rule) return [`${folder}: no rules in scripts/layer-rules.ts`];
  const src = `${folder}/src/`;
  return sources
    .filter(({ path }) => path.startsWith(src) && !isTest(path))
    .flatMap((source) => {
      const inside = source.path.slice(src.length);
      const found = importsOf(source).map((one) => [one, objectionTo(rule, inside, one)] as const);
      return found.flatMap(([one, reason]) => (reason ? [`${source.path}:${one.line}: ${reason}`] : []));
    });
}

function objectionTo(rule: PackageRule, inside: string, one: Import): string | undefined {
  if (one.specifier.startsWith('.')) return rule.layers && insideObjection(rule.layers, inside, one.specifier);
  return outsideObjection(rule, inside, one);
}

function outsideObjection(rule: PackageRule, inside: string, one: Import): string | undefined {
  const name = packageNameOf(one.specifier);
  // Types of Node cost nothing at run time and need no leave.
  if (name.startsWith('node:') && one.typeOnly) return undefined;
  const allowed = rule.outside.find((o) => o.name === name || (o.name === 'node:*' && name.startsWith('node:')));
  if (!allowed) return `${rule.name} must not import ${one.specifier}`;
  if (allowed.only && !allowed.only.some((start) => inside.startsWith(start))) {
    return `${one.specifier} may be imported only in ${allowed.only.join(', ')}`;
  }
  if (allowed.dynamic && !one.dynamic && !one.typeOnly) {
    return `${one.specifier} may be imported only when asked for: await import('${one.specifier}')`;
  }
  return undefined;
}

function packageNameOf(specifier: string): string {
  if (specifier.startsWith('node:') || builtins.has(specifier)) return `node:${specifier.replace(/^node:/, '')}`;
  const parts = specifier.split('/');
  return parts.slice(0, specifier.startsWith('@') ? 2 : 1).join('/');
}

function insideObjection(
  layers: Readonly<Record<string, readonly string[]>>,
  inside: string,
  specifier: string,
): string | undefined {
  const target = posix.join(posix.dirname(inside), specifier);
  if (target.startsWith('..')) return `${specifier} leaves the package: import it by its name`;
  const from = layerOf(inside);
  const to = layerOf(target);
  for (const layer of [from, to]) if (!layers[layer]) return `${layer} is no layer in scripts/layer-rules.ts`;
  return from === to || reaches(layers, from, to) ? undefined : `${from} must not import ${to} (${specifier})`;
}

function layerOf(inside: string): string {
  return (inside.split('/')[0] ?? inside).replace(/\.ts$/, '');
}

function reaches(layers: Readonly<Record<string, readonly string[]>>, from: string, to: string): boolean {
  return (layers[from] ?? []).some((next) => next === to || reaches(layers, next, to));
}
