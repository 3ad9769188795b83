// The published packages beside each other, as a stranger has them: packed, installed by npm into an empty folder, and used
// from TypeScript that checks libraries too. The client has a copy of the protocol in itself; nobody should notice.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const run = promisify(execFile);
const root = fileURLToPath(new URL('..', import.meta.url));
const packed = ['packages/protocol', 'packages/client', 'packages/hop', 'test-broker'];
/** An old one, the repository's own, and the newest. */
const COMPILERS = ['5.4.5', '5.9.3', '7.0.2'];

const skipped = await reasonToSkip();

async function reasonToSkip(): Promise<string> {
  const unbuilt = packed.find((folder) => !existsSync(join(root, folder, 'dist/index.d.ts')));
  if (unbuilt) return ` [skipped: ${unbuilt} is not built; pnpm build makes it]`;
  const ask = ['view', `typescript@${COMPILERS[0]}`, 'version', '--fetch-retries=0', '--fetch-timeout=10000'];
  const answer = await run('npm', ask).catch(() => null);
  return answer === null ? ' [skipped: no registry of npm can be reached]' : '';
}

const USE = `import { ApiVersions, type Api, createClient, Errors, Fetch, Metadata, Produce } from '@hopwire/client';
import * as protocol from '@hopwire/protocol';
import { TestBroker, type VerbAction } from '@hopwire/test-broker';

export async function use(): Promise<void> {
  const broker = await TestBroker.start({ topics: { t: 1 } });
  const kafka = createClient({ brokers: broker.bootstrap });
  broker.on(Produce, { handleThen: 'kill' });
  broker.on(Fetch, { errorCode: Errors.NOT_LEADER_OR_FOLLOWER }, { times: 3 });
  broker.on(protocol.Heartbeat, (request) => (request.generationId > 1 ? 'swallow' : 'pass'), { always: true });
  broker.on(Metadata, 'swallow', { when: (request, place) => request.topics === null && place.nodeId === 1 });
  broker.off(Produce);
  const action: VerbAction<protocol.ApiVersionsResponse> = { change: (answer) => answer };
  broker.on(ApiVersions, action);
  const software = { clientSoftwareName: 'a', clientSoftwareVersion: '1', clusterId: null, nodeId: -1 };
  const answer: protocol.ApiVersionsResponse = await kafka.request(protocol.ApiVersions, software);
  const { groups } = await kafka.request(protocol.ListGroups, { statesFilter: [], typesFilter: [] });
  const first: string | undefined = groups[0]?.groupId;
  for (const api of protocol.apis) await kafka.request(api, {});
  const ours: protocol.Api<protocol.ApiVersionsRequest, protocol.ApiVersionsResponse> = ApiVersions;
  const theirs: Api<protocol.ApiVersionsRequest, protocol.ApiVersionsResponse> = protocol.ApiVersions;
  console.log(answer, first, ours, theirs, protocol.decodeResponse(ApiVersions, 5, Buffer.alloc(0)).errorCode);
}
`;

/** How projects are set up: with what flags, for which files. */
const PROJECTS = [
  ['node16', '--module node16 --moduleResolution node16', ['use.ts', 'use.cts']],
  ['nodenext, optional properties exact', '--module nodenext --exactOptionalPropertyTypes', ['use.ts', 'use.cts']],
  ['a bundler', '--module esnext --moduleResolution bundler', ['use.ts']],
  [
    'a bundler, strictest',
    '--module esnext --moduleResolution bundler --exactOptionalPropertyTypes --noUncheckedIndexedAccess --verbatimModuleSyntax --isolatedModules',
    ['use.ts'],
  ],
] as const;

describe.skipIf(skipped)(`The published packages fit together${skipped}`, () => {
  let folder: string;
  const npm = (...args: string[]): Promise<unknown> =>
    run('npm', [...args, '--prefer-offline', '--no-audit', '--no-fund'], { cwd: folder });

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hopwire-together-'));
    for (const name of packed) {
      await run('npx', ['-y', 'pnpm@10', 'pack', '--pack-destination', folder], { cwd: join(root, name) });
    }
    const tarballs = (await readdir(folder)).filter((name) => name.endsWith('.tgz'));
    await writeFile(join(folder, 'package.json'), '{ "type": "module", "private": true }');
    const compilers = COMPILERS.map((version) => `ts${version}@npm:typescript@${version}`);
    await npm('install', ...tarballs.map((name) => `./${name}`), '@types/node@20', ...compilers);
    for (const name of ['use.ts', 'use.cts']) await writeFile(join(folder, name), USE);
  }, 300_000);
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it.each(
    COMPILERS.flatMap((version) => PROJECTS.map(([name, flags, files]) => [version, name, flags, files] as const)),
  )(
    'in TypeScript %s: %s',
    async (version, _, flags, files) => {
      const strict = '--strict --noEmit --target es2022 --lib es2022,esnext.disposable --types node';
      const tsc = join(folder, `node_modules/ts${version}/bin/tsc`);
      const args = [tsc, ...strict.split(' '), ...flags.split(' '), ...files];
      const said = await run(process.execPath, args, { cwd: folder }).catch((error: { stdout?: string }) => error);
      expect(said.stdout).toBe('');
    },
    120_000,
  );

  it("a client's API sets a verb of the broker, and any API of the protocol is asked by the client", async () => {
    const code = `import { ApiVersions, createClient, Errors, Produce } from '@hopwire/client';
import * as protocol from '@hopwire/protocol';
import { TestBroker } from '@hopwire/test-broker';
const broker = await TestBroker.start({ topics: { t: 1 } });
const kafka = createClient({ brokers: broker.bootstrap });
broker.on(Produce, { errorCode: Errors.MESSAGE_TOO_LARGE }, { always: true });
const sent = await kafka.producer().send({ topic: 't', value: 'v' }).catch(({ name }) => name);
const none = { includeClusterAuthorizedOperations: false, includeTopicAuthorizedOperations: false };
const asked = { topics: null, allowAutoTopicCreation: false, ...none };
const { topics } = await kafka.request(protocol.Metadata, asked, { version: 9 });
const refusal = Buffer.from('00000007002300000001001200000004', 'hex');
const { errorCode, apiKeys } = protocol.decodeResponseMessage(ApiVersions, 5, refusal);
console.log(sent, topics[0].name, errorCode, apiKeys[0].maxVersion);
await kafka.close();
await broker.close();`;
    const { stdout } = await run(process.execPath, ['--input-type=module', '-e', code], { cwd: folder });
    expect(stdout).toBe('DeliveryError t 35 4\n');
  }, 60_000);
});
